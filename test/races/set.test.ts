import { expect, test } from 'vitest';
import { keyCodec } from '../../src/codec/index.js';
import { describeWithRedis, openRivals, RIVALS } from './rivals.js';

const ROUNDS = 100;
const present = <T>(all: readonly (T | undefined)[]): T[] => all.filter((one) => one !== undefined);

describeWithRedis('several connections on one set', () => {
  test('pop has one winner', async () => {
    await using rivals = await openRivals();
    const sets = rivals.all.map((me) => me.set('set'));
    for (let round = 0; round < ROUNDS; round += 1) {
      await sets[0]!.add(`${round}`);
      expect(present(await Promise.all(sets.map((set) => set.pop())))).toEqual([`${round}`]);
    }
  });

  test('pop gives each member to one caller', async () => {
    await using rivals = await openRivals();
    const sets = rivals.all.map((me) => me.set('set', { member: keyCodec.int }));
    for (let round = 0; round < ROUNDS; round += 1) {
      const members = Array.from({ length: 12 }, (_, i) => round * 100 + i);
      await sets[0]!.addMany(members);
      const taken = await Promise.all(
        sets.map(async (set) => {
          const own: number[] = [];
          for (let one = await set.pop(); one !== undefined; one = await set.pop()) own.push(one);
          return own;
        }),
      );
      expect(taken.flat().sort((a, b) => a - b)).toEqual(members);
    }
  });

  test('delete is true for exactly one, alone and among others of its tick', async () => {
    await using rivals = await openRivals();
    const sets = rivals.all.map((me) => me.set('set'));
    for (let round = 0; round < ROUNDS; round += 1) {
      await sets[0]!.addMany(['a', 'b']);
      const alone = await Promise.all(sets.map((set) => set.delete('a')));
      expect(alone.filter(Boolean)).toHaveLength(1);
      const together = await Promise.all(sets.flatMap((set) => [set.delete('a'), set.delete('b'), set.delete('c')]));
      expect(together.filter(Boolean)).toHaveLength(1);
    }
  });

  test('toggleAll is one step: twice by everybody is as before, and no one sees it half done', async () => {
    await using rivals = await openRivals();
    const sets = rivals.all.map((me) => me.set('set', { member: keyCodec.int }));
    const half = Array.from({ length: 50 }, (_, i) => i);
    const all = new Set(Array.from({ length: 100 }, (_, i) => i));
    const rest = new Set([...all].slice(50));
    await sets[0]!.addMany(half);
    for (let round = 0; round < ROUNDS; round += 1) {
      const [seen] = await Promise.all([
        Promise.all([sets[1]!.toSet(), sets[2]!.toSet(), sets[3]!.toSet()]),
        ...sets.map((set) => set.toggleAll(all)),
        sets[0]!.toggleAll(half, rest),
        sets[1]!.toggleAll(all),
      ]);
      for (const one of seen) expect([...one].sort((a, b) => a - b)).toEqual(one.has(0) ? half : [...rest]);
      expect(await sets[0]!.toSet()).toEqual(new Set(half));
    }
    expect(RIVALS % 2).toBe(0);
  });

  test('toggles of one member by each are all there', async () => {
    await using rivals = await openRivals();
    const sets = rivals.all.map((me) => me.set('set', { member: keyCodec.int }));
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all(sets.flatMap((set, i) => [set.toggleAll([i]), set.toggleAll([i, 99]), set.toggleAll([i])]));
      expect(await sets[0]!.toSet()).toEqual(round % 2 === 0 ? new Set([0, 1, 2, 3]) : new Set());
    }
  });

  test('members put beside the set by several at once do not mix', async () => {
    await using rivals = await openRivals();
    const sets = rivals.all.map((me) => me.set('set'));
    for (let round = 0; round < ROUNDS; round += 1) {
      await sets[0]!.addMany(['a', 'b', 'c', 'd', 'e']);
      // Each leaves out one of the members: were they mixed, more would stay.
      await Promise.all(sets.map((set, i) => set.retainAll([...'abcde'].filter((_, at) => at !== i))));
      expect(await sets[0]!.toSet()).toEqual(new Set(['e']));
    }
  });

  test('iteration sees what stays, once, and never fails because others write', async () => {
    await using rivals = await openRivals();
    const sets = rivals.all.map((me) => me.set('set'));
    const stays = Array.from({ length: 700 }, (_, i) => `stay${i}`);
    await sets[0]!.addMany(stays);
    let reading = true;
    const writing = (async () => {
      for (let i = 0; reading; i += 1) {
        const members = Array.from({ length: 300 }, (_, j) => `w${(i * 7 + j) % 900}`);
        await sets[0]!.addMany(members);
        if (i % 3 === 0) await sets[1]!.deleteAll(members);
      }
    })();
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        const seen: string[] = [];
        for await (const member of sets[2 + (round % 2)]!) seen.push(member);
        const found = new Set(seen);
        expect(found.size).toBe(seen.length);
        expect(stays.filter((member) => !found.has(member))).toEqual([]);
      }
    } finally {
      reading = false;
      await writing;
    }
  });
});
