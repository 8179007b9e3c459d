import { deflateSync } from 'node:zlib';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Codec, codec, type DecodeLimits, type KeyCodec, keyCodec } from '../../src/codec/index.js';
import { Budget, within } from '../../src/codec/limits.js';
import { CodecError } from '../../src/errors.js';
import { ndarray } from '../../src/graph/nd-array.js';
import { DOCUMENTS, GRAPHS, KEYS, TEXTS } from './limits/documents.js';
import { readInChild } from './limits/read-in-child.js';

const MIB = 2 ** 20;
type Documents = Readonly<Record<string, (size: number) => Buffer>>;

/** Documents of some sizes. */
function filled(documents: Documents, ...sizes: readonly number[]): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(documents).flatMap(([name, make]) => sizes.map((size) => [`${name}, ${size}`, make(size)])),
  );
}

const refusedOf = (outcomes: Record<string, string>): string[] =>
  Object.keys(outcomes).filter((name) => outcomes[name] === 'refused');

describe('a reader with a small heap takes at most 20 times the bytes and 64 MiB', () => {
  it('for documents of codec.auto', async () => {
    const outcomes = await readInChild('auto', filled(DOCUMENTS, 40_000, 400_000));
    for (const name of ['objects with the name 322', 'typed arrays', 'errors', 'empty Buffers']) {
      expect(outcomes[`${name}, 400000`], name).toBe('refused');
    }
    // What does not grow is read.
    expect(refusedOf(outcomes).length).toBeLessThan(20);
  });

  it('for documents of codec.structured and of graphs', async () => {
    await readInChild('structured', filled(DOCUMENTS, 100_000));
    expect(refusedOf(await readInChild('graph', filled(GRAPHS, 50_000, 500_000))).length).toBeGreaterThan(0);
  });

  it('for JSON, of any length', async () => {
    const outcomes = await readInChild('json', {
      ...filled(TEXTS, 1_000_000),
      brackets: Buffer.alloc(95_000_000, '['),
      objects: Buffer.from(`[${'{},'.repeat(57_000_000)}0]`),
      numbers: Buffer.from(`[${'1,'.repeat(3_000_000)}0]`),
    });
    expect([outcomes['brackets'], outcomes['objects'], outcomes['numbers']]).toEqual(['refused', 'refused', 'value']);
  });

  it('for keys', async () => {
    await readInChild('keyCodec.any', {
      ...filled(KEYS, 100_000),
      numbers: Buffer.from(`[${'1,'.repeat(50_000_000)}1]`),
    });
  });

  it('for few bytes that are unpacked to many', async () => {
    const packed = (documents: Documents): Record<string, Buffer> =>
      Object.fromEntries(
        Object.entries(filled(documents, MIB)).map(([name, bytes]) => [name, deflateSync(bytes, { level: 1 })]),
      );
    const [empty = Buffer.alloc(0)] = Object.values(filled({ empty: DOCUMENTS['empty objects']! }, 16 * MIB));
    const auto = await readInChild('compressed auto', { ...packed(DOCUMENTS), bomb: deflateSync(empty, { level: 9 }) });
    expect([auto['bomb'], auto['undefined, 1048576']]).toEqual(['refused', 'value']);
    await readInChild('compressed json', packed(TEXTS));
  });
});

describe('values of one reply', () => {
  const blank = ndarray(new Uint8Array(8 * MIB), [2048, 4096]);
  const images = codec.compressed(codec.ndarray('uint8'));
  const stored = images.encode(blank);

  it('are large alone, but not all together', () => {
    expect(stored.length).toBeLessThan(64 * 1024);
    for (let time = 0; time < 10; time++) expect(images.decode(stored).data).toHaveLength(8 * MIB);
    const read = (count: number) =>
      within(new Budget(), () => Array.from({ length: count }, () => images.decode(stored).data.length));
    expect(read(5)).toEqual(new Array(5).fill(8 * MIB));
    expect(() => read(10)).toThrow(CodecError);
  });

  it('that are refused leave the others their room', () => {
    const bomb = deflateSync(DOCUMENTS['empty objects']!(16 * MIB), { level: 9 });
    const any = codec.compressed(codec.auto);
    within(new Budget(), () => {
      for (let time = 0; time < 5; time++) {
        expect(() => any.decode(bomb)).toThrow(CodecError);
        expect(images.decode(stored).data).toHaveLength(8 * MIB);
      }
    });
  });

  it('have the more room, the more bytes they are', () => {
    const million = codec.auto.encode(Array.from({ length: 300_000 }, (_, index) => ({ x: index, y: 0.5 })));
    within(new Budget(), () => {
      for (let time = 0; time < 10; time++) expect(codec.auto.decode(million)).toHaveLength(300_000);
    });
  });
});

describe('what is written can be read again', () => {
  const generous = { allowance: 1024 * MIB };
  const many = Array.from({ length: 2_000_000 }, () => ({}));
  let deep: unknown = [];
  for (let level = 1; level < 513; level++) deep = [deep];

  it.each<[string, Codec<unknown>, unknown]>([
    ['codec.auto', codec.auto, many],
    ['codec.json', codec.json, many.concat(many)],
    ['codec.compressed(codec.auto)', codec.compressed(codec.auto), many.slice(0, 400_000)],
    ['codec.compressed(codec.bytes)', codec.compressed(codec.bytes), Buffer.alloc(32 * MIB)],
  ])('or is refused: %s', (_, plain, value) => {
    expect(() => plain.encode(value)).toThrow(CodecError);
    const wide = codec.limited(plain, generous);
    const bytes = wide.encode(value);
    expect(() => plain.decode(bytes)).toThrow(CodecError);
    expect(wide.decode(bytes)).toHaveLength((value as Buffer).length);
  });

  it('or is refused: what is too deep', () => {
    for (const { encode } of [codec.auto, codec.json] as Codec<unknown>[]) {
      expect(() => encode(deep)).toThrow(/512 levels of nesting/);
    }
    expect(() => codec.json.decode(Buffer.from('['.repeat(513) + ']'.repeat(513)))).toThrow(/512 levels/);
    expect(codec.json.decode(Buffer.from('['.repeat(512) + ']'.repeat(512)))).toHaveLength(1);
  });

  it('or is refused: keys', () => {
    const key = Array.from({ length: 500_000 }, () => ({}));
    expect(() => keyCodec.any.encode(key)).toThrow(CodecError);
    const wide = keyCodec.limited(keyCodec.any, generous);
    const text = wide.encode(key);
    expect(() => keyCodec.any.decode(text)).toThrow(CodecError);
    expect(wide.decode(text)).toHaveLength(key.length);
  });
});

describe('limits of a codec', () => {
  const refuses = (limits: Partial<DecodeLimits>, value: unknown): void => {
    for (const plain of [codec.auto, codec.json, codec.compressed(codec.json)] as Codec<unknown>[]) {
      const narrow = codec.limited(plain, limits);
      expect(() => narrow.encode(value)).toThrow(CodecError);
      expect(() => narrow.decode(plain.encode(value))).toThrow(CodecError);
      expect(narrow.decode(narrow.encode([1]))).toEqual([1]);
    }
  };

  it('bound bytes, depth and memory, in both directions', () => {
    const noise = Array.from({ length: 3_000 }, (_, index) => (index * 7919) % 1_000_003);
    refuses({ maxBytes: 1_000 }, noise);
    refuses({ maxMemory: 20_000 }, noise);
    refuses(
      { maxGrowth: 1, allowance: 10 * MIB },
      Array.from({ length: 100_000 }, () => ({})),
    );
    const narrow = codec.limited(codec.auto, { maxDepth: 2 });
    expect(narrow.decode(narrow.encode([[1]]))).toEqual([[1]]);
    expect(() => narrow.decode(codec.auto.encode([[[1]]]))).toThrow(/2 levels/);
    expect(() => codec.limited(codec.json, { maxDepth: 2 }).encode([[[1]]])).toThrow(/2 levels/);
    const short = codec.limited(codec.compressed(codec.bytes), { maxInflatedBytes: 100 });
    expect(short.decode(short.encode(Buffer.alloc(100)))).toHaveLength(100);
    expect(() => short.encode(Buffer.alloc(101))).toThrow(CodecError);
  });

  it('hold within codecs that are made of others, and those inside add to them', () => {
    const outer = codec.limited(codec.compressed(codec.limited(codec.json, { maxDepth: 3 })), { maxBytes: 100 });
    expect(outer.decode(outer.encode([[[]]]))).toEqual([[[]]]);
    expect(() => outer.encode([[[[]]]])).toThrow(/3 levels/);
    const random = Array.from({ length: 200 }, (_, index) => (index * 7919) % 10_007);
    expect(() => outer.encode(random)).toThrow(/100 bytes/);
  });

  it('bound keys by their bytes', () => {
    const narrow = keyCodec.limited(keyCodec.text, { maxBytes: 4 });
    expect(narrow.decode(narrow.encode('éé'))).toBe('éé');
    expect(() => narrow.encode('ééa')).toThrow(CodecError);
    expect(() => narrow.decode('ééa')).toThrow(CodecError);
    expectTypeOf(narrow).toEqualTypeOf<KeyCodec<string>>();
  });

  it('are over when the codec has thrown', () => {
    const narrow = codec.limited(codec.text, { maxBytes: 1 });
    expect(() => narrow.decode(Buffer.from('ab'))).toThrow(CodecError);
    expect(() => codec.limited(codec.json, { maxDepth: 1 }).decode(Buffer.from('x'))).toThrow(CodecError);
    expect(codec.json.decode(Buffer.from('[[1]]'))).toEqual([[1]]);
  });

  it('are whole numbers of what there is', () => {
    for (const maxDepth of [0, -1, 1.5, Number.NaN, 513]) {
      expect(() => codec.limited(codec.auto, { maxDepth })).toThrow(RangeError);
      expect(() => keyCodec.limited(keyCodec.any, { maxDepth })).toThrow(RangeError);
    }
    expect(() => codec.limited(codec.auto, { maxBytes: 2 ** 30 })).toThrow(RangeError);
    // @ts-expect-error -- there is no such limit
    expect(() => codec.limited(codec.auto, { depth: 3 })).toThrow(TypeError);
    // @ts-expect-error -- a limit is a number
    expect(() => codec.limited(codec.auto, { maxDepth: '3' })).toThrow(RangeError);
    expectTypeOf(codec.limited(codec.int, {})).toEqualTypeOf<Codec<number>>();
    expectTypeOf(codec.limited(codec.ndarray('int8'), {})).toEqualTypeOf<ReturnType<typeof codec.ndarray<'int8'>>>();
  });
});
