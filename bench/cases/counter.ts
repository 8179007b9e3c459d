import { defineCase } from '../harness/case.js';
import { openClients, PLAIN_CLIENTS } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';
import { concurrently, namesOf } from './concurrent.js';

const CALLS = 5_000;

/** Increments, each of which returns the new count. */
export const counter = defineCase({
  name: 'counter',
  title: '5,000 concurrent increments',
  needs: 'server',
  async run(bench) {
    const { me } = await openOurs(bench);
    const clients = await openClients(bench, PLAIN_CLIENTS);
    const calls = namesOf(CALLS).map((_, i) => `bin-${i % 100}`);
    const counts = me.counter('counts');
    await bench.race(
      [
        concurrently('redimap', calls, (name) => counts.increment(name)),
        { subject: 'redimap, one update', run: () => counts.update(calls) },
        ...clients.map(({ subject, client }) =>
          concurrently(subject, calls, (name) => client.hincrby(`counts ${subject}`, name, 1)),
        ),
      ],
      { operations: CALLS },
    );
  },
});
