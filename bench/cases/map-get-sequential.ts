import { defineCase } from '../harness/case.js';
import { ALL_CLIENTS, openClients } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';
import { namesOf, sequentially } from './concurrent.js';

/** Reads that wait for each other: they cannot be combined, so this shows what the layer costs. */
export const mapGetSequential = defineCase({
  name: 'map.get-sequential',
  title: 'await map.get, one after the other',
  needs: 'server',
  bars: [{ against: 'ioredis 5', atLeast: 0.95 }],
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const names = namesOf(bench.scale(1_000, 200));
    const map = me.map('sequential', { value: redimap.codec.text });
    await map.setMany(names.map((name): [string, string] => [name, `value of ${name}`]));
    const clients = await openClients(bench, ALL_CLIENTS);
    await bench.race(
      [
        sequentially('redimap', names, (name) => map.get(name)),
        ...clients.map(({ subject, client }) => sequentially(subject, names, (name) => client.hget(map.key, name))),
      ],
      { operations: names.length },
    );
  },
});
