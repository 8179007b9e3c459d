import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type RedisClient } from '../../src/index.js';

/** The argument of `connect`: an address, or the nodes of a cluster. */
export type Where = string | readonly string[];

/** The Redis of a run. Disposing of it closes the client, and stops the server if it was started for the run. */
export interface DemoRedis extends AsyncDisposable {
  /** A title for people. */
  readonly title: string;
  readonly where: Where;
  /** Whether other processes can reach it. */
  readonly shared: boolean;
  readonly client: RedisClient & { disconnect(): void };
}

/** Opens a client whose errors are reported by its calls only, after a short deadline. */
export function openClient(where: Where): DemoRedis['client'] {
  const options = { deadline: 5_000 };
  const client = typeof where === 'string' ? connect(where, options) : connect(where, options);
  client.on('error', () => {});
  return client;
}

/** Chooses the Redis of REDIS_URL, else a scratch redis-server, else (or with `memory`) one inside this process. */
export async function chooseRedis(memory: boolean, url = process.env['REDIS_URL'] ?? ''): Promise<DemoRedis> {
  if (memory) return use('the embedded client, in this process (--memory)', 'memory:');
  if (url !== '') {
    const nodes = url.split(',').map((node) => node.trim());
    if (nodes.length === 1) return use('the server at REDIS_URL', url);
    return use('the cluster at REDIS_URL', nodes.filter(Boolean));
  }
  if (spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status !== 0) {
    return use(
      'the embedded client, in this process: there is no redis-server on the PATH\n' +
        '       (get one with "apt-get install redis-server" or "brew install redis", or set REDIS_URL)',
      'memory:',
    );
  }
  const server = await startScratchServer();
  return use(`a scratch redis-server on ${server.address}`, `redis://${server.address}`, server.stop);
}

function use(title: string, where: Where, stop: () => Promise<void> = async () => {}): DemoRedis {
  const client = openClient(where);
  return {
    title,
    where,
    shared: where !== 'memory:',
    client,
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await stop();
    },
  };
}

interface ScratchServer {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/** Starts a redis-server on a free port of the loopback interface, without persistence. */
async function startScratchServer(): Promise<ScratchServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const dir = await mkdtemp(join(tmpdir(), 'redimap-demo-'));
    const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'];
    // It gets a process group of its own, so that Ctrl-C does not end it before the workers have removed their keys.
    const server = spawn('redis-server', fixed, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
    const kill = (): void => void server.kill('SIGKILL');
    process.once('exit', kill);
    const stop = async (): Promise<void> => {
      kill();
      await ended;
      process.off('exit', kill);
      await rm(dir, { recursive: true, force: true });
    };
    const log = await readUntilReady(server);
    if (log === undefined) return { address: `127.0.0.1:${port}`, stop };
    await stop();
    // Somebody else may have taken the port since it was found free.
    if (attempt === 5 || !log.includes('in use')) throw new Error(`redis-server did not start. Its log:\n${log}`);
  }
}

/** Resolves when the server accepts connections, or to its log when it ends instead. */
function readUntilReady(server: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    let log = '';
    server.stdout?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-10_000);
      if (log.includes('Ready to accept connections')) resolve(undefined);
    });
    server.once('error', (error) => resolve(error.message));
    server.once('close', () => resolve(log));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
