import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections (32,768 and up on Linux, 49,152 on macOS), so that
 * a port which a test has closed for a while is not taken by a passing connection; and so that the bus of a cluster
 * node, 10,000 higher, stays below them as well.
 */
const LOWEST = 10_000;
const HIGHEST = 22_000;
const BUS_OFFSET = 10_000;

/**
 * Each worker of vitest, and what runs outside of them, has ports of its own: one that a test has closed for a while, to
 * open it again or to find nobody there, is not given to the server of a test that runs at the same time.
 */
const SHARES = 4;
const SHARE = (HIGHEST - LOWEST) / SHARES;
const FIRST = LOWEST + (Number(process.env['VITEST_POOL_ID'] ?? 0) % SHARES) * SHARE;

/** Ports that were handed out to this test file, whose owners may be away and come back. */
const handedOut = new Set<number>();

/** Some port of the range, another one each time; it may be taken. */
export function somePort(): number {
  let port = randomInt(FIRST, FIRST + SHARE);
  while (handedOut.has(port) && handedOut.size < SHARE) port = port + 1 < FIRST + SHARE ? port + 1 : FIRST;
  handedOut.add(port);
  return port;
}

/** A port that nobody listens on right now; with `bus`, the cluster bus port that goes with it is free too. */
export async function freePort(options: { readonly bus?: boolean } = {}): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = somePort();
    if (!(await isFree(port))) continue;
    if (options.bus && !(await isFree(port + BUS_OFFSET))) continue;
    return port;
  }
  throw new Error(`Found no free port between ${FIRST} and ${FIRST + SHARE}`);
}

/** Listens on loopback; resolves to whether it could, `false` when the port is taken. */
export function listen(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      server.off('listening', onListening);
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    };
    const onListening = () => {
      server.off('error', onError);
      resolve(true);
    };
    server.once('error', onError);
    server.once('listening', onListening);
    server.listen({ host: '127.0.0.1', port, exclusive: true });
  });
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  if (!(await listen(probe, port))) return false;
  await new Promise((resolve) => probe.close(resolve));
  return true;
}
