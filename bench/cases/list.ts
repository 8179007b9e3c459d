import { defineCase } from '../harness/case.js';
import { openClients, PLAIN_CLIENTS } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';
import { allAtOnce, namesOf, oneByOne } from './concurrent.js';

/** A list as a queue. */
export const list = defineCase({
  name: 'list',
  title: 'a queue: push at once, then take or shift',
  needs: 'server',
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const clients = await openClients(bench, PLAIN_CLIENTS);
    const items = namesOf(bench.scale(2_000, 500));
    const queue = me.list('queue', { value: redimap.codec.text });

    await bench.race(
      [
        {
          subject: 'redimap',
          run: async () => (await allAtOnce(items, (item) => queue.push(item)), allAtOnce(items, () => queue.shift())),
        },
        ...clients.map(({ subject, client }) => ({
          subject,
          run: async () => {
            await allAtOnce(items, (item) => client.rpush(`queue ${subject}`, item));
            return allAtOnce(items, () => client.lpop(`queue ${subject}`));
          },
        })),
      ],
      { operations: 2 * items.length, measure: 'push and shift at once' },
    );
    const few = items.slice(0, bench.scale(500, 100));
    await bench.race(
      [
        {
          subject: 'redimap',
          run: async () => {
            await queue.push(...few);
            await oneByOne(few, () => queue.take({ timeout: 1_000 }));
          },
        },
        ...clients.map(({ subject, client }) => ({
          subject: `${subject}, LPOP`,
          run: async () => {
            await allAtOnce(few, (item) => client.rpush(`queue ${subject}`, item));
            await oneByOne(few, () => client.lpop(`queue ${subject}`));
          },
        })),
      ],
      { operations: few.length, measure: 'take, one after the other' },
    );
  },
});
