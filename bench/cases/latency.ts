import { clearUp } from '../harness/bench.js';
import { defineCase } from '../harness/case.js';
import { orderOf, quantile } from '../harness/statistics.js';
import { openClients, PLAIN_CLIENTS } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';
import { namesOf } from './concurrent.js';

/** The latency of a get while a fixed number of others are in flight, each of which is followed by another. */
export const latency = defineCase({
  name: 'latency',
  title: 'the time of one get, with 1, 64 and 1,000 under way',
  needs: 'server',
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const clients = await openClients(bench, PLAIN_CLIENTS);
    const names = namesOf(1_000);
    const map = me.map('latency', { value: redimap.codec.text });
    await map.setMany(names.map((name): [string, string] => [name, `value of ${name}`]));
    const contestants: { subject: string; get: (name: string) => Promise<unknown> }[] = [
      { subject: 'redimap', get: (name) => map.get(name) },
      ...clients.map(({ subject, client }) => ({ subject, get: (name: string) => client.hget(map.key, name) })),
    ];
    const rounds = bench.scale(7, 3);
    // Some calls are slow until all of their code is compiled.
    const warming = bench.scale(3, 1);
    for (const concurrency of [1, 64, 1_000]) {
      const calls = bench.scale(Math.max(2_000, 20 * concurrency), Math.max(300, 4 * concurrency));
      const p50s = contestants.map((): number[] => []);
      const p99s = contestants.map((): number[] => []);
      for (let round = -warming; round < rounds; round += 1) {
        for (const index of orderOf(round + warming, contestants.length)) {
          await clearUp();
          const times = await timesOf((contestants[index] as (typeof contestants)[0]).get, names, concurrency, calls);
          if (round < 0) continue;
          p50s[index]?.push(quantile(times, 0.5) * 1_000);
          p99s[index]?.push(quantile(times, 0.99) * 1_000);
        }
      }
      for (const [what, samples] of Object.entries({ p50: p50s, p99: p99s })) {
        contestants.forEach(({ subject }, index) => {
          const measure = `${what}, ${concurrency} under way`;
          bench.record({ measure, subject, unit: 'µs', better: 'lower', samples: samples[index] as number[] });
        });
      }
    }
  },
});

/** Measures the milliseconds of each of some calls. */
async function timesOf(
  get: (name: string) => Promise<unknown>,
  names: readonly string[],
  concurrency: number,
  calls: number,
): Promise<number[]> {
  const times: number[] = [];
  let started = 0;
  const caller = async (): Promise<void> => {
    while (started < calls) {
      started += 1;
      const start = performance.now();
      await get(names[started % names.length] as string);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return times;
}
