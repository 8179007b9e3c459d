import type { Contestant } from '../harness/bench.js';
import { defineCase } from '../harness/case.js';
import { ALL_CLIENTS, openClients } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';
import { keyv } from '../subjects/stores.js';
import { allAtOnce, concurrently, namesOf } from './concurrent.js';

const CALLS = 10_000;

/** Reads of one tick: the effect of combining them. */
export const mapGet = defineCase({
  name: 'map.get',
  title: '10,000 concurrent map.get',
  needs: 'server',
  chart: true,
  bars: [
    { against: 'ioredis 5 autopipelining', atLeast: 5 },
    { against: 'ioredis 5, one HMGET', atLeast: 0.6 },
  ],
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const names = namesOf(CALLS);
    const map = me.map('get', { value: redimap.codec.text });
    await map.setMany(names.map((name): [string, string] => [name, `value of ${name}`]));
    const auto = me.map<string>('get-auto');
    await auto.setMany(names.map((name): [string, string] => [name, `value of ${name}`]));

    const contestants: Contestant[] = [
      concurrently('redimap', names, (name) => map.get(name)),
      concurrently('redimap, codec.auto', names, (name) => auto.get(name)),
      { subject: 'redimap, getMany', run: () => map.getMany(names) },
    ];
    for (const { subject, client } of await openClients(bench, ALL_CLIENTS)) {
      contestants.push(concurrently(subject, names, (name) => client.hget(map.key, name)));
      if (subject.includes('auto')) continue;
      contestants.push({ subject: `${subject}, pipeline`, run: () => client.pipelineHget(map.key, names) });
      const command = { subject: `${subject}, one HMGET`, run: () => client.hmget(map.key, names) };
      contestants.push(command);
    }
    const store = await bench.open(keyv);
    if (store !== undefined) {
      await allAtOnce(names, (name) => store.set(name, `value of ${name}`));
      contestants.push(concurrently('keyv', names, (name) => store.get(name)));
    }
    await bench.race(contestants, { operations: CALLS });
  },
});
