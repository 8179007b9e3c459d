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

/** Some port of the range; it may be taken. */
export function somePort(): number {
  return randomInt(LOWEST, HIGHEST);
}

/** A port that nobody listens on right now; with `bus`, the cluster bus port that goes with it is free too. */
export async function freePort(options: { readonly bus?: boolean } = {}): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = somePort();
    if (!(await isFree(port))) continue;
    if (options.bus && !(await isFree(port + BUS_OFFSET))) continue;
    return port;
  }
  throw new Error(`Found no free port between ${LOWEST} and ${HIGHEST}`);
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
