import { expect, test } from 'vitest';
import { until } from '../support/until.js';
import { codeOf, describeEachClient, fieldOf, itemsOf, openScene, text } from './scene.js';

/** Replies which say that a command was not run. */
const NOT_RUN = ['LOADING Redis is loading the dataset in memory', 'BUSY Redis is busy running a script.'];

describeEachClient('the order of the calls', (kind) => {
  test('un-awaited sets leave the last value, however often the connection is cut', async () => {
    await using scene = await openScene(kind, { redis: { retryStrategy: () => 1 } });
    const { proxy, me, direct } = scene;
    const map = me.map('map', text);
    const value = me.value('value', text);
    const unsettled: unknown[] = [];
    for (let round = 0; round < 30; round += 1) {
      const calls: Promise<unknown>[] = [];
      for (let i = 0; i < 10; i += 1) {
        calls.push(map.set('a', `${round}.${i}`), value.set(`${round}.${i}`));
        // One call a turn: so each of them is a command of its own, and the cut comes among them.
        await new Promise(setImmediate);
        if (i === round % 10) proxy.cutAll();
      }
      for (const outcome of await Promise.allSettled(calls)) if (outcome.status === 'rejected') unsettled.push(outcome);
      expect(await fieldOf(direct, map.key, 'a')).toBe(`${round}.9`);
      expect(await map.get('a')).toBe(`${round}.9`);
      expect(await value.get()).toBe(`${round}.9`);
    }
    expect(unsettled).toEqual([]);
  });

  test('a get sees the set that was called before it, across a cut', async () => {
    await using scene = await openScene(kind, { redis: { retryStrategy: () => 1 } });
    const { proxy, me } = scene;
    const map = me.map('map', text);
    for (let round = 0; round < 20; round += 1) {
      const cut = round % 2 === 0 ? proxy.dropReplyTo('hset') : proxy.dropCommand('hset');
      const set = map.set('a', `${round}`);
      const get = map.get('a');
      expect(await get).toBe(`${round}`);
      await set;
      await cut;
    }
  });

  test('a command that was not run is repeated before what was called after it', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const list = me.list('list', text);
    for (const message of [...NOT_RUN, "READONLY You can't write against a read only replica."]) {
      await list.clear();
      const struck = proxy.replyOnce('rpush', message);
      expect(await list.push('a'), message).toBe(1);
      await struck;
      expect(await itemsOf(direct, list.key), message).toEqual(['a']);
    }
  });

  test('one that was not run is refused when a later one on its key was', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const map = me.map('map', text);
    for (const message of NOT_RUN) {
      const struck = proxy.replyOnce('hset', message);
      const first = codeOf(map.set('a', '1'));
      await Promise.resolve();
      const later = map.delete('a').then(() => map.set('a', '2'));
      expect(await first, message).toBe('CONNECTION');
      await later;
      await struck;
      expect(await fieldOf(direct, map.key, 'a'), message).toBe('2');
    }
  });

  test('likewise a MULTI of long values, whose failure is noticed a little later than the reply to the next command', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const map = me.map('map', text);
    const long = '1'.repeat(10_000);
    // The first over a connection is a script, which finds out whether the user may send MULTI.
    await map.swap('a', long);
    for (const message of NOT_RUN) {
      await map.set('a', '0');
      // The hset within the transaction, not the one after it.
      const struck = proxy.replyOnce('hget', message);
      const first = map.swap('a', long).catch((error: { code: string }) => error.code);
      const second = map.set('a', '2');
      const outcome = await first;
      await second;
      await struck;
      expect(await fieldOf(direct, map.key, 'a'), message).toBe('2');
      // Either it came first after all, or it did not come.
      expect(['0', 'CONNECTION'], message).toContain(outcome);
    }
  });

  test('clear() of the namespace comes after what was called before it', async () => {
    await using scene = await openScene(kind);
    const { me, direct } = scene;
    const map = me.map('map', text);
    for (let round = 0; round < 5; round += 1) {
      const set = map.set('a', '1');
      await me.clear();
      await set;
      expect(await direct.send('EXISTS', map.key)).toBe(0);
    }
  });

  test('calls that wait for the connection go in their order', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct, client } = scene;
    const list = me.list('list', text);
    proxy.refuse();
    await until(() => client.status !== 'ready', { what: 'the client to notice' });
    const calls: Promise<unknown>[] = [];
    for (let i = 0; i < 20; i += 1) {
      calls.push(list.push(`${i}`));
      if (i % 3 === 0) await new Promise(setImmediate);
    }
    await proxy.accept();
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(await itemsOf(direct, list.key)).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
  });
});
