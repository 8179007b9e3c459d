import { expect, test } from 'vitest';
import { keyCodec } from '../../src/index.js';
import { rejection } from '../contract/subject.js';
import type { FaultProxy } from '../support/fault-proxy.js';
import { ask } from '../support/raw-client.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { describeEachClient, openScene, text } from './scene.js';

const SIZE = 20_000;
const NUMBERS = Array.from({ length: SIZE }, (_, i) => i);

/** Starts the server again, with what it had, as soon as the connection is cut. */
async function restartAt(cut: Promise<void>, proxy: FaultProxy, server: RedisServer): Promise<void> {
  await cut;
  proxy.refuse();
  await ask(server.port, 'SAVE');
  await server.restart();
  await proxy.accept();
}

describeEachClient('a server that starts again, with what it had, in the middle of', (kind) => {
  test('an iteration: what was there all the while comes, and once', { timeout: 120_000 }, async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port, deadline: 15_000 });
    const { me } = scene;
    const [map, set, scores] = [
      me.map('map', { key: keyCodec.int, value: text.value }),
      me.set('set', { member: keyCodec.int }),
      me.sortedSetCounter('scores', { member: keyCodec.int }),
    ];
    await map.setMany(NUMBERS.map((i) => [i, `${i}`] as const));
    await set.addMany(NUMBERS);
    await scores.update(new Map(NUMBERS.map((i) => [i, i + 0.5] as const)));
    const local = me.lru('map', { key: keyCodec.int, value: text.value, maxSize: 10 });
    const walks: readonly (readonly [string, AsyncIterable<unknown>, (i: number) => unknown])[] = [
      ['entries of a map', map, (i) => [i, `${i}`]],
      ['keys of a map', map.keys(), (i) => i],
      ['members of a set', set, (i) => i],
      ['scores', scores, (i) => [i, i + 0.5]],
      ['entries of an LRUDict', local.entries(), (i) => [i, `${i}`]],
    ];
    for (const [name, walk, itemOf] of walks) {
      const items: unknown[] = [];
      for await (const item of walk) {
        items.push(item);
        if (items.length !== 3_000) continue;
        await ask(server.port, 'SAVE');
        await server.restart();
      }
      const numberOf = (item: unknown): number => (Array.isArray(item) ? item[0] : item) as number;
      items.sort((a, b) => numberOf(a) - numberOf(b));
      expect(items.length, name).toBe(SIZE);
      expect(items, name).toEqual(NUMBERS.map(itemOf));
    }
  });

  test('clear of a namespace: all is gone', { timeout: 120_000 }, async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port, deadline: 15_000 });
    const { me, proxy } = scene;
    for (let i = 0; i < 12; i += 1) {
      await Promise.all(NUMBERS.slice(0, 1_000).map((number) => me.value(`${i}-${number}`, text).set('x')));
    }
    let steps = 0;
    const restarted = restartAt(proxy.dropReplyTo('scan', { where: () => (steps += 1) === 4 }), proxy, server);
    await me.clear();
    await restarted;
    expect(await ask(server.port, 'DBSIZE')).toBe(0);
  });

  test('the loading of a scope: all is loaded', { timeout: 120_000 }, async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port, deadline: 15_000 });
    const { me, proxy } = scene;
    const map = me.map('map', text);
    const size = 160_000;
    await map.setMany(Array.from({ length: size }, (_, i) => [`${i}`, 'x'] as const));
    let steps = 0;
    const restarted = restartAt(proxy.dropReplyTo('hscan', { where: () => (steps += 1) === 2 }), proxy, server);
    const local = await map.sync();
    await restarted;
    expect(local.size).toBe(size);
    // One step, one that is cut, the same at a server to which its cursor means nothing, and all again.
    expect(proxy.count('hscan')).toBeGreaterThanOrEqual(3 + 2);
    local.discard();
  });
});

describeEachClient('a connection that is lost again and again', (kind) => {
  test('ends an iteration with an error, not never', { timeout: 120_000 }, async () => {
    await using scene = await openScene(kind, { deadline: 15_000, redis: { retryStrategy: () => 1 } });
    const { me, proxy } = scene;
    const map = me.map('map', text);
    await map.setMany(Array.from({ length: 5_000 }, (_, i) => [`${i}`, 'x'] as const));
    let steps = 0;
    // Every second reply to a later step: the next connection then answers the cursor of the one before it.
    const isCut = ([, cursor]: readonly Buffer[]): boolean => String(cursor) !== '0' && (steps += 1) % 2 === 1;
    proxy.dropReplyTo('hscan', { times: 1_000, where: isCut }).catch(() => {});
    const seen = new Set<string>();
    const error = await rejection(
      (async () => {
        for await (const [key] of map) seen.add(key);
      })(),
    );
    expect((error as { code?: string }).code).toBe('CONNECTION');
    expect(steps).toBe(2 * 101);
    expect(seen.size).toBeGreaterThan(0);
  });
});
