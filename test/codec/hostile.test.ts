import fc from 'fast-check';
import { encode as foreignEncode, Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { codec } from '../../src/codec/index.js';
import { CodecError } from '../../src/errors.js';
import { ComputationGraph } from '../../src/graph/computation-graph.js';
import { input } from '../../src/graph/flow.js';
import { ndarray } from '../../src/graph/nd-array.js';
import { ops } from '../../src/graph/ops.js';
import { anyValue, attempt, difference, unaligned } from './support.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const both = [codec.auto, codec.structured];

const SAMPLES: unknown[] = [
  { id: 7, name: 'laser', x: 1.5, list: [1, null, undefined, -0, 5n], nested: { deep: { er: true } } },
  new Map<unknown, unknown>([
    ['k', new Set([1, 'a'])],
    [{ a: 1 }, new TypeError('x', { cause: new Date(5) })],
  ]),
  ndarray(new Float64Array([1, 2, 3, 4, 5, 6]), [2, 3]),
  [
    ndarray(new Int16Array(4), [4]),
    new Uint8Array(3),
    Buffer.from('abc'),
    new ArrayBuffer(5),
    2n ** 70n,
    '\ud800',
    new Date(Number.NaN),
  ],
  [ComputationGraph.of({ total: ops.sum(input.array('image', { rank: 2 })) }), 1],
  { ['\ud800']: 1, b: 'é'.repeat(40) },
  'x'.repeat(40),
  1.5,
];

/** Decoding must give a value that can be encoded again, or a CodecError. */
function survives(bytes: Buffer): void {
  for (const { encode, decode } of both) {
    const result = attempt(() => decode(unaligned(bytes)));
    if (result !== undefined) expect(encode(result.value)).toBeInstanceOf(Buffer);
  }
}

describe('hostile bytes', () => {
  it('that are random are a value or a CodecError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => survives(Buffer.from(bytes))),
      { numRuns: 20_000 },
    );
  });

  it('that are made of the tokens that matter are too', () => {
    const piece = fc.constantFrom(
      ...[
        'c0',
        '01',
        'a0',
        'a161',
        '90',
        '91',
        '92',
        '93',
        '94',
        '96',
        '80',
        '81',
        '82',
        'd40000',
        'd6ff00000001',
        'cf8000000000000000',
      ],
      ...[
        'c7027410 6d',
        'c702741073',
        'c702741065',
        'c70274106e',
        'c70274106f',
        'c702741074',
        'c702741067',
        'c702741053',
        'c702741049',
      ],
      ...[
        'c706741052 00000000',
        'c70674105200000001',
        'c703741049 35',
        'c70374105300d8',
        'c702741044',
        'c702741041',
        'c7017408',
        'c7017411',
      ],
      ...[
        'a95f5f70726f746f5f5f',
        'a54572726f72',
        'ae4167677265676174654572726f72',
        'a7666c6f61743634',
        'a46e616d65',
        'a5636175736501',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => survives(hex(pieces.join('')))),
      { numRuns: 20_000 },
    );
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });

  it.each(both)('that are cut short or have something behind are a CodecError', ({ encode, decode }) => {
    for (const sample of SAMPLES) {
      const bytes = encode(sample);
      for (let length = 0; length < bytes.length; length++) {
        expect(() => decode(unaligned(bytes.subarray(0, length)))).toThrow(CodecError);
      }
      expect(() => decode(Buffer.concat([bytes, Buffer.from([0])]))).toThrow(CodecError);
      expect(() => decode(Buffer.concat([bytes, bytes]))).toThrow(CodecError);
    }
  });

  it('with any bit flipped are a value or a CodecError', () => {
    for (const sample of SAMPLES) {
      for (const { encode } of both) {
        const bytes = encode(sample);
        for (let bit = 0; bit < 8 * bytes.length; bit++) {
          const flipped = Buffer.from(bytes);
          flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
          survives(flipped);
        }
      }
    }
  });

  it('made by damaging documents of any value are a value or a CodecError', () => {
    fc.assert(
      fc.property(anyValue, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), (value, changes) => {
        const bytes = codec.auto.encode(value);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        survives(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  const nested = (open: string, close: string, depth = 100_000) => hex(open.repeat(depth) + close);
  it.each([
    ['nested arrays', nested('91', 'c0')],
    ['nested maps', nested('81a161', 'c0')],
    ['nested maps as keys', nested('81', 'c0')],
    ['nested Maps', nested('92c70274106d', 'c0')],
    ['nested arrays, one more than the cap', nested('91', 'c0', 513)],
    ['a long array in 5 bytes', hex('ddffffffff')],
    ['a long map in 5 bytes', hex('dfffffffff')],
    ['long bytes in 5 bytes', hex('c6ffffffff')],
    ['a long string in 5 bytes', hex('dbffffffff')],
    ['a long extension in 6 bytes', hex('c9ffffffff74')],
    ['a length cut short', hex('ddffff')],
    ['arrays that each promise the rest', nested('dd000fffff', 'c0'.repeat(5), 500)],
    ['more values than the cap', Buffer.concat([hex('dd01000001'), Buffer.alloc(2 ** 24 + 1, 0x90)])],
    ['the unused token', hex('91c1')],
    ['nothing', hex('')],
    ['text that is not UTF-8', hex('a2c328')],
    ['long text that is not UTF-8', hex(`d930${'61'.repeat(46)}c328`)],
    ['a key that is not UTF-8', hex('81a2ed a001')],
    ['a RegExp of msgpackr', foreign(/a/)],
    ['an Error of msgpackr', foreign(new Error('x'))],
    ['a Set of msgpackr', foreign(new Set([1]))],
    ['a bigint of msgpackr', foreign(2n ** 80n)],
    ['a record of msgpackr', foreignEncode({ a: 1, b: 2 }).length > 0 ? new Packr().pack([{ a: 1, b: 2 }]) : hex('')],
    ['a cycle of msgpackr', new Packr({ structuredClone: true, useRecords: false }).pack(cyclic())],
    [
      'bundled strings of msgpackr',
      new Packr({ bundleStrings: true, useRecords: false }).pack(['some text', 'more text']),
    ],
    ['an unknown extension', hex('d40500')],
    ['a time that is none', hex('d4ffff')],
    ['a time beyond Date', hex('c70cff000000007fffffffffffffff')],
    ['a typed array of half an element', hex('c704740801 02 03')],
    ['a typed array of a class that is not known', hex('c7017420')],
    ['a carrier without a tag', hex('c7017410')],
    ['a marker that is not first', hex('92c0c70274106d')],
    ['a Map with a key and no value', hex('92c70274106d01')],
    ['an NdArray whose shape is too large', hex('94c70274106ea7666c6f617436349105c7017408')],
    ['an NdArray of an unknown dtype', hex('94c70274106ea9636f6d706c65783634 9100c7017408')],
    ['an Error of an unknown class', hex('96c702741065a8 46756e6374696f6e a0c0 80 80')],
    ['an Error with a hidden property of another name', hex('96c702741065a54572726f72a0c0 81a161 01 80')],
    ['a bigint that is not hexadecimal', hex('c7047410493078')],
    ['half a UTF-16 unit', hex('c70374105361')],
    ['a reference outside of codec.structured', hex('c70674105200000000')],
  ])('with %s are a CodecError at once', (_, bytes) => {
    const started = performance.now();
    for (const { decode } of both) expect(() => decode(unaligned(bytes))).toThrow(CodecError);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('with __proto__ as a key make it an own property, and pollute nothing', () => {
    const bytes = hex('82 a95f5f70726f746f5f5f 81a8706f6c6c75746564c3 a161 01');
    for (const { decode } of both) {
      const decoded = decode(bytes) as object;
      expect(Object.keys(decoded)).toEqual(['__proto__', 'a']);
      expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
      expect(Object.getOwnPropertyDescriptor(decoded, '__proto__')?.value).toEqual({ polluted: true });
      expect((decoded as { polluted?: unknown }).polluted).toBeUndefined();
    }
    for (const length of ['d909', 'da0009', 'db00000009']) {
      expect(Object.keys(codec.auto.decode(hex(`81${length}5f5f70726f746f5f5f01`)) as object)).toEqual(['__proto__']);
    }
    const error = codec.auto.decode(hex('96c702741065a54572726f72a0c080 81a95f5f70726f746f5f5f80')) as Error;
    expect(error).toBeInstanceOf(Error);
    expect(Object.getPrototypeOf(error)).toBe(Error.prototype);
  });

  it('with map keys that are not strings make a Map', () => {
    const value = codec.auto.decode(hex('82 01 a161 a131 81 a162 02'));
    expect(
      difference(
        value,
        new Map<unknown, unknown>([
          [1, 'a'],
          ['1', { b: 2 }],
        ]),
      ),
    ).toBeUndefined();
  });

  it('say where they are wrong, and never what they hold', () => {
    expect(() => codec.auto.decode(hex('92a6736563726574'))).toThrow('truncated at byte 8');
    for (const bytes of [hex('a673656372657401'), Buffer.from('{"secret":1}')]) {
      expect(() => codec.auto.decode(bytes)).not.toThrow(/secret/);
    }
  });

  it('that are no bytes at all are a CodecError', () => {
    for (const nothing of [null, undefined, 'text', {}]) {
      for (const { decode } of both) expect(() => decode(nothing as Buffer)).toThrow(CodecError);
    }
  });
});

describe('hostile bytes of codec.structured', () => {
  it.each([
    ['no entries', '91c702741074'],
    ['a reference to an entry that is missing', '92c70274107491c70674105200000001'],
    ['an entry that is a reference', '92c702741074c70674105200000000'],
    ['an object outside of the table', '92c7027410749190'],
    ['a table in the table', '92c70274107491c702741074'],
    ['a table elsewhere', '9191c702741074'],
  ])('with %s are a CodecError', (_, text) => {
    for (const { decode } of both) expect(() => decode(hex(text))).toThrow(CodecError);
  });

  it('are refused by codec.auto, which could otherwise give a cycle', () => {
    expect(() => codec.auto.decode(codec.structured.encode({}))).toThrow(/codec\.structured/);
  });
});

function foreign(value: unknown): Buffer {
  return new Packr({ useRecords: false, moreTypes: true, variableMapSize: true }).pack(value);
}

function cyclic(): unknown {
  const list: unknown[] = [];
  list.push(list);
  return list;
}
