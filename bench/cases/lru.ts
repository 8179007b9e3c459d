import { defineCase } from '../harness/case.js';
import { openOurs } from '../subjects/redimap.js';
import { namesOf } from './concurrent.js';

/** Reads of cached entries. */
export const lru = defineCase({
  name: 'lru',
  title: 'hits in an LRUDict',
  needs: 'server',
  bars: [
    { measure: 'peek', atMost: 100 },
    { measure: 'await get', atMost: 300 },
  ],
  async run(bench) {
    const { me } = await openOurs(bench);
    const names = namesOf(1_000);
    const dict = me.lru<number>('lru', { maxSize: 2_000 });
    await dict.setMany(names.map((name, i): [string, number] => [name, i]));
    const native = new Map(names.map((name, i) => [name, i]));
    let sum = 0;
    await bench.race(
      [
        {
          subject: 'redimap',
          run: () => {
            for (const name of names) sum += dict.peek(name) ?? NaN;
          },
        },
        {
          subject: 'a native Map',
          run: () => {
            for (const name of names) sum += native.get(name) ?? NaN;
          },
        },
      ],
      { operations: names.length, measure: 'peek', unit: 'ns' },
    );
    await bench.race(
      [
        {
          subject: 'redimap',
          run: async () => {
            for (const name of names) sum += (await dict.get(name)) ?? NaN;
          },
        },
        {
          subject: 'a native Map behind an async function',
          run: async () => {
            const get = async (name: string): Promise<number | undefined> => native.get(name);
            for (const name of names) sum += (await get(name)) ?? NaN;
          },
        },
      ],
      { operations: names.length, measure: 'await get', unit: 'ns' },
    );
    if (Number.isNaN(sum)) throw new Error('A hit was a miss');
  },
});
