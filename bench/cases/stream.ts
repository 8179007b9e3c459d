import { defineCase } from '../harness/case.js';
import { ALL_CLIENTS, openClients } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';
import { allAtOnce, concurrently, namesOf } from './concurrent.js';

/** A stream as a log: entries that are added at once, and a follower that reads them. */
export const stream = defineCase({
  name: 'stream',
  title: 'a stream: entries added at once, and followed',
  needs: 'server',
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const clients = await openClients(bench, ALL_CLIENTS);
    const items = namesOf(bench.scale(10_000, 1_000));
    const value = { value: redimap.codec.text };
    const log = me.stream('log', { ...value, maxLength: 100_000 });

    await bench.race(
      [
        concurrently('redimap', items, (item) => log.add(item)),
        { subject: 'redimap, addMany', run: () => log.addMany(items) },
        ...clients.map(({ subject, client }) =>
          concurrently(subject, items, (item) => client.xadd(`log ${subject}`, item)),
        ),
      ],
      { operations: items.length, measure: 'add at once' },
    );

    const followed = me.stream('followed', value);
    await followed.addMany(items);
    const page = async (): Promise<void> => {
      let left = items.length;
      for await (const _ of followed.follow({ from: 'start' })) if ((left -= 1) === 0) break;
    };
    await bench.race(
      [
        { subject: 'redimap, follow', run: page },
        {
          subject: 'redimap, iteration',
          run: async () => {
            for await (const _ of followed);
          },
        },
        { subject: 'redimap, toArray', run: () => followed.toArray() },
      ],
      { operations: items.length, measure: 'read all' },
    );
    await allAtOnce(clients, ({ subject, client }) => client.del(`log ${subject}`));
  },
});
