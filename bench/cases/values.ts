import { defineCase } from '../harness/case.js';
import { ALL_CLIENTS, openClients } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';
import { concurrently, namesOf } from './concurrent.js';

const CALLS = 1_000;

/** Values of many keys: no two calls can be combined. */
export const values = defineCase({
  name: 'values',
  title: '1,000 values of as many keys, get and set at once',
  needs: 'server',
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const clients = await openClients(bench, ALL_CLIENTS);
    const ours = namesOf(CALLS).map((name) => me.value(name, { value: redimap.codec.bytes }));
    const bytes = Buffer.from('a value of twenty-four b');
    await bench.race(
      [
        concurrently('redimap', ours, (value) => value.set(bytes)),
        ...clients.map(({ subject, client }) => concurrently(subject, ours, ({ key }) => client.set(key, bytes))),
      ],
      { operations: CALLS, measure: 'set' },
    );
    await bench.race(
      [
        concurrently('redimap', ours, (value) => value.get()),
        ...clients.map(({ subject, client }) => concurrently(subject, ours, ({ key }) => client.getBuffer(key))),
      ],
      { operations: CALLS, measure: 'get' },
    );
  },
});
