import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { codec, WrongTypeError } from '../../src/index.js';
import { rejection, useSubject } from '../contract/subject.js';
import { describeEachBackend } from '../support/matrix.js';

/** Long enough to be written piece by piece. */
const LARGE = Buffer.alloc(300_000, 7);

describeEachBackend('a command with a large argument', {}, (backend) => {
  const subject = useSubject(backend);

  it('arrives byte by byte, beside text, short and empty bytes', async () => {
    const map = subject.me.map('large', { value: codec.bytes });
    const values = [
      Buffer.alloc(0),
      LARGE,
      Buffer.from('ä\r\n'),
      Buffer.from([0, 255]),
      LARGE.subarray(1),
      Buffer.alloc(0),
    ];
    const entries = values.map((value, i) => [`ü\r\n$${i}`, value] as const);
    await map.setMany(entries);
    const stored = await map.getMany(entries.map(([key]) => key));
    expect(stored.map((bytes, i) => bytes !== undefined && values[i]?.equals(bytes))).toEqual(values.map(() => true));
  });

  it('property: so does whatever is written together', async () => {
    const map = subject.me.map('any', { value: codec.bytes });
    const field = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => text.isWellFormed());
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 250, maxLength: 260 }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(field, bytes), { minLength: 1, maxLength: 30 }), async (entries) => {
        const written = new Map(entries.map(([key, value]) => [`f${key}`, Buffer.from(value)]));
        await Promise.all(Array.from(written, ([key, value]) => map.set(key, value)));
        expect(await map.getMany(written.keys())).toEqual([...written.values()]);
      }),
      { numRuns: backend.kind === 'embedded' ? 10 : 60 },
    );
  });

  it('keeps its place among others of its tick', async () => {
    const [map, value] = [
      subject.me.map('large', { value: codec.bytes }),
      subject.me.value('one', { value: codec.bytes }),
    ];
    const replies = await Promise.all([
      map.set('a', Buffer.from('1')),
      map.swap('a', LARGE),
      map.set('b', LARGE),
      map.getMany(['a', 'b']),
      value.set(LARGE),
      value.get(),
      map.set('b', Buffer.from('2')),
      map.getMany(['a', 'b']),
    ]);
    const sums = [replies[1], ...replies[3], replies[5], ...replies[7]].map((bytes) => bytes && crc32(bytes));
    const [one, two, large] = ['1', '2', LARGE].map((bytes) => crc32(bytes));
    expect(sums).toEqual([one, large, large, large, large, two]);
  });

  it('is what it was when it was set, whatever becomes of the array', async () => {
    const map = subject.me.map('large', { value: codec.typedArray(Uint8Array) });
    const array = new Uint8Array(12 << 20).fill(1);
    const calls = [map.set('a', array), map.setMany([['b', array]])];
    array.fill(2);
    await new Promise(setImmediate);
    array.fill(3);
    await Promise.all(calls);
    const expected = Buffer.alloc(array.length, 1);
    for (const read of await map.getMany(['a', 'b'])) expect(expected.equals(read as Uint8Array)).toBe(true);
  });

  it('stays what it was while the memory of earlier ones is used again', async () => {
    const size = 3 << 19;
    const ofRound = (round: number): Uint8Array => new Uint8Array(size).fill(round);
    const [values, map, list] = [
      subject.me.value('one', { value: codec.bytes }),
      subject.me.map('many'),
      subject.me.list('items', { value: codec.typedArray(Uint8Array) }),
    ];
    const sumOf = (bytes: Uint8Array): number => crc32(bytes);
    const wanted: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      const array = ofRound(round);
      wanted.push(sumOf(array));
      const calls = [values.set(array), map.set(`${round}`, { array }), list.push(array)];
      if (round % 3 === 0) calls.push(map.set(`again ${round}`, array), values.set(array), list.set(-1, array));
      array.fill(0xff);
      await Promise.all(calls);
      expect(sumOf((await values.get()) as Uint8Array)).toBe(wanted.at(-1));
    }
    // Those first written were written over by none that came after them.
    const items = await list.toArray();
    expect(items.map(sumOf)).toEqual(wanted);
    for (let round = 0; round < 12; round += 1) {
      const entry = (await map.get(`${round}`)) as { array: Uint8Array };
      expect(sumOf(entry.array)).toBe(wanted[round]);
    }
  });
});

describeEachBackend('a transaction with a large argument', {}, (backend) => {
  const subject = useSubject(backend);

  it('runs as a whole, in its place among the calls of its tick', async () => {
    const map = subject.me.map('large', { value: codec.bytes });
    const calls = [
      map.set('a', Buffer.from('before')),
      map.swap('a', LARGE),
      map.get('a'),
      map.swap('a', Buffer.from('after')),
    ] as const;
    const [, before, read, replaced] = await Promise.all(calls);
    expect(before?.toString()).toBe('before');
    expect(LARGE.equals(read as Buffer)).toBe(true);
    expect(LARGE.equals(replaced as Buffer)).toBe(true);
    expect((await map.get('a'))?.toString()).toBe('after');
  });

  it('says what was refused', async () => {
    await subject.me.list('held').push('a');
    expect(await rejection(subject.me.value('held', { value: codec.bytes }).set(LARGE))).toBeInstanceOf(WrongTypeError);
    expect(await rejection(subject.me.map('held', { value: codec.bytes }).swap('a', LARGE))).toBeInstanceOf(
      WrongTypeError,
    );
    expect(await subject.me.list('held').toArray()).toEqual(['a']);
  });
});
