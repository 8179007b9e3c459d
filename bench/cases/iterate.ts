import type { RedisMap } from '../../src/index.js';
import type { Bench } from '../harness/bench.js';
import { defineCase } from '../harness/case.js';
import { openClients, PLAIN_CLIENTS } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';

const PAGE = 1_000;
const MEGABYTE = 2 ** 20;

/** Iteration over all entries of a large map, and the memory that it takes. */
export const iterate = defineCase({
  name: 'map.iterate',
  title: 'for await over all entries (1,000,000; quick: 100,000)',
  needs: 'server',
  bars: [
    { measure: 'throughput', against: 'ioredis 5, HSCAN', atLeast: 0.8 },
    { measure: 'memory over baseline', atMost: 64 },
  ],
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const entries = bench.scale(1_000_000, 100_000);
    const map = me.map('large', { value: redimap.codec.text });
    for (let first = 0; first < entries; first += 10_000) {
      await map.setMany(Array.from({ length: 10_000 }, (_, i): [string, string] => [`channel-${first + i}`, `${i}`]));
    }
    const walk = async (): Promise<void> => {
      let seen = 0;
      for await (const [name] of map) if (name.length > 0) seen += 1;
      if (seen !== entries) throw new Error(`${seen} entries came, not ${entries}`);
    };
    await measureMemory(bench, map, walk);

    const clients = await openClients(bench, PLAIN_CLIENTS);
    await bench.race(
      [
        { subject: 'redimap', run: walk },
        ...clients.map(({ subject, client }) => ({
          subject: `${subject}, HSCAN`,
          run: async () => {
            let cursor = '0';
            let length = 0;
            do {
              const [next, pairs] = await client.hscan(map.key, cursor, PAGE);
              // Names and values are decoded to text, as the map does; repeated entries are not filtered out.
              for (const part of pairs) length += part.toString().length;
              cursor = next;
            } while (cursor !== '0');
            return length;
          },
        })),
      ],
      { operations: entries },
    );
  },
});

/** Measures how much more memory the process holds in the middle of an iteration than before it, without garbage. */
async function measureMemory(bench: Bench, map: RedisMap<string, string>, warmUp: () => Promise<void>): Promise<void> {
  const held = (): number => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / MEGABYTE;
  };
  await warmUp();
  const before = held();
  let most = before;
  let seen = 0;
  for await (const _entry of map) {
    seen += 1;
    if (seen % 25_000 === 0) most = Math.max(most, held());
  }
  bench.record({
    measure: 'memory over baseline',
    subject: 'redimap',
    unit: 'MB',
    better: 'lower',
    samples: [Math.max(0, most - before)],
  });
}
