import type { Contestant } from '../harness/bench.js';
import { defineCase } from '../harness/case.js';
import { openClients } from '../subjects/index.js';
import { ioredisCluster } from '../subjects/ioredis.js';
import { openOurs, oursOnCluster } from '../subjects/redimap.js';
import { concurrently, namesOf } from './concurrent.js';

const CALLS = 10_000;

/** Reads of one tick on a cluster of three. The layout `sharded`, which spreads a map, will be another subject. */
export const clusterGet = defineCase({
  name: 'cluster.get',
  title: '10,000 concurrent map.get on a cluster of 3',
  needs: 'cluster',
  bars: [{ against: 'ioredis 5 autopipelining', atLeast: 5 }],
  async run(bench) {
    const { redimap, me } = await openOurs(bench, oursOnCluster);
    const names = namesOf(CALLS);
    const map = me.map('cluster-get', { value: redimap.codec.text });
    await map.setMany(names.map((name): [string, string] => [name, `value of ${name}`]));
    const clients = await openClients(bench, [
      ioredisCluster(5),
      ioredisCluster(5, { autoPipelining: true }),
      ioredisCluster(6),
      ioredisCluster(6, { autoPipelining: true }),
    ]);
    const contestants: Contestant[] = [
      concurrently('redimap', names, (name) => map.get(name)),
      ...clients.map(({ subject, client }) => concurrently(subject, names, (name) => client.hget(map.key, name))),
    ];
    await bench.race(contestants, { operations: CALLS });
  },
});
