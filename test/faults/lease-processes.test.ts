import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Lease, Namespace } from '../../src/index.js';
import { describeWithRedis, uniqueHost } from '../support/matrix.js';
import { forkProgram } from '../support/program.js';
import { until, within } from '../support/until.js';
import { type Attempt, attempts, type LeaseScene } from './lease-scene.js';
import { standalonePort } from './scene.js';

const PROCESSES = 4;
const TERMS = 500;

describeWithRedis('a lease among processes', () => {
  let client: Redis;
  let me: Namespace;
  let lease: Lease;
  let scene: LeaseScene;
  let children: ChildProcess[];
  beforeEach(() => {
    const [port, hostname] = [standalonePort(), uniqueHost()];
    scene = { port, hostname, name: 'writer', ttl: 400 };
    client = new Redis(port);
    me = new Namespace(client, { hostname, processType: 'lease', id: 0 });
    lease = me.lease(scene.name, { ttl: scene.ttl, owner: 'parent' });
    children = [];
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await me.clear();
    client.disconnect();
  });

  async function start(count: number): Promise<ChildProcess[]> {
    const started = await Promise.all(
      Array.from({ length: count }, async (_, id) => {
        const child = await forkProgram('test/faults/lease-process.ts', [JSON.stringify({ ...scene, id })]);
        children.push(child);
        await once(child, 'message');
        return child;
      }),
    );
    return started;
  }

  /** The next word of a process of this kind. */
  async function word<T>(child: ChildProcess, is: (said: unknown) => said is T): Promise<T> {
    for (;;) {
      const [said] = (await once(child, 'message')) as [unknown];
      if (is(said)) return said;
    }
  }
  const isHolding = (said: unknown): said is { readonly holds: number } => Object.hasOwn(Object(said), 'holds');
  const isBack = (said: unknown): said is { readonly lost: boolean } => Object.hasOwn(Object(said), 'lost');
  const isDone = (said: unknown): said is 'done' => said === 'done';

  /** Waits until so many wait for the lease. */
  const queued = (count: number) =>
    until(async () => (await client.zcard(`{${lease.key}}waiters`)) === count, { what: `${count} to wait` });

  test('that contend for it: who was stopped comes back late, and is refused by its token', {
    timeout: 240_000,
  }, async () => {
    const all = await start(PROCESSES);
    const [stopped] = all as [ChildProcess];
    const holding = word(stopped, isHolding);
    const ended = all.map((child) => word(child, isDone));
    stopped.send({ terms: TERMS, pauses: true });
    const { holds } = await within(holding, 30_000, 'the first term');
    for (const child of all.slice(1)) child.send({ terms: TERMS, pauses: false });
    await queued(PROCESSES - 1);
    stopped.kill('SIGSTOP');
    // Others have their terms meanwhile, though it still believes that it has its own.
    await until(async () => (await attempts(client, lease.key)).length > 20, { what: 'terms of others' });
    const back = word(stopped, isBack);
    stopped.send('go on');
    stopped.kill('SIGCONT');
    expect(await within(back, 30_000, 'the stopped process')).toEqual({ lost: true });
    await within(Promise.all(ended), 110_000, 'all terms');

    const log = await attempts(client, lease.key);
    const accepted = log.filter((one) => one.accepted).map(({ token }) => token);
    expect(new Set(accepted).size).toBeGreaterThanOrEqual(TERMS);
    expect(isAscending(accepted)).toBe(true);
    expect(log).toContainEqual({ token: holds, accepted: false });
    // A resource that does not look at tokens would have taken an old one after a new one.
    expect(isAscending(log.map(({ token }: Attempt) => token))).toBe(false);
  });

  test('of which the owner is killed and the next in the queue is stopped goes on to who is left', async () => {
    const [killed, stopped] = (await start(2)) as [ChildProcess, ChildProcess];
    const holding = word(killed, isHolding);
    killed.send({ terms: 1, pauses: true });
    const { holds } = await holding;
    stopped.send({ terms: 10, pauses: false });
    await queued(1);
    stopped.kill('SIGSTOP');
    const turn = lease.acquire();
    await queued(2);
    killed.kill('SIGKILL');
    await using held = await within(turn, 30_000, 'the lease');
    expect(held.token).toBeGreaterThan(holds);
    expect((await lease.holder())?.owner).toBe('parent');
    // The stopped one had its turn, and missed it.
    expect(await attempts(client, lease.key)).toEqual([{ token: holds, accepted: true }]);
  });
});

function isAscending(tokens: readonly number[]): boolean {
  return tokens.every((token, i) => i === 0 || token >= (tokens[i - 1] ?? 0));
}
