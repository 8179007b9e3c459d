import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type AnyKey, type KeyCodec, keyCodec } from '../../src/codec/index.js';
import { CodecError } from '../../src/errors.js';
import { anyBigint, anyNumber, anyString, attempt, difference, recordOf } from './support.js';

const NAMES = fc.oneof(
  anyString,
  fc.constantFrom('__proto__', 'constructor', '$', '$$', '$bigint', '$$bytes', '$number', '1', '0', 'b', 'a'),
);
const anyKeyValue = fc.letrec((tie) => ({
  key: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'key' },
    anyString,
    anyNumber,
    anyBigint,
    fc.constantFrom(null, true, false, '1', 1, 1n, 'true', 'null', 'NaN', Number.NaN, '{"$bigint":"1"}'),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('key'), { maxLength: 4 }),
    fc.array(fc.tuple(NAMES, tie('key')), { maxLength: 4 }).map(recordOf),
  ),
})).key as fc.Arbitrary<AnyKey>;

/** The key as it comes back: -0 as 0, object keys in order. */
function normal(key: AnyKey): unknown {
  if (Object.is(key, -0)) return 0;
  if (typeof key !== 'object' || key === null || key instanceof Uint8Array) return key;
  if (Array.isArray(key)) return key.map((item: AnyKey) => normal(item));
  const entries = Object.entries(key as Record<string, AnyKey>).map(([name, item]): [string, unknown] => [
    name,
    normal(item),
  ]);
  return recordOf(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The same key with its objects built in another order. */
function shuffled(key: AnyKey): unknown {
  if (typeof key !== 'object' || key === null || key instanceof Uint8Array) return Object.is(key, 0) ? -0 : key;
  if (Array.isArray(key)) return key.map((item: AnyKey) => shuffled(item));
  return recordOf(
    Object.entries(key as Record<string, AnyKey>)
      .reverse()
      .map(([name, item]) => [name, shuffled(item)]),
  );
}

describe('keyCodec.any', () => {
  const { encode, decode } = keyCodec.any;

  it('gives back every key', () => {
    fc.assert(
      fc.property(anyKeyValue, (key) => {
        expect(difference(normal(key), normal(decode(encode(key))))).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
    expectTypeOf(keyCodec.any).toEqualTypeOf<KeyCodec<AnyKey>>();
  });

  it('writes equal keys as equal text, which UTF-8 carries', () => {
    fc.assert(
      fc.property(anyKeyValue, (key) => {
        expect(encode(shuffled(key) as AnyKey)).toBe(encode(key));
        expect(encode(decode(encode(key)))).toBe(encode(key));
        expect(encode(key).isWellFormed()).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('writes different keys as different text', () => {
    fc.assert(
      fc.property(anyKeyValue, anyKeyValue, (a, b) => {
        const same = difference(normal(a), normal(b)) === undefined;
        expect(encode(a) === encode(b)).toBe(same);
      }),
      { numRuns: 3000 },
    );
    const different: AnyKey[] = [
      ...[1, '1', true, 1n, null, 'null', 'true', '1n', Number.NaN, 'NaN', Infinity, -Infinity, '', '"1"'],
      ...[Buffer.from('1'), Buffer.alloc(0), [], {}, [1], ['1'], [[1]], { 1: 1 }, { $bigint: '1' }, { $$bigint: '1' }],
      ...[
        { $bytes: 'MQ==' },
        { $number: 'NaN' },
        { $: 1 },
        { $$: 1 },
        '{"$bigint":"1"}',
        '\ud800',
        '\udc00',
        '\ufffd',
        { a: '\ud800' },
      ],
    ];
    expect(new Set(different.map(encode)).size).toBe(different.length);
  });

  it('is text that people can read', () => {
    expect(encode({ run: 12, at: [1n, 'x'] })).toBe('{"at":[{"$bigint":"1"},"x"],"run":12}');
    expect(encode([Buffer.from([0, 1]), Number.NaN, -Infinity, -0])).toBe(
      '[{"$bytes":"AAE="},{"$number":"NaN"},{"$number":"-Infinity"},0]',
    );
    expect(encode(new Uint8Array([0, 1]))).toBe(encode(Buffer.from([0, 1])));
    expect(encode('\ud800')).toBe('"\\ud800"');
  });

  it('refuses what is no key, naming where', () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    let deep: AnyKey = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    const refused: [unknown, string][] = [
      [undefined, 'key: undefined'],
      [{ a: undefined }, 'key.a: undefined'],
      [[, 1], 'key[0]: undefined'],
      [() => 1, 'key: a function'],
      [[Symbol('secret')], 'key[0]: a symbol'],
      [{ at: new Date() }, 'key.at: an instance of Date'],
      [new Map(), 'key: an instance of Map'],
      [new Float64Array(1), 'key: an instance of Float64Array'],
      [Object(1), 'key: a boxed primitive'],
      [{ [Symbol('secret')]: 1 }, 'key: an object'],
      [new (class Own {})(), 'key: an instance of Own'],
      [new (class Own extends Array {})(), 'key: an array'],
      [cyclic, 'more than 64 levels'],
      [deep, 'more than 64 levels'],
      [10n ** 10_000n, 'more than 10000 digits'],
    ];
    for (const [key, message] of refused) {
      expect(() => encode(key as AnyKey)).toThrow(CodecError);
      expect(() => encode(key as AnyKey)).toThrow(message);
      expect(() => encode(key as AnyKey)).not.toThrow(/secret/);
    }
  });

  it.each([
    ...[
      '',
      ' 1',
      '1 ',
      '01',
      '1.0',
      '+1',
      '-0',
      '1e2',
      '1E400',
      'NaN',
      'undefined',
      "'a'",
      '"a',
      '"\\u0061"',
      '"\\/"',
      'nul',
    ],
    ...[
      '[1, 2]',
      '[1,]',
      '{"b":1,"a":2}',
      '{"a":1,"a":1}',
      '{"a" :1}',
      '{"$x":"1"}',
      '{"$bigint":"01"}',
      '{"$bigint":1}',
      '{"$bigint":"-0"}',
    ],
    ...[
      '{"$bigint":""}',
      '{"$bigint":"0x1"}',
      '{"$bytes":"AAE"}',
      '{"$bytes":"AA E="}',
      '{"$bytes":"AAF="}',
      '{"$bytes":"_w=="}',
    ],
    ...[
      '{"$number":"1"}',
      '{"$number":"nan"}',
      '{"$bigint":"1","a":1}',
      '{"a":1,"$b":1}',
      '{"$":1}',
      '{"$$a":1,"$bigint":"1"}',
      '"\ud800"',
    ],
    ...[
      '['.repeat(100_000),
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      `${'['.repeat(65)}${']'.repeat(65)}`,
      `{"$bigint":"${'9'.repeat(1e6)}"}`,
    ],
  ])('refuses text that it would not write: %.30s', (text) => {
    expect(() => decode(text)).toThrow(CodecError);
  });

  it('refuses damaged text, or reads what it would write so', () => {
    fc.assert(
      fc.property(anyKeyValue, fc.nat(), fc.string({ maxLength: 2 }), fc.nat(2), (key, at, piece, drop) => {
        const text = encode(key);
        const damaged = text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + drop);
        const result = attempt(() => decode(damaged));
        if (result !== undefined) expect(encode(result.value as AnyKey)).toBe(damaged);
      }),
      { numRuns: 3000 },
    );
  });

  it('makes __proto__ an own property', () => {
    const key = decode('{"__proto__":{"polluted":true}}') as object;
    expect(Object.keys(key)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(key)).toBe(Object.prototype);
  });
});

describe('keyCodec.text', () => {
  it('is the string itself', () => {
    fc.assert(
      fc.property(anyString, (key) => {
        if (key.isWellFormed()) expect(keyCodec.text.decode(keyCodec.text.encode(key))).toBe(key);
        else expect(() => keyCodec.text.encode(key)).toThrow(CodecError);
      }),
    );
    for (const key of [1, null, undefined, Buffer.from('a')]) {
      expect(() => keyCodec.text.encode(key as unknown as string)).toThrow(CodecError);
      expect(() => keyCodec.text.decode(key as unknown as string)).toThrow(CodecError);
    }
  });
});

describe('keyCodec.int', () => {
  it('is the decimal text of a safe integer, in one form', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (key) => {
        expect(keyCodec.int.encode(key)).toBe(String(key));
        expect(keyCodec.int.decode(String(key))).toBe(key);
      }),
    );
    expect(keyCodec.int.encode(-0)).toBe('0');
    for (const key of [1.5, Number.NaN, 2 ** 53, '1', 1n, true])
      expect(() => keyCodec.int.encode(key as number)).toThrow(CodecError);
    for (const text of ['', '-0', '01', '+1', '1.0', '1e3', ' 1', '1\n', '9007199254740992']) {
      expect(() => keyCodec.int.decode(text)).toThrow(CodecError);
    }
  });
});
