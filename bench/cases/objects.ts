import type { Contestant } from '../harness/bench.js';
import { defineCase } from '../harness/case.js';
import { openClients, PLAIN_CLIENTS } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';
import { keyv, unstorage } from '../subjects/stores.js';
import { allAtOnce, concurrently, namesOf } from './concurrent.js';

const CALLS = 2_000;

function objectOf(name: string) {
  return { name, run: 17, gain: 0.125, masked: false, unit: 'keV' };
}

/** Small objects, as a typed map and as JSON. */
export const objects = defineCase({
  name: 'objects',
  title: '2,000 objects of five fields, set then get',
  needs: 'server',
  chart: true,
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const names = namesOf(CALLS);
    type Small = ReturnType<typeof objectOf>;
    const auto = me.map<Small>('objects');
    const json = me.map('objects-json', { value: redimap.codec.json });

    type Layer = { get(name: string): Promise<unknown>; set(name: string, value: Small): Promise<unknown> };
    const layers: [string, Layer][] = [
      ['redimap', auto],
      ['redimap, codec.json', json],
    ];
    for (const peer of [keyv, unstorage]) {
      const store = await bench.open(peer);
      if (store !== undefined) layers.push([peer.subject, store]);
    }
    for (const { subject, client } of await openClients(bench, PLAIN_CLIENTS)) {
      const key = `objects ${subject}`;
      layers.push([
        `${subject} and JSON`,
        {
          get: async (name) => JSON.parse((await client.hget(key, name)) as string) as unknown,
          set: (name, value) => client.hset(key, name, JSON.stringify(value)),
        },
      ]);
    }
    const contestants = (use: (layer: Layer) => (name: string) => Promise<unknown>): Contestant[] =>
      layers.map(([subject, layer]) => concurrently(subject, names, use(layer)));
    for (const [, layer] of layers) await allAtOnce(names, (name) => layer.set(name, objectOf(name)));
    await bench.race(
      contestants((layer) => (name) => layer.get(name)),
      { operations: CALLS, measure: 'get' },
    );
    await bench.race(
      contestants((layer) => (name) => layer.set(name, objectOf(name))),
      { operations: CALLS, measure: 'set' },
    );
  },
});
