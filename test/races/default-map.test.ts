import { expect, test } from 'vitest';
import { codec } from '../../src/index.js';
import { describeWithRedis, openRivals } from './rivals.js';

const ROUNDS = 100;

describeWithRedis('several connections on one default map', () => {
  test('who miss a key at once get one answer, which stays', async () => {
    await using rivals = await openRivals();
    let calls = 0;
    const maps = rivals.all.map((me, i) =>
      me.defaultMap('map', {
        value: codec.text,
        factory(key: string) {
          calls += 1;
          return `${key} by ${i}`;
        },
      }),
    );
    for (let round = 0; round < ROUNDS; round += 1) {
      const key = `key ${round}`;
      const got = await Promise.all(maps.flatMap((map) => [map.get(key), map.get(key)]));
      expect(new Set(got).size).toBe(1);
      expect(got[0]).toMatch(new RegExp(`^${key} by [0-3]$`));
      expect(await Promise.all(maps.map((map) => map.get(key)))).toEqual(maps.map(() => got[0]));
    }
    expect(calls).toBeGreaterThanOrEqual(ROUNDS);
    expect(await maps[0]!.size).toBe(ROUNDS);
  });

  test('a default does not overwrite what another sets meanwhile', async () => {
    await using rivals = await openRivals();
    const maps = rivals.all.map((me) => me.defaultMap('map', { value: codec.text, factory: () => 'default' }));
    for (let round = 0; round < ROUNDS; round += 1) {
      const key = `key ${round}`;
      await Promise.all([maps[0]!.get(key), maps[1]!.set(key, 'set'), maps[2]!.get(key), maps[3]!.get(key)]);
      expect(await maps[0]!.peek(key)).toBe('set');
    }
  });

  test('creation with data: one wins, all attach, or all but one are refused', async () => {
    await using rivals = await openRivals();
    for (let round = 0; round < ROUNDS; round += 1) {
      const make = (ifExists: 'attach' | 'fail') =>
        rivals.all.map((me, i) =>
          me.defaultMap<number>(`${ifExists} ${round}`, { factory: () => -1, data: { winner: i }, ifExists }),
        );
      const winners = await Promise.all(make('attach').map((map) => map.get('winner')));
      expect(new Set(winners).size).toBe(1);
      expect(winners[0]).toBeGreaterThanOrEqual(0);
      const outcomes = await Promise.allSettled(make('fail').map((map) => map.get('winner')));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(outcomes.find(({ status }) => status === 'fulfilled')).toMatchObject({
        value: outcomes.findIndex(({ status }) => status === 'fulfilled'),
      });
    }
  });
});
