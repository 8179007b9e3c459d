import { expect, test } from 'vitest';
import { type GroupItem, LeaseLostError, type RedisStream } from '../../src/index.js';
import { startRedisServer } from '../support/redis-server.js';
import { until, within } from '../support/until.js';
import { describeEachClient, openScene, text } from './scene.js';

/** Short enough to wait for. */
const LEASE = 400;

/** Handles items until it is stopped: how often each was handled. */
function work(jobs: RedisStream<string>, handle: (item: GroupItem<string>) => unknown = () => undefined) {
  const handled = new Map<string, number>();
  const stop = new AbortController();
  const done = jobs.group('g').process(
    async (value, item) => {
      handled.set(value, (handled.get(value) ?? 0) + 1);
      await handle(item);
    },
    { signal: stop.signal, lease: LEASE, batch: 5 },
  );
  return {
    handled,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await within(done, 20_000, 'the consumer to stop');
    },
  };
}

const ITEMS = Array.from({ length: 20 }, (_, i) => `job ${i}`);

async function quiet(jobs: RedisStream<string>): Promise<void> {
  await until(async () => {
    const { pending, lag } = await jobs.group('g').stats();
    return pending === 0 && lag === 0;
  });
}

describeEachClient('a consumer', (kind) => {
  test('gets what it was given in a reply that was lost, once its lease has run out', async () => {
    await using scene = await openScene(kind);
    const jobs = scene.me.stream('jobs', text);
    const lost = scene.proxy.dropReplyTo('xreadgroup');
    await jobs.addMany(ITEMS);
    await using worker = work(jobs);
    await lost;
    await quiet(jobs);
    expect([...worker.handled].sort()).toEqual(ITEMS.map((item) => [item, 1]).sort());
  });

  test('acknowledges again when the reply was lost, and gets no item twice', async () => {
    await using scene = await openScene(kind);
    const jobs = scene.me.stream('jobs', text);
    const key = `{${jobs.key}}group:g:leases`;
    // Those that acknowledge have the stream for their only key.
    const lost = scene.proxy.dropReplyTo('eval', {
      times: 2,
      where: (args) =>
        String(args[0]).includes("'xack'") && !args.some((one) => String(one) === key) && String(args[1]) === '1',
    });
    await jobs.addMany(ITEMS);
    const outcomes: boolean[] = [];
    for await (const item of jobs.group('g').consume({ lease: 60_000 })) {
      outcomes.push(await item.ack());
      if (outcomes.length === ITEMS.length) break;
    }
    await lost;
    expect(outcomes).toEqual(ITEMS.map(() => true));
    expect(await jobs.group('g').stats()).toMatchObject({ pending: 0, lag: 0 });
  });

  test('loses nothing while connections are cut, and replies of its signs of life are lost', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const jobs = me.stream('jobs', text);
    const key = `{${jobs.key}}group:g:retries`;
    await using worker = work(jobs, (item) => (item.deliveries === 1 ? item.retry(1) : undefined));
    await jobs.add('first');
    await until(() => worker.handled.get('first') === 2);
    for (let round = 0; round < 5; round += 1) {
      const lost = proxy.dropReplyTo('eval', { where: (args) => args.some((one) => String(one) === key) });
      for (const item of ITEMS.slice(4 * round, 4 * round + 4)) await direct.send('XADD', jobs.key, '*', 'v', item);
      await lost;
      proxy.cutAll();
    }
    await quiet(jobs);
    expect([...worker.handled.keys()].sort()).toEqual(['first', ...ITEMS].sort());
  });

  test('goes on after FLUSHALL with what is added then', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port });
    const jobs = scene.me.stream('jobs', text);
    let release = (): void => {};
    let lostReason: unknown;
    await using worker = work(jobs, async ({ value, signal }) => {
      if (value !== 'held') return;
      signal.addEventListener('abort', () => (lostReason = signal.reason));
      await new Promise<void>((resolve) => (release = resolve));
    });
    const [first = ''] = await jobs.addMany(['a', 'held']);
    await until(() => worker.handled.size === 2);
    // In one millisecond, the new entry would have an id that was read before.
    await until(() => Date.now() > Number(first.split('-')[0]) + 5);
    await scene.direct.send('FLUSHALL');
    await jobs.add('after');
    await until(() => lostReason !== undefined);
    expect(lostReason).toBeInstanceOf(LeaseLostError);
    release();
    await until(() => worker.handled.has('after'));
    await quiet(jobs);
    expect([...worker.handled]).toEqual([
      ['a', 1],
      ['held', 1],
      ['after', 1],
    ]);
  });

  test('hears that another one has claimed its item, and cannot settle that', async () => {
    await using scene = await openScene(kind);
    const jobs = scene.me.stream('jobs', text);
    await jobs.add('a');
    for await (const item of jobs.group('g').consume({ lease: LEASE })) {
      await scene.direct.send('XCLAIM', jobs.key, 'g', 'thief', 0, item.id);
      await until(() => item.signal.aborted);
      expect(item.signal.reason).toBeInstanceOf(LeaseLostError);
      expect([await item.ack(), await item.retry()]).toEqual([false, false]);
      break;
    }
    expect((await jobs.group('g').pending()).map(({ consumer }) => consumer)).toEqual(['thief']);
  });

  test('ends with the refusal of the server, and when the client is closed', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port });
    await scene.direct.send('SET', scene.me.stream('text').key, 'x');
    const refused = scene.me
      .stream('text')
      .group('g')
      .process(() => {});
    await expect(within(refused, 20_000, 'it to end')).rejects.toMatchObject({ code: 'WRONG_TYPE' });
    const closed = scene.me
      .stream('jobs')
      .group('g')
      .process(() => {});
    await until(async () => String(await scene.direct.send('INFO', 'clients')).includes('blocked_clients:1\r\n'));
    scene.client.disconnect();
    await expect(within(closed, 20_000, 'it to end')).rejects.toMatchObject({ code: 'CONNECTION' });
  });
});
