import { describe, expect, test } from 'vitest';
import { allocating } from '../../src/codec/allocating.js';
import {
  BackpressureError,
  codec,
  type Codec,
  connect,
  Namespace,
  NamespaceError,
  type PendingOptions,
  sync,
} from '../../src/index.js';
import { rejection, thrown } from '../contract/subject.js';
import { startFaultProxy } from '../support/fault-proxy.js';
import { describeWithRedis, uniqueHost } from '../support/matrix.js';
import { runProgram } from '../support/program.js';
import { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';
import type { BacklogReport } from './backlog-process.js';
import { codeOf, standalonePort, text } from './scene.js';

const MAX = 64 * 1024;

/** A client whose server can be made to hang. */
async function openBounded(options: PendingOptions & { readonly deadline?: number } = {}) {
  const proxy = await startFaultProxy({ port: standalonePort() });
  const direct = await RawClient.connect(standalonePort());
  const { deadline, ...bound } = options;
  const client = connect(`redis://127.0.0.1:${proxy.port}`, { deadline: 60_000, maxPendingBytes: MAX, ...bound });
  client.on('error', () => {});
  const hostname = uniqueHost();
  const me = new Namespace(client, {
    hostname,
    processType: 'test',
    id: 1,
    ...(deadline === undefined ? {} : { deadline }),
  });
  await me.value('first').get();
  return {
    proxy,
    direct,
    client,
    me,
    /** Makes calls until one is refused: those that were not. */
    fill(): Promise<unknown>[] {
      const calls: Promise<unknown>[] = [];
      while (me.pending.bytes + 1_024 <= MAX) calls.push(handled(me.list('filled', text).push('x')));
      return calls;
    },
    async [Symbol.asyncDispose]() {
      proxy.resume();
      client.disconnect();
      await proxy.stop();
      for (const key of (await direct.send('KEYS', `*${hostname}:*`)) as Buffer[]) await direct.send('UNLINK', key);
      direct.close();
    },
  };
}

/** The same, of which a failing test need not hear again. */
function handled<T>(call: Promise<T>): Promise<T> {
  call.catch(() => {});
  return call;
}

const EMPTY = { calls: 0, bytes: 0, waiting: 0, maxBytes: MAX };

describeWithRedis('beyond maxPendingBytes', () => {
  test('every kind of call is refused before anything is sent, and none once there is room', async () => {
    await using scene = await openBounded();
    const { me, proxy, direct } = scene;
    const map = me.map<number>('map');
    const list = me.list<string>('list');
    const counter = me.counter('counter');
    await map.set('a', 1);
    const open = await counter.sync();
    open.increment('a');
    const dict = me.lru<number>('dict');
    proxy.pause();
    const filling = scene.fill();
    const value = 'x'.repeat(4_096);
    const refused: Record<string, () => Promise<unknown>> = {
      read: () => map.getMany(Array.from({ length: 1_000 }, (_, i) => `key ${i}`)),
      write: () => me.value('value').set(value),
      'a long value': () => me.value('long', { value: codec.bytes }).set(Buffer.alloc(2 ** 21)),
      several: () => list.push(value, value),
      script: () => me.value('value').compareAndSet(undefined, value),
      update: () => map.update('a'.repeat(4_096), () => 2),
      transaction: () => me.transaction((all) => void all.on(list).push(value)),
      batch: () => me.batch((all) => void all.on(list).push(value)),
      commit: () => open.commit(),
      load: () => sync({ list, map }, () => {}),
      'initial data': () => me.list('made', { data: [value] }).ready,
      'after initial data': () => me.list('made', { data: [value] }).push('x'),
      lifetime: () => map.expire(10_000),
      iteration: () => map.toMap(),
      held: () => dict.set('a', 1),
      peers: () => me.peers(),
      clear: () => me.clear(),
      take: () => list.take({ timeout: 10 }),
      announce: () => me.announce(),
    };
    // Nothing more fits at all.
    const last = rejection(me.value('last').set('x'.repeat(MAX - me.pending.bytes - 600)));
    const names = Object.keys(refused);
    const codes = await Promise.all(names.map((name) => codeOf((refused[name] as () => Promise<unknown>)())));
    expect(Object.fromEntries(names.map((name, i) => [name, codes[i]]))).toEqual(
      Object.fromEntries(names.map((name) => [name, 'BACKPRESSURE'])),
    );
    const { calls } = me.pending;
    expect(calls).toBe(filling.length + 1);
    proxy.resume();
    await Promise.all(filling);
    expect(await last.catch((error: unknown) => error)).toBeInstanceOf(Error);
    expect(me.pending).toEqual(EMPTY);
    const keys = ((await direct.send('KEYS', `${me.prefix}*`)) as Buffer[]).map(String);
    expect(keys.sort()).toEqual(['filled', 'last', 'map'].map((name) => `${me.prefix}${name}`));
    // The scope has lost nothing.
    await open.commit();
    expect(await counter.get('a')).toBe(1);
    expect(await me.list('filled').length).toBe(filling.length);
  });

  test('the error says what is there, and names the key', async () => {
    await using scene = await openBounded();
    const { me, proxy } = scene;
    proxy.pause();
    const filling = scene.fill();
    const error = await rejection(me.map('m').set('a', 'x'.repeat(1_024)));
    expect(error).toBeInstanceOf(BackpressureError);
    expect(error).toMatchObject({ code: 'BACKPRESSURE', key: `${me.prefix}m`, name: 'BackpressureError' });
    expect(String(error)).toContain(`${filling.length} calls`);
    expect(String(error)).toContain(`maxPendingBytes is ${MAX}`);
    proxy.resume();
    await Promise.all(filling);
  });

  test('a call that is larger by itself goes alone', async () => {
    await using scene = await openBounded();
    const { me } = scene;
    const large = me.value('large', text);
    const set = large.set('x'.repeat(2 * MAX));
    expect(await codeOf(me.value('other').get())).toBe('BACKPRESSURE');
    await set;
    expect((await large.get())?.length).toBe(2 * MAX);
    expect(me.pending).toEqual(EMPTY);
  });

  test('the memory of a long value that was refused is used again', async () => {
    await using scene = await openBounded({ maxPendingBytes: 2 ** 20 });
    const { me, proxy } = scene;
    const used: ArrayBufferLike[] = [];
    const recording: Codec<number> = allocating(
      (size, allocate) => {
        const bytes = allocate(size);
        used.push(bytes.buffer);
        return bytes;
      },
      (bytes) => bytes.length,
    );
    const value = me.value('value', { value: recording });
    proxy.pause();
    const first = me.value('first').get();
    for (let i = 0; i < 3; i += 1) expect(await codeOf(value.set(2 ** 21))).toBe('BACKPRESSURE');
    expect(used.length).toBe(3);
    expect(new Set(used).size).toBe(1);
    proxy.resume();
    await first;
  });

  test('calls that wait for initial data count, and hold what was given to them', async () => {
    await using scene = await openBounded();
    const { me, proxy } = scene;
    proxy.pause();
    const map = me.map<number[]>('map', { data: {} });
    const array = [1];
    const sets = Array.from({ length: 10 }, (_, i) => map.set(`${i}`, array));
    array.push(2);
    expect(me.pending.calls).toBe(11);
    const more: Promise<unknown>[] = [];
    while (me.pending.bytes + 1_024 <= MAX) more.push(map.set('more', array));
    expect(
      await codeOf(
        map.set(
          'one',
          Array.from({ length: 2_000 }, () => 7),
        ),
      ),
    ).toBe('BACKPRESSURE');
    proxy.resume();
    await Promise.all([...sets, ...more]);
    expect(await map.get('0')).toEqual([1]);
    expect(me.pending).toEqual(EMPTY);
  });

  test('what ran out of time counts until the connection has given it up', async () => {
    await using scene = await openBounded({ deadline: 100 });
    const { me, proxy } = scene;
    proxy.pause();
    const calls = scene.fill();
    expect(new Set(await Promise.all(calls.map(codeOf)))).toEqual(new Set(['UNKNOWN_OUTCOME']));
    expect(me.pending.calls).toBe(calls.length);
    proxy.resume();
    await until(() => me.pending.calls === 0);
    expect(me.pending).toEqual(EMPTY);
  });
});

describeWithRedis("with onFull: 'wait'", () => {
  test('calls go in their order, and their deadlines hold', async () => {
    await using scene = await openBounded({ onFull: 'wait' });
    const { me, proxy } = scene;
    proxy.pause();
    const filling = scene.fill();
    const list = me.list<number>('list');
    const pushes = Array.from({ length: 60 }, (_, i) => handled(list.push(i)));
    const hasty = new Namespace(scene.client, { processType: 'test', id: 2, deadline: 100 });
    const late = await rejection(hasty.value('a').set('x'));
    expect(late).toBeInstanceOf(BackpressureError);
    expect(me.pending.waiting).toBeGreaterThan(40);
    proxy.resume();
    await Promise.all([...filling, ...pushes]);
    expect(await list.toArray()).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(await hasty.value('a').exists()).toBe(false);
    expect(me.pending).toEqual(EMPTY);
  });

  test('no more than as much again waits', async () => {
    await using scene = await openBounded({ onFull: 'wait' });
    const { me, proxy } = scene;
    proxy.pause();
    const filling = scene.fill();
    const list = me.list('list', text);
    const item = 'x'.repeat(1_000);
    const codes: Promise<string | undefined>[] = [];
    while (me.pending.waiting < codes.length + 1 && codes.length < 1_000) {
      codes.push(codeOf(list.push(item)));
      if (me.pending.waiting < codes.length) break;
    }
    expect(await codes.at(-1)).toBe('BACKPRESSURE');
    expect(codes.length).toBeGreaterThan(MAX / 2_000);
    proxy.resume();
    await Promise.all(filling);
    expect(await Promise.all(codes.slice(0, -1))).toEqual(codes.slice(1).map(() => undefined));
    expect(await list.length).toBe(codes.length - 1);
  });

  test('who waits when the client is closed hears of it', async () => {
    await using scene = await openBounded({ onFull: 'wait' });
    const { me, proxy, client } = scene;
    proxy.pause();
    const filling = scene.fill().map(codeOf);
    const waiting = codeOf(me.list('list', text).push('x'.repeat(2_000)));
    proxy.cutAll();
    client.disconnect();
    expect(await waiting).toBe('CONNECTION');
    await Promise.all(filling);
    expect(me.pending).toEqual(EMPTY);
  });
});

describe('the options of the bound', () => {
  test('hold for a client: who says something else is told so', () => {
    const client = connect('memory:', { maxPendingBytes: 1_000 });
    const of = (options: PendingOptions) => new Namespace(client, { processType: 'test', ...options });
    expect(of({}).pending).toEqual({ calls: 0, bytes: 0, waiting: 0, maxBytes: 1_000 });
    expect(of({ maxPendingBytes: 1_000, onFull: 'wait' }).pending.maxBytes).toBe(1_000);
    expect(thrown(() => of({ maxPendingBytes: 2_000 }))).toBeInstanceOf(NamespaceError);
    expect(thrown(() => of({ onFull: 'reject' }))).toBeInstanceOf(NamespaceError);
    client.disconnect();
  });

  test('are checked', () => {
    for (const maxPendingBytes of [0, -1, Number.NaN, '1' as never]) {
      expect(() => connect('memory:', { maxPendingBytes })).toThrow(RangeError);
    }
    expect(() => connect('memory:', { onFull: 'drop' as never })).toThrow(RangeError);
    const client = connect('memory:', { maxPendingBytes: Number.POSITIVE_INFINITY });
    expect(new Namespace(client, { processType: 'test' }).pending.maxBytes).toBe(Number.POSITIVE_INFINITY);
    client.disconnect();
  });
});

const MIB = 2 ** 20;

describeWithRedis('a process whose server hangs', () => {
  test.each([
    ['a million small values', 1_000_000, 8],
    ['10,000 of 100 KB', 10_000, 100_000],
  ])('stays near the bound: %s', async (_, calls, size) => {
    const { code, output } = await runProgram('test/faults/backlog-process.ts', [64 * MIB, calls, size].map(String));
    expect(code, output).toBe(0);
    const { accepted, refused, grown, others } = JSON.parse(output) as BacklogReport;
    expect(others).toEqual([]);
    expect(accepted + refused).toBe(calls);
    expect(accepted).toBeGreaterThan(size > 1_000 ? 500 : 50_000);
    // Without a bound it is 400 MB, and 1 GB.
    expect(grown).toBeLessThan(160 * MIB);
  });
});
