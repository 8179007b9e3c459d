import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { IdentityTakenError, Namespace } from '../../src/index.js';
import type { DemoRedis, Where } from './server.js';
import type { Source } from './source.js';
import { work } from './worker.js';

/** The task of a worker. */
export interface Task {
  readonly where: Where;
  readonly hostname: string;
  readonly worker: number;
  readonly workers: number;
}

/** The workers of a run. Disposing of it waits until they have ended and removed their keys. */
export interface Crew extends AsyncDisposable {
  /** Rejects when a worker fails; never resolves. */
  readonly failure: Promise<never>;
}

/** Starts the workers: as processes, or as objects in this process if the data lives in it. */
export function startCrew(redis: DemoRedis, hostname: string, workers: number, source: Source): Crew {
  const tasks = Array.from({ length: workers }, (_, worker) => ({ where: redis.where, hostname, worker, workers }));
  return redis.shared ? new Processes(redis, tasks) : new Objects(redis, tasks, source);
}

class Processes implements Crew {
  readonly failure: Promise<never>;
  readonly #children: readonly { readonly child: ChildProcess; readonly ended: Promise<void> }[];
  readonly #crashed: Task[] = [];
  readonly #redis: DemoRedis;
  #dismissed = false;

  constructor(redis: DemoRedis, tasks: readonly Task[]) {
    this.#redis = redis;
    let fail: (reason: Error) => void = () => {};
    this.failure = new Promise((_, reject) => {
      fail = reject;
    });
    this.failure.catch(() => {});
    this.#children = tasks.map((task) => this.#start(task, fail));
  }

  #start(task: Task, fail: (reason: Error) => void): { child: ChildProcess; ended: Promise<void> } {
    const child = fork(fileURLToPath(new URL('worker-process.ts', import.meta.url)), {
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    child.send(task, () => {});
    return { child, ended: this.#watch(child, task).catch(fail) };
  }

  async #watch(child: ChildProcess, task: Task): Promise<void> {
    // The event "close", which waits for both, is not emitted after a disconnect from this side.
    const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const [[code, signal], stderr] = await Promise.all([exit, child.stderr === null ? '' : text(child.stderr)]);
    if (code === 0 && this.#dismissed) return;
    this.#crashed.push(task);
    throw new Error(`Worker ${task.worker} ended with ${signal ?? `exit code ${code}`}\n${stderr.trimEnd()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#dismissed = true;
    for (const { child } of this.#children) if (child.connected) child.disconnect();
    const impatience = setTimeout(() => {
      for (const { child } of this.#children) child.kill('SIGKILL');
    }, 10_000);
    await Promise.all(this.#children.map(({ ended }) => ended));
    clearTimeout(impatience);
    // A crashed worker could not remove its keys.
    await Promise.all(this.#crashed.map((task) => reap(namespaceOf(this.#redis, task))));
  }
}

class Objects implements Crew {
  readonly failure: Promise<never>;
  readonly #spaces: readonly Namespace[];
  readonly #running: Promise<unknown>;
  readonly #dismissal = new AbortController();

  constructor(redis: DemoRedis, tasks: readonly Task[], source: Source) {
    this.#spaces = tasks.map((task) => namespaceOf(redis, task));
    const running = this.#spaces.map(async (me, worker) => {
      await me.announce();
      await work(me, source.share(worker, tasks.length), this.#dismissal.signal);
    });
    this.#running = Promise.allSettled(running);
    this.failure = Promise.all(running).then(() => new Promise(() => {}));
    this.failure.catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#dismissal.abort();
    await this.#running;
    await Promise.all(this.#spaces.map(remove));
  }
}

function namespaceOf({ client }: DemoRedis, { hostname, worker }: Task): Namespace {
  return new Namespace(client, { hostname, processType: 'worker', id: worker });
}

/** Removes all keys of a worker, its presence included. */
async function remove(worker: Namespace): Promise<void> {
  const presence = await worker.announce();
  await Promise.all([presence.stop(), worker.clear()]);
}

/** Removes what a worker left that crashed, once its presence has expired: before that, it counts as alive. */
async function reap(worker: Namespace): Promise<void> {
  for (;;) {
    try {
      await worker.reap(worker);
      return;
    } catch (error) {
      if (!(error instanceof IdentityTakenError)) throw error;
      await pause(100);
    }
  }
}
