import { defineCase } from '../harness/case.js';
import { openOurs } from '../subjects/redimap.js';
import { concurrently, sequentially } from './concurrent.js';

/** Whether a get takes the same time in a map of a thousand entries and in one of a million. */
export const growth = defineCase({
  name: 'growth',
  title: 'map.get as the map grows (the first column: how many times faster the smallest map is)',
  needs: 'server',
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const sizes = bench.quick ? [1_000, 100_000] : [1_000, 10_000, 100_000, 1_000_000];
    const maps = sizes.map((size) => ({ size, map: me.map(`growth-${size}`, { value: redimap.codec.text }) }));
    for (const { size, map } of maps) {
      const step = Math.min(size, 10_000);
      for (let first = 0; first < size; first += step) {
        await map.setMany(Array.from({ length: step }, (_, i): [string, string] => [`channel-${first + i}`, `${i}`]));
      }
    }
    // The same number of names for each size, spread over the whole map.
    const names = (size: number) =>
      Array.from({ length: 1_000 }, (_, i) => `channel-${Math.floor((i * size) / 1_000)}`);
    const subject = (size: number) =>
      size === sizes[0] ? 'redimap' : `redimap, ${size.toLocaleString('en-US')} entries`;
    await bench.race(
      maps.map(({ size, map }) => concurrently(subject(size), names(size), (name) => map.get(name))),
      { operations: 1_000, measure: '1,000 at once' },
    );
    await bench.race(
      maps.map(({ size, map }) => sequentially(subject(size), names(size).slice(0, 200), (name) => map.get(name))),
      { operations: 200, measure: 'one after the other' },
    );
  },
});
