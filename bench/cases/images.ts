import { defineCase } from '../harness/case.js';
import { openClients, PLAIN_CLIENTS } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';

/** Images: one large array, written and read back. */
export const images = defineCase({
  name: 'images',
  title: 'a Float64Array of 8 MB and one of 2 MB, set and get',
  needs: 'server',
  chart: true,
  bars: [{ measure: '8 MB', against: 'ioredis 5', atLeast: 0.95 }],
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const clients = await openClients(bench, PLAIN_CLIENTS);
    for (const megabytes of [8, 2]) {
      const frame = new Float64Array((megabytes * 2 ** 20) / 8).map((_, i) => i);
      const side = Math.sqrt(frame.length);
      const value = me.value(`image-${megabytes}`, { value: redimap.codec.typedArray(Float64Array) });
      const entry = me.map(`images-${megabytes}`, { value: redimap.codec.typedArray(Float64Array) });
      const npy = me.value(`npy-${megabytes}`, { value: redimap.codec.ndarray('float64') });
      const shaped = redimap.ndarray(frame, Number.isInteger(side) ? [side, side] : [2, frame.length / 2]);
      await bench.race(
        [
          { subject: 'redimap', run: async () => (await value.set(frame), value.get()) },
          { subject: 'redimap, in a map', run: async () => (await entry.set('cspad', frame), entry.get('cspad')) },
          { subject: 'redimap, codec.ndarray', run: async () => (await npy.set(shaped), npy.get()) },
          ...clients.map(({ subject, client }) => ({
            subject,
            run: async () => {
              await client.set(`image ${subject}`, Buffer.from(frame.buffer));
              return client.getBuffer(`image ${subject}`);
            },
          })),
        ],
        { operations: 2 * megabytes, measure: `${megabytes} MB`, unit: 'MB/s' },
      );
    }
  },
});
