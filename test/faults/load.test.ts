import { expect, test } from 'vitest';
import { RedimapError } from '../../src/errors.js';
import { until } from '../support/until.js';
import { describeEachClient, itemsOf, openScene, text } from './scene.js';

const PUSHES = 2_000;
const CUTS = 50;

describeEachClient('under load', (kind) => {
  test(`${PUSHES} pushes during ${CUTS} cuts: none twice, and every answer is true`, { timeout: 300_000 }, async () => {
    await using scene = await openScene(kind, { redis: { retryStrategy: () => 1 } });
    const { proxy, me, direct, client } = scene;
    const list = me.list('list', text);
    const outcomes = new Map<string, string>();
    const pushing = (async () => {
      const calls: Promise<void>[] = [];
      for (let i = 0; i < PUSHES; i += 1) {
        const id = `id${i}`;
        calls.push(
          list.push(id).then(
            () => void outcomes.set(id, 'pushed'),
            (error: unknown) => void outcomes.set(id, error instanceof RedimapError ? error.code : String(error)),
          ),
        );
        // A few at a time, so that cuts come in the middle of everything.
        if (i % 5 === 0) await new Promise(setImmediate);
        if (i % 40 === 0) await calls[i];
      }
      await Promise.all(calls);
    })();
    let cuts = 0;
    const cutting = (async () => {
      while (cuts < CUTS && outcomes.size < PUSHES) {
        const before = outcomes.size;
        await until(() => client.status === 'ready' && (outcomes.size > before + 10 || outcomes.size === PUSHES), {
          every: 1,
        });
        if (cuts % 5 === 4) await Promise.race([proxy.dropReplyTo('rpush'), pushing]);
        else proxy.cutAll();
        cuts += 1;
      }
    })();
    await Promise.all([pushing, cutting]);
    expect(cuts).toBeGreaterThan(20);

    const times = new Map<string, number>();
    for (const id of await itemsOf(direct, list.key)) times.set(id, (times.get(id) ?? 0) + 1);
    const wrong: string[] = [];
    for (const [id, outcome] of outcomes) {
      const found = times.get(id) ?? 0;
      const right =
        outcome === 'pushed'
          ? found === 1
          : outcome === 'UNKNOWN_OUTCOME'
            ? found <= 1
            : outcome === 'CONNECTION' && found === 0;
      if (!right) wrong.push(`${id}: ${outcome}, found ${found} times`);
    }
    expect(wrong).toEqual([]);
    expect(outcomes.size).toBe(PUSHES);
  });

  test('reads and sets all come out right during cuts', { timeout: 300_000 }, async () => {
    await using scene = await openScene(kind, { redis: { retryStrategy: () => 1 } });
    const { proxy, me, direct, client } = scene;
    const map = me.map('map', text);
    let done = false;
    let rounds = 0;
    const working = (async () => {
      for (let i = 0; i < 400; i += 1) {
        const field = `f${i % 20}`;
        const set = map.set(field, `${i}`);
        const [, got, found] = await Promise.all([set, map.get(field), map.getOrInsert(field, 'other')]);
        expect([got, found]).toEqual([`${i}`, `${i}`]);
        rounds += 1;
      }
      done = true;
    })();
    const cutting = (async () => {
      while (!done) {
        const before = rounds;
        await until(() => done || (client.status === 'ready' && rounds > before + 5), { every: 1 });
        proxy.cutAll();
      }
    })();
    await Promise.all([working, cutting]);
    expect(await direct.send('HLEN', map.key)).toBe(20);
  });
});
