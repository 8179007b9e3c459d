import { defineCase } from '../harness/case.js';
import { openClients, PLAIN_CLIENTS } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';
import { keyv } from '../subjects/stores.js';
import { concurrently, namesOf } from './concurrent.js';
import { makeState, type State, StateSchema } from './state-object.js';

const CALLS = 1_000;

/** State objects: checked against a schema on the way in and on the way out, which JSON alone does not. */
export const state = defineCase({
  name: 'state',
  title: '1,000 state objects of 841 bytes with a zod schema, set then get',
  needs: 'server',
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const names = namesOf(CALLS);
    const value = makeState();
    type Layer = { get(name: string): Promise<unknown>; set(name: string, value: State): Promise<unknown> };
    const layers: [string, Layer][] = [
      ['redimap', me.map('state', { value: redimap.codec.state(StateSchema) })],
      ['redimap, codec.auto without a schema', me.map<State>('state-auto')],
    ];
    for (const { subject, client } of await openClients(bench, PLAIN_CLIENTS)) {
      const key = `state ${subject}`;
      layers.push([
        `${subject}, JSON and zod`,
        {
          get: async (name) => StateSchema.parse(JSON.parse((await client.hget(key, name)) as string)),
          set: async (name, given) => client.hset(key, name, JSON.stringify(StateSchema.parse(given))),
        },
      ]);
    }
    const store = await bench.open(keyv);
    if (store !== undefined) layers.push(['keyv, no schema', store]);
    for (const measure of ['set', 'get'] as const) {
      await bench.race(
        layers.map(([subject, layer]) =>
          concurrently(subject, names, (name) => (measure === 'set' ? layer.set(name, value) : layer.get(name))),
        ),
        { operations: CALLS, measure },
      );
    }
  },
});
