import type { Contestant } from '../harness/bench.js';
import { defineCase } from '../harness/case.js';
import { openClients, PLAIN_CLIENTS } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';
import { namesOf } from './concurrent.js';

const ENTRIES = 10_000;
const STEP = 10;

/** An entry of a state that is kept for each channel. */
interface Channel {
  readonly id: number;
  readonly name: string;
  readonly enabled: boolean;
  readonly gain: number;
  count: number;
}

/** A scope over a map of which a tenth is changed, beside one read and one write by hand. */
export const syncScope = defineCase({
  name: 'sync',
  title: 'a sync scope: 1,000 changes over 10,000 entries',
  needs: 'server',
  chart: true,
  bars: [{ measure: 'numbers', against: 'ioredis 5, by hand', atLeast: 0.9 }],
  async run(bench) {
    const { me } = await openOurs(bench);
    const names = namesOf(ENTRIES);
    const changed = names.filter((_, i) => i % STEP === 0);
    const clients = await openClients(bench, PLAIN_CLIENTS);
    let round = 0;

    const numbers = me.map<number>('numbers');
    await numbers.setMany(names.map((name, i): [string, number] => [name, i]));
    const scoped: Contestant = {
      subject: 'redimap',
      run: () => {
        round += 1;
        return numbers.sync((local) => {
          for (const name of changed) local.set(name, (local.get(name) ?? 0) + round);
        });
      },
    };
    const byHand = clients.map(async ({ subject, client }): Promise<Contestant> => {
      const key = `numbers ${subject}`;
      await client.hsetMany(
        key,
        names.flatMap((name, i) => [name, String(i)]),
      );
      return {
        subject: `${subject}, by hand`,
        run: async () => {
          round += 1;
          const local = new Map(Array.from(await client.entries(key), ([name, text]) => [name, Number(text)]));
          const pairs: string[] = [];
          for (const name of changed) pairs.push(name, String((local.get(name) ?? 0) + round));
          await client.hsetMany(key, pairs);
        },
      };
    });
    await bench.race([scoped, ...(await Promise.all(byHand))], { operations: 1, measure: 'numbers' });

    const channelOf = (name: string, id: number): Channel => ({ id, name, enabled: true, gain: id / 3, count: 0 });
    const channels = me.map<Channel>('channels');
    await channels.setMany(names.map((name, i): [string, Channel] => [name, channelOf(name, i)]));
    const nested: Contestant = {
      subject: 'redimap',
      run: () =>
        channels.sync((local) => {
          for (const name of changed) (local.get(name) as Channel).count += 1;
        }),
    };
    const asJson = clients.map(async ({ subject, client }): Promise<Contestant> => {
      const key = `channels ${subject}`;
      await client.hsetMany(
        key,
        names.flatMap((name, i) => [name, JSON.stringify(channelOf(name, i))]),
      );
      return {
        subject: `${subject}, JSON by hand`,
        run: async () => {
          const local = new Map(
            Array.from(await client.entries(key), ([name, text]) => [name, JSON.parse(text) as Channel]),
          );
          const pairs: string[] = [];
          for (const name of changed) {
            const channel = local.get(name) as Channel;
            channel.count += 1;
            pairs.push(name, JSON.stringify(channel));
          }
          await client.hsetMany(key, pairs);
        },
      };
    });
    await bench.race([nested, ...(await Promise.all(asJson))], { operations: 1, measure: 'objects, changed inside' });

    const twin = await numbers.sync();
    const native = new Map(twin);
    const work = (map: Map<string, number>) => (): void => {
      for (const name of names) map.set(name, (map.get(name) ?? 0) + 1);
    };
    const twins = [
      { subject: 'redimap', run: work(twin) },
      { subject: 'a native Map', run: work(native) },
    ];
    await bench.race(twins, { operations: ENTRIES, measure: 'get and set of the local copy' });
    twin.discard();
  },
});
