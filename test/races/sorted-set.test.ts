import { expect, test } from 'vitest';
import { describeWithRedis, openRivals, RIVALS } from './rivals.js';

const ROUNDS = 100;

describeWithRedis('several connections on one sorted set', () => {
  test('increments add up, and each is answered with another score', async () => {
    await using rivals = await openRivals();
    const all = rivals.all.map((me) => me.sortedSetCounter('scores'));
    const answers = await Promise.all(
      all.map(async (scores) => {
        const own: number[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          own.push(...(await Promise.all([scores.increment('a', 0.25), scores.increment('a', 0.25)])));
        }
        return own;
      }),
    );
    expect(await all[0]!.get('a')).toBe((RIVALS * ROUNDS * 2) / 4);
    expect(new Set(answers.flat()).size).toBe(RIVALS * ROUNDS * 2);
  });

  test('getOrInsert gives all callers one answer', async () => {
    await using rivals = await openRivals();
    const all = rivals.all.map((me) => me.sortedSetCounter('scores'));
    for (let round = 0; round < ROUNDS; round += 1) {
      const answers = await Promise.all(all.map((scores, i) => scores.getOrInsert(`m${round}`, i)));
      expect(new Set(answers).size).toBe(1);
      expect(await all[0]!.get(`m${round}`)).toBe(answers[0]);
    }
    expect(await all[0]!.size).toBe(ROUNDS);
  });

  test('delete is true for exactly one, alone and among others of its tick', async () => {
    await using rivals = await openRivals();
    const all = rivals.all.map((me) => me.sortedSetCounter('scores'));
    for (let round = 0; round < ROUNDS; round += 1) {
      await all[0]!.update({ a: 1, b: 2 });
      expect((await Promise.all(all.map((scores) => scores.delete('a')))).filter(Boolean)).toHaveLength(1);
      const together = await Promise.all(all.flatMap((scores) => ['a', 'b', 'c'].map((one) => scores.delete(one))));
      expect(together.filter(Boolean)).toHaveLength(1);
    }
  });

  test('deleteBetween deletes each member for one caller', async () => {
    await using rivals = await openRivals();
    const all = rivals.all.map((me) => me.sortedSetCounter('scores'));
    const content = Array.from({ length: 20 }, (_, i): [string, number] => [`m${i}`, i]);
    const windows = [{ minScore: 5 }, { minRank: -15 }, { minRank: 0, minScore: 5 }, { maxRank: -1, minScore: 5 }];
    for (let round = 0; round < ROUNDS; round += 1) {
      await all[0]!.update(content);
      const deleted = await Promise.all(all.map((scores, i) => scores.deleteBetween(windows[i]!)));
      const left = await all[0]!.items();
      expect(deleted.reduce((sum, one) => sum + one, 0) + left.length).toBe(20);
      expect(left).toEqual(content.slice(0, left.length));
      await all[0]!.clear();
    }
  });

  test('an update is one step: everybody sees all of it or nothing', async () => {
    await using rivals = await openRivals();
    const all = rivals.all.map((me) => me.sortedSetCounter('scores'));
    const names = Array.from({ length: 30 }, (_, i) => `m${i}`);
    const content = (score: number) => new Map(names.map((name) => [name, score]));
    await all[0]!.update(content(0));
    for (let round = 1; round <= ROUNDS; round += 1) {
      const [items, scores] = await Promise.all([
        all[2]!.items(),
        all[3]!.getMany(names),
        all[0]!.update(content(round)),
        all[1]!.update(content(-round)),
      ]);
      expect(new Set(items.map(([, score]) => score)).size).toBe(1);
      expect(new Set(scores).size).toBe(1);
      expect(items).toHaveLength(30);
    }
  });
});
