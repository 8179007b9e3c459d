import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMark } from './leftovers.js';
import { freePort } from './ports.js';
import { RawClient } from './raw-client.js';
import { until } from './until.js';

export interface RedisServerOptions {
  /** A port of your own choice; by default a free one. */
  readonly port?: number;
  /** More arguments for redis-server, such as `['--maxmemory', '50mb']`. */
  readonly args?: readonly string[];
  /** The lines of a configuration file, which a Sentinel needs and writes to. */
  readonly config?: readonly string[];
  /** A cluster node: the port of its bus has to be free too. */
  readonly cluster?: boolean;
}

/** Signals that end a server, or stop and continue it (a server that hangs). */
export type ServerSignal = 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'SIGSTOP' | 'SIGCONT';

/** A redis-server of the test's own. */
export interface RedisServer extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly url: string;
  /** Its scratch folder, removed by `stop()`. */
  readonly dir: string;
  /** Changes with `restart()`. */
  readonly pid: number;
  readonly running: boolean;
  /** The end of what it has printed. */
  log(): string;
  /** Sends a signal, and waits for the end of the server if the signal ends it. */
  kill(signal: ServerSignal): Promise<void>;
  /** Ends the server if it runs, and starts it again on the same port and folder, with empty memory. */
  restart(): Promise<void>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a real redis-server on loopback, without persistence, and waits until it answers. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { args = [], cluster = false, config } = options;
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort({ bus: cluster }));
    const dir = await mkdtemp(join(tmpdir(), 'redimap-redis-'));
    const server = new ServerProcess(port, dir, cluster ? ['--cluster-enabled', 'yes', ...args] : args, config);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.stop();
      // Somebody else took the port since it was found free.
      const lostRace = options.port === undefined && server.log().includes('Address already in use');
      if (!lostRace || attempt === 20) throw error;
    }
  }
}

/** Whether there is a redis-server on the PATH. */
export function hasRedisServer(): boolean {
  return spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
}

const LOG_LIMIT = 64 * 1024;

class ServerProcess implements RedisServer {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly url: string;
  readonly dir: string;
  readonly #args: readonly string[];
  readonly #config: readonly string[] | undefined;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #log = '';

  constructor(port: number, dir: string, args: readonly string[], config: readonly string[] | undefined) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.dir = dir;
    this.#args = args;
    this.#config = config;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error(`The server on port ${this.port} is not running`);
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  log(): string {
    return this.#log;
  }

  async start(): Promise<void> {
    const fixed = ['--port', String(this.port), '--bind', this.host, '--dir', this.dir, '--save', ''];
    const more = ['--appendonly', 'no', '--enable-debug-command', 'local'];
    const title = ['--proc-title-template', `{title} {listen-addr} {server-mode} ${runMark()}`];
    const file = join(this.dir, 'redis.conf');
    if (this.#config !== undefined) await writeFile(file, this.#config.join('\n'));
    const first = this.#config === undefined ? [] : [file];
    const child = spawn('redis-server', [...first, ...fixed, ...more, ...title, ...this.#args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let failure: Error | undefined;
    const keep = (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-LOG_LIMIT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      failure = error;
    });
    this.#child = child;
    const dismissGuard = guard(child, this.dir);
    this.#ended = new Promise((resolve) => {
      // "close" comes after the last of the log, and also when the program could not be started at all.
      child.on('close', () => {
        dismissGuard();
        this.#child = undefined;
        resolve();
      });
    });
    loosen(child);
    await until(
      async () => {
        if (failure !== undefined) throw new Error(`redis-server could not be started: ${failure.message}`);
        if (this.#child !== child) throw new Error(`redis-server ended at once. Its log:\n${this.#log}`);
        return answers(this.port, child.pid);
      },
      { deadline: 60_000, what: () => `redis-server on port ${this.port} to answer. Its log:\n${this.#log}` },
    );
  }

  async kill(signal: ServerSignal): Promise<void> {
    const { pid } = this;
    process.kill(pid, signal);
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return;
    await until(() => this.#ended.then(() => true), { what: `the server ${pid} to end after ${signal}` });
  }

  async restart(): Promise<void> {
    if (this.running) await this.kill('SIGKILL');
    await this.start();
  }

  async stop(): Promise<void> {
    // Nothing is worth saving, and SIGKILL also ends a server that was stopped by SIGSTOP.
    if (this.#child?.pid !== undefined) await this.kill('SIGKILL');
    await rm(this.dir, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** Whether the server on the port is ready, and is that very process. */
async function answers(port: number, pid: number | undefined): Promise<boolean> {
  try {
    using client = await RawClient.connect(port, { deadline: 500 });
    const timer = setTimeout(() => client.close(), 500);
    try {
      await client.send('PING');
      return String(await client.send('INFO', 'server')).includes(`process_id:${pid}\r\n`);
    } finally {
      clearTimeout(timer);
    }
  } catch {
    return false;
  }
}

const children = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/**
 * Makes sure that the server does not outlive this process: the exit handler ends it on every ordinary exit, and
 * for a crash or a SIGKILL there is a small shell, which reads from a pipe that the system closes then.
 */
function guard(child: ChildProcess, dir: string): () => void {
  if (child.pid === undefined) return () => {};
  children.add(child);
  const script = 'read -r _; kill -9 "$1" 2>/dev/null; rm -rf "$2"';
  const watcher = spawn('sh', ['-c', script, 'redimap-test-guard', String(child.pid), dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  watcher.on('error', () => {});
  watcher.stdin.on('error', () => {});
  loosen(watcher);
  return () => {
    children.delete(child);
    watcher.kill('SIGKILL');
    watcher.stdin.destroy();
  };
}

/** Lets this process end although the child runs. */
function loosen(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) if (stream instanceof Socket) stream.unref();
}
