import type { Contestant } from '../harness/bench.js';
import { defineCase } from '../harness/case.js';
import { openClients, PLAIN_CLIENTS } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';
import { concurrently, namesOf } from './concurrent.js';

const CALLS = 1_000;

/** Returns the bytes of an array, without copying. */
function bytesOf(array: Float64Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

/** Copies the bytes of a reply into an array, since they are an unaligned slice of a shared buffer. */
function arrayOf(bytes: Buffer | null): Float64Array {
  const copy = new Uint8Array(bytes as Buffer);
  return new Float64Array(copy.buffer);
}

/** Waveforms: arrays of 1 and of 8 KB. */
export const waveforms = defineCase({
  name: 'waveforms',
  title: '1,000 Float64Arrays, set then get',
  needs: 'server',
  async run(bench) {
    const { redimap, me } = await openOurs(bench);
    const clients = await openClients(bench, PLAIN_CLIENTS);
    const names = namesOf(CALLS);
    for (const kilobytes of [1, 8]) {
      const wave = new Float64Array(kilobytes * 128).map((_, i) => Math.sin(i));
      const typed = me.map(`wave-${kilobytes}`, { value: redimap.codec.typedArray(Float64Array) });
      const auto = me.map<Float64Array>(`wave-auto-${kilobytes}`);
      const key = (subject: string) => `wave ${kilobytes} ${subject}`;
      const sets: Contestant[] = [
        concurrently('redimap', names, (name) => typed.set(name, wave)),
        concurrently('redimap, codec.auto', names, (name) => auto.set(name, wave)),
        ...clients.map(({ subject, client }) =>
          concurrently(`${subject}, bytes by hand`, names, (name) => client.hset(key(subject), name, bytesOf(wave))),
        ),
      ];
      const gets: Contestant[] = [
        concurrently('redimap', names, (name) => typed.get(name)),
        concurrently('redimap, codec.auto', names, (name) => auto.get(name)),
        ...clients.map(({ subject, client }) =>
          concurrently(`${subject}, bytes by hand`, names, async (name) =>
            arrayOf(await client.hgetBuffer(key(subject), name)),
          ),
        ),
      ];
      await bench.race(sets, { operations: CALLS, measure: `set ${kilobytes} KB` });
      await bench.race(gets, { operations: CALLS, measure: `get ${kilobytes} KB` });
    }
  },
});
