import { clearUp } from '../harness/bench.js';
import { defineCase } from '../harness/case.js';
import { orderOf, quantile } from '../harness/statistics.js';
import { openClients } from '../subjects/index.js';
import { ioredis } from '../subjects/ioredis.js';
import { openOurs } from '../subjects/redimap.js';

/** The values that are watched all the time. */
const WATCHED = 10_000;

/** The time from a write by another client to the new value in the hands of who watches it, beside that of a PING. */
export const notices = defineCase({
  name: 'notices',
  title: `from a write to the watcher of the value, with ${WATCHED.toLocaleString('en')} values watched`,
  needs: 'server',
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const [writer] = await openClients(bench, [ioredis(5)]);
    if (writer === undefined) throw new Error('There is no client to write with');
    const values = Array.from({ length: WATCHED }, (_, i) => me.value(`watched${i}`, { value: redimap.codec.text }));
    const watches = values.map((value) => value.watch());
    await Promise.all(watches.map((watch) => watch.next()));
    let writes = 0;
    const contestants: { subject: string; run: () => Promise<unknown> }[] = [
      {
        subject: 'redimap',
        run: () => {
          writes += 1;
          const i = (writes * 7_919) % WATCHED;
          const next = watches[i]?.next();
          void writer.client.set(values[i]?.key as string, Buffer.from(String(writes)));
          return next as Promise<unknown>;
        },
      },
      { subject: 'PING, ioredis 5', run: () => writer.client.ping() },
    ];
    const rounds = bench.scale(7, 3);
    const warming = bench.scale(3, 1);
    const calls = bench.scale(2_000, 300);
    const p50s = contestants.map((): number[] => []);
    const p99s = contestants.map((): number[] => []);
    for (let round = -warming; round < rounds; round += 1) {
      for (const index of orderOf(round + warming, contestants.length)) {
        await clearUp();
        const times: number[] = [];
        for (let call = 0; call < calls; call += 1) {
          const start = performance.now();
          await contestants[index]?.run();
          times.push(performance.now() - start);
        }
        if (round < 0) continue;
        p50s[index]?.push(quantile(times, 0.5) * 1_000);
        p99s[index]?.push(quantile(times, 0.99) * 1_000);
      }
    }
    for (const [measure, samples] of Object.entries({ p50: p50s, p99: p99s })) {
      contestants.forEach(({ subject }, index) => {
        bench.record({ measure, subject, unit: 'µs', better: 'lower', samples: samples[index] as number[] });
      });
    }
    for (const watch of watches) await watch.return?.();
  },
});
