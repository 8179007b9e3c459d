import { Buffer, isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Codec, codec, type JsonValue } from '../../../src/codec/index.js';
import { CodecError } from '../../../src/errors.js';
import { anyNumber, anyString, attempt, difference, unaligned } from '../support.js';

const utf8 = (text: string) => Buffer.from(text);
const anyBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));

/** What decodes is written back as the same bytes: there is one form only. */
function isStrict<T>({ encode, decode }: Codec<T>, bytes: Buffer): void {
  const result = attempt(() => decode(unaligned(bytes)));
  if (result !== undefined) expect(encode(result.value as T).equals(bytes)).toBe(true);
}

describe('codec.bool', () => {
  it('is 1 or 0, and nothing else', () => {
    expect(codec.bool.encode(true).toString()).toBe('1');
    expect(codec.bool.encode(false).toString()).toBe('0');
    expect(codec.bool.decode(utf8('1'))).toBe(true);
    expect(codec.bool.decode(utf8('0'))).toBe(false);
    for (const text of ['', '2', 'true', '10', '01', ' 1'])
      expect(() => codec.bool.decode(utf8(text))).toThrow(CodecError);
    for (const value of [1, 'true', null, undefined]) {
      expect(() => codec.bool.encode(value as unknown as boolean)).toThrow(CodecError);
    }
    expectTypeOf(codec.bool.decode).returns.toEqualTypeOf<boolean>();
  });
});

describe('codec.int', () => {
  it('gives back every safe integer, and has one text for each', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(codec.int.decode(unaligned(codec.int.encode(value)))).toBe(value);
        expect(codec.int.encode(value).toString()).toBe(String(value));
      }),
    );
    expect(codec.int.encode(-0).toString()).toBe('0');
    fc.assert(fc.property(anyBytes, (bytes) => isStrict(codec.int, bytes)));
    fc.assert(fc.property(fc.stringMatching(/^-?[0-9]{0,18}$/), (text) => isStrict(codec.int, utf8(text))));
  });

  it('refuses what is no safe integer', () => {
    for (const value of [1.5, Number.NaN, Infinity, 2 ** 53, -(2 ** 53), '1', 1n]) {
      expect(() => codec.int.encode(value as number)).toThrow(CodecError);
    }
    for (const text of [
      '',
      '-',
      '-0',
      '+1',
      '01',
      '1.0',
      '1e3',
      ' 1',
      '1\n',
      '0x1',
      '9007199254740992',
      '9'.repeat(1e6),
    ]) {
      expect(() => codec.int.decode(utf8(text))).toThrow(CodecError);
    }
  });
});

describe('codec.float', () => {
  it('gives back every number', () => {
    fc.assert(
      fc.property(anyNumber, (value) => {
        expect(codec.float.decode(unaligned(codec.float.encode(value)))).toBe(value);
      }),
    );
    expect(codec.float.encode(-0).toString()).toBe('-0');
  });

  it.each([
    ['inf', Infinity],
    ['-inf', -Infinity],
    ['+Infinity', Infinity],
    ['nan', Number.NaN],
    ['-nan', Number.NaN],
    ['1e+16', 1e16],
    ['1E-7', 1e-7],
    ['-0.0', -0],
    ['3.', 3],
    ['.5', 0.5],
    ['+2.50', 2.5],
    [`1${'0'.repeat(300)}.${'0'.repeat(17)}`, 1e300],
    ['1e-400', 0],
  ])('reads %s', (text, value) => {
    expect(codec.float.decode(utf8(text))).toBe(value);
  });

  it('refuses what is no number', () => {
    for (const text of [
      '',
      '.',
      '-',
      'e5',
      '1e',
      '0x10',
      '1_000',
      ' 1',
      '1 ',
      '1e999',
      '-1e999',
      'infinit',
      '1,5',
      '1'.repeat(6000),
    ]) {
      expect(() => codec.float.decode(utf8(text))).toThrow(CodecError);
    }
    expect(() => codec.float.encode('1' as unknown as number)).toThrow(CodecError);
  });
});

describe('codec.text', () => {
  it('gives back all text that UTF-8 can carry', () => {
    fc.assert(
      fc.property(anyString, (value) => {
        if (value.isWellFormed()) expect(codec.text.decode(unaligned(codec.text.encode(value)))).toBe(value);
        else expect(() => codec.text.encode(value)).toThrow(CodecError);
      }),
    );
  });

  it('refuses bytes that are not UTF-8', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(attempt(() => codec.text.decode(bytes)) !== undefined).toBe(isUtf8(bytes));
        isStrict(codec.text, bytes);
      }),
    );
    expect(() => codec.text.encode(5 as unknown as string)).toThrow(CodecError);
  });
});

describe('codec.json', () => {
  it('gives back what JSON can say', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        fc.pre(!JSON.stringify(value).includes('-0') && !Object.is(value, -0));
        const expected: unknown = JSON.parse(JSON.stringify(value));
        expect(
          difference(expected, codec.json.decode(unaligned(codec.json.encode(value as JsonValue)))),
        ).toBeUndefined();
      }),
    );
    expect(codec.json.encode({ a: [1, 'é', '\ud800'] }).toString()).toBe('{"a":[1,"é","\\ud800"]}');
    expect(Object.keys(codec.json.decode(utf8('{"__proto__":{"x":1}}')) as object)).toEqual(['__proto__']);
    expectTypeOf(codec.json).toEqualTypeOf<Codec<JsonValue>>();
  });

  it('refuses what JSON would drop or change as a whole', () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    for (const value of [
      undefined,
      () => 1,
      Symbol('x'),
      1n,
      [1n],
      Number.NaN,
      Infinity,
      cyclic,
      new Map(),
      new Set(),
      /x/,
      new Uint8Array(1),
    ]) {
      expect(() => codec.json.encode(value as unknown as JsonValue)).toThrow(CodecError);
    }
    expect(() => codec.json.encode({ toJSON: () => undefined } as unknown as JsonValue)).toThrow(CodecError);
  });

  it('refuses other bytes, without quoting them', () => {
    for (const text of ['', '{', '{secret:1}', '"secret', 'undefined', '[1,]', 'NaN']) {
      expect(() => codec.json.decode(utf8(text))).toThrow(CodecError);
      expect(() => codec.json.decode(utf8(text))).not.toThrow(/secret/);
    }
    expect(() => codec.json.decode(Buffer.from([0x22, 0xff, 0x22]))).toThrow(CodecError);
    attempt(() => codec.json.decode(utf8('['.repeat(1e6))));
  });
});

describe('codec.bytes', () => {
  it('gives back bytes, as a Buffer of its own', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (value) => {
        const encoded = codec.bytes.encode(value);
        expect(encoded.equals(value)).toBe(true);
        expect(encoded.buffer).not.toBe(value.buffer);
        const stored = unaligned(encoded);
        const decoded = codec.bytes.decode(stored);
        stored.fill(0);
        expect(Buffer.isBuffer(decoded)).toBe(true);
        expect(Buffer.from(value).equals(decoded)).toBe(true);
        expect(decoded.buffer.byteLength).toBe(value.length);
      }),
    );
    for (const value of ['text', new Uint16Array(1), new Uint8ClampedArray(1), [1], new ArrayBuffer(1)]) {
      expect(() => codec.bytes.encode(value as unknown as Uint8Array)).toThrow(CodecError);
    }
  });
});

describe('codec.typedArray', () => {
  const classes = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ];
  it.each(classes)('gives back elements, as an array of its own: %o', (type) => {
    const { encode, decode } = codec.typedArray(type) as Codec<ArrayBufferView>;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (raw) => {
        const whole = raw.length - (raw.length % type.BYTES_PER_ELEMENT);
        const value = new type(raw.slice(0, whole).buffer);
        const stored = unaligned(encode(value));
        const decoded = decode(stored);
        stored.fill(0);
        expect(difference(value, decoded)).toBeUndefined();
        expect(decoded.buffer.byteLength).toBe(whole);
        if (whole !== raw.length) expect(() => decode(Buffer.from(raw))).toThrow(CodecError);
      }),
    );
    for (const other of classes) if (other !== type) expect(() => encode(new other(1))).toThrow(CodecError);
  });

  it('is little-endian, and writes a view only', () => {
    const whole = new Uint16Array([1, 2, 3]);
    expect(codec.typedArray(Uint16Array).encode(whole.subarray(1, 2)).toString('hex')).toBe('0200');
    expectTypeOf(codec.typedArray(Float64Array)).toEqualTypeOf<Codec<Float64Array>>();
    expectTypeOf(codec.typedArray(BigInt64Array)).toEqualTypeOf<Codec<BigInt64Array>>();
  });
});

describe('codec.compressed', () => {
  const compressed = codec.compressed(codec.auto);

  it('gives back what the inner codec carries', () => {
    const value = { list: Array.from({ length: 5000 }, (_, index) => index % 7), text: 'x'.repeat(10_000) };
    const bytes = compressed.encode(value);
    expect(bytes.length).toBeLessThan(codec.auto.encode(value).length / 4);
    expect(compressed.decode(unaligned(bytes))).toStrictEqual(value);
    fc.assert(
      fc.property(fc.jsonValue(), (any) => {
        expect(difference(any, compressed.decode(compressed.encode(any)))).toBeUndefined();
      }),
    );
    expectTypeOf(codec.compressed(codec.ndarray('uint16'))).toEqualTypeOf<ReturnType<typeof codec.ndarray<'uint16'>>>();
  });

  it('keeps no more memory than it needs', () => {
    expect(compressed.encode('x').buffer.byteLength).toBeLessThan(64);
  });

  it('stops a bomb at maxBytes, in either direction', () => {
    const large = codec.limited(codec.compressed(codec.bytes, { maxBytes: 2 ** 28 }), { allowance: 2 ** 30 });
    const bomb = large.encode(Buffer.alloc(2 ** 27));
    expect(bomb.length).toBeLessThan(2 ** 20);
    expect(large.decode(bomb)).toHaveLength(2 ** 27);
    expect(() => codec.compressed(codec.bytes).decode(bomb)).toThrow(CodecError);
    expect(() => codec.compressed(codec.bytes, { maxBytes: 2 ** 28 }).decode(bomb)).toThrow(CodecError);
    const small = codec.compressed(codec.bytes, { maxBytes: 10 });
    expect(small.decode(small.encode(Buffer.alloc(10)))).toHaveLength(10);
    expect(() => small.encode(Buffer.alloc(11))).toThrow(CodecError);
    expect(() => small.decode(codec.compressed(codec.bytes).encode(Buffer.alloc(11)))).toThrow(CodecError);
    for (const maxBytes of [0, -1, 1.5, Number.NaN, Infinity])
      expect(() => codec.compressed(codec.bytes, { maxBytes })).toThrow(RangeError);
  });

  it('refuses bytes that are cut, damaged or followed by others', () => {
    const bytes = compressed.encode({ text: 'some text '.repeat(20) });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => compressed.decode(bytes.subarray(0, length))).toThrow(CodecError);
    }
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 0x55;
      attempt(() => compressed.decode(damaged));
    }
    expect(() => compressed.decode(Buffer.concat([bytes, Buffer.from('more')]))).toThrow(CodecError);
    fc.assert(
      fc.property(anyBytes, (any) => {
        expect(() => compressed.decode(any)).toThrow(CodecError);
      }),
    );
  });
});
