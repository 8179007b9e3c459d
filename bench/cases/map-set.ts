import type { Contestant } from '../harness/bench.js';
import { defineCase } from '../harness/case.js';
import { ALL_CLIENTS, openClients } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';
import { keyv } from '../subjects/stores.js';
import { concurrently, namesOf } from './concurrent.js';

const CALLS = 10_000;

/** Writes of one tick. */
export const mapSet = defineCase({
  name: 'map.set',
  title: '10,000 concurrent map.set',
  needs: 'server',
  chart: true,
  bars: [
    { against: 'ioredis 5 autopipelining', atLeast: 5 },
    { against: 'ioredis 5, one HSET', atLeast: 0.6 },
  ],
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const names = namesOf(CALLS);
    const map = me.map('set', { value: redimap.codec.text });
    const auto = me.map<string>('set-auto');
    const pairs = names.flatMap((name) => [name, `value of ${name}`]);

    const contestants: Contestant[] = [
      concurrently('redimap', names, (name) => map.set(name, `value of ${name}`)),
      concurrently('redimap, codec.auto', names, (name) => auto.set(name, `value of ${name}`)),
    ];
    for (const { subject, client } of await openClients(bench, ALL_CLIENTS)) {
      const key = `set ${subject}`;
      contestants.push(concurrently(subject, names, (name) => client.hset(key, name, `value of ${name}`)));
      if (subject.includes('auto')) continue;
      contestants.push({ subject: `${subject}, pipeline`, run: () => client.pipelineHset(key, pairs) });
      contestants.push({ subject: `${subject}, one HSET`, run: () => client.hsetMany(key, pairs) });
    }
    const store = await bench.open(keyv);
    if (store !== undefined) {
      contestants.push(concurrently('keyv', names, (name) => store.set(name, `value of ${name}`)));
    }
    await bench.race(contestants, { operations: CALLS });
  },
});
