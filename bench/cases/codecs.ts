import { deserialize, serialize } from 'node:v8';
import { defineCase } from '../harness/case.js';
import { openOurs } from '../subjects/redimap.js';
import { makeState } from './state-object.js';

/** How often a value is encoded in one run. */
const TIMES = 500;

/** Codecs alone, without a server. */
export const codecs = defineCase({
  name: 'codecs',
  title: 'codec.auto, JSON and v8.serialize, encode and decode',
  needs: 'server',
  async run(bench) {
    const { codec } = (await openOurs(bench)).redimap;
    const values: Record<string, unknown> = {
      'a short text': 'value of channel-17',
      'an object of 5 fields': { name: 'cspad', run: 17, gain: 0.125, masked: false, unit: 'keV' },
      'a state of 841 bytes': makeState(),
      'a Float64Array of 8 KB': new Float64Array(1_024).map((_, i) => i / 3),
    };
    for (const [name, value] of Object.entries(values)) {
      // JSON has no typed arrays, so it gets an array of numbers instead.
      const plain = value instanceof Float64Array ? [...value] : value;
      const ways = [
        {
          subject: 'redimap',
          encode: () => codec.auto.encode(value),
          decode: (bytes: Buffer) => codec.auto.decode(bytes),
        },
        {
          subject: 'JSON',
          encode: () => Buffer.from(JSON.stringify(plain)),
          decode: (bytes: Buffer) => JSON.parse(bytes.toString()) as unknown,
        },
        {
          subject: 'v8.serialize',
          encode: () => serialize(value),
          decode: (bytes: Buffer) => deserialize(bytes) as unknown,
        },
      ];
      const repeat = (once: () => unknown) => () => {
        for (let i = 0; i < TIMES; i += 1) once();
      };
      await bench.race(
        ways.map(({ subject, encode }) => ({ subject, run: repeat(encode) })),
        { operations: TIMES, measure: `encode ${name}` },
      );
      await bench.race(
        ways.map(({ subject, encode, decode }) => {
          const bytes = encode();
          return { subject, run: repeat(() => decode(bytes)) };
        }),
        { operations: TIMES, measure: `decode ${name}` },
      );
    }
  },
});
