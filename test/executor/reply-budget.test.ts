import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Codec, codec, CodecError, connect, Namespace, type RedisMap } from '../../src/index.js';

/*
 * What the values of one reply take in memory is bounded together: a reader of many small values that each unpack to
 * much would not live on else.
 */

const MIB = 2 ** 20;
const client = connect('memory:');
const me = new Namespace(client, { hostname: 'h', processType: 'budget', id: 1 });
const zeros = codec.compressed(codec.bytes);
const wide = codec.limited(zeros, { allowance: 512 * MIB });
const opened = (value: Codec<Uint8Array>): RedisMap<string, Uint8Array> => me.map('blank', { value });
const names = Array.from({ length: 10 }, (_, index) => `image-${index}`);

beforeAll(async () => {
  const map = opened(zeros);
  for (const name of names) await map.set(name, Buffer.alloc(8 * MIB));
});
afterAll(() => client.disconnect());

it('lets each of the values be read alone', async () => {
  for (const name of names) expect(await opened(zeros).get(name)).toHaveLength(8 * MIB);
  expect((await opened(zeros).getMany(names.slice(0, 4))).length).toBe(4);
});

it('refuses them all together, whatever way they are asked for', async () => {
  const map = opened(zeros);
  const list = me.list('blank-list', { value: zeros });
  await list.push(...names.map(() => Buffer.alloc(8 * MIB)));
  const reads: (() => Promise<unknown>)[] = [
    () => map.getMany(names),
    () => map.toMap(),
    () => drained(map.values()),
    () => Promise.all(names.map((name) => map.get(name))),
    () => list.toArray(),
  ];
  for (const [index, read] of reads.entries()) {
    await expect(read(), String(index)).rejects.toThrow(CodecError);
  }
});

it('answers calls of one tick one by one, as far as there is room', async () => {
  const results = await Promise.allSettled(names.map((name) => opened(zeros).get(name)));
  const read = results.filter(({ status }) => status === 'fulfilled').length;
  expect(read).toBeGreaterThanOrEqual(5);
  expect(read).toBeLessThan(10);
});

it('has the room that the codec says', async () => {
  expect((await opened(wide).toMap()).size).toBe(10);
});

async function drained(values: AsyncIterable<unknown>): Promise<void> {
  for await (const value of values) expect(value).toHaveLength(8 * MIB);
}
