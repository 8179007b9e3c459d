import vm from 'node:vm';
import fc from 'fast-check';
import { decode as foreignDecode } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { codec } from '../../../src/codec/index.js';
import { CodecError } from '../../../src/errors.js';
import { ndarray } from '../../../src/graph/nd-array.js';
import { anyValue, difference, unaligned } from '../support.js';

const { encode, decode } = codec.auto;
const roundTrip = (value: unknown) => decode(unaligned(encode(value)));

describe('codec.auto gives back what it took', () => {
  it('for anything that it carries, nested in any way', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(difference(value, roundTrip(value))).toBeUndefined();
      }),
      { numRuns: 1500 },
    );
  });

  it('in the same bytes every time, and without keeping the bytes', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const first = encode(value);
        expect(encode(value).equals(first)).toBe(true);
        const bytes = unaligned(first);
        const decoded = decode(bytes);
        bytes.fill(0x2a);
        expect(difference(value, decoded)).toBeUndefined();
        expect(encode(decoded).equals(first)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('for property names that are special elsewhere', () => {
    for (const key of [
      '__proto__',
      'constructor',
      'toJSON',
      'prototype',
      'valueOf',
      '',
      '0',
      '-1',
      'dtype',
      '\ud800',
    ]) {
      for (const item of [1, null, 'Array', { polluted: true }, [1n], -0]) {
        const value = Object.defineProperty({ a: 1 }, key, { value: item, enumerable: true });
        for (const outer of [value, [value], new Map([[value, 1n]])]) {
          expect(difference(outer, roundTrip(outer))).toBeUndefined();
        }
      }
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('for an object without prototype, as a plain one', () => {
    const bare = Object.assign(Object.create(null) as object, { a: { b: 1n } });
    expect(difference({ a: { b: 1n } }, roundTrip(bare))).toBeUndefined();
    expect(difference({ a: 1 }, roundTrip(Object.assign(Object.create(null) as object, { a: 1 })))).toBeUndefined();
  });

  it('for holes, as undefined', () => {
    const holes: unknown[] = [1];
    holes[3] = 2;
    expect(roundTrip(holes)).toStrictEqual([1, undefined, undefined, 2]);
  });

  it('for an error of a custom class, as the class that it extends', () => {
    class LaserError extends RangeError {
      override name = 'LaserError';
      code = 'ELASER';
    }
    const error = roundTrip({ error: new LaserError('off', { cause: new TypeError('no beam') }) }) as {
      error: LaserError;
    };
    expect(error.error).toBeInstanceOf(RangeError);
    expect(error.error).toMatchObject({ name: 'LaserError', code: 'ELASER', message: 'off' });
    expect(error.error.cause).toBeInstanceOf(TypeError);
    expect(Object.keys(error.error)).toEqual(['name', 'code']);
    expect(Object.keys(roundTrip(new Error('x')) as Error)).toEqual([]);
  });

  it('for an AggregateError, a DOMException and an error with a lone surrogate', () => {
    const aggregate = roundTrip(new AggregateError([new RangeError('a'), 5n], 'b')) as AggregateError;
    expect(aggregate).toBeInstanceOf(AggregateError);
    expect(aggregate.errors[0]).toBeInstanceOf(RangeError);
    expect(aggregate.errors[1]).toBe(5n);
    const aborted = roundTrip(AbortSignal.abort().reason) as Error;
    expect(aborted).toBeInstanceOf(Error);
    expect(aborted.name).toBe('AbortError');
    expect((roundTrip(new Error('\ud800')) as Error).message).toBe('\ud800');
  });

  it('for an error without stack, without leaking the stack of the reader', () => {
    const error = new Error('lost');
    Reflect.deleteProperty(error, 'stack');
    expect((roundTrip(error) as Error).stack).toBe('Error: lost');
  });

  it('for values of another realm', () => {
    const value: unknown = vm.runInNewContext(
      `({ list: [1, , 2n], map: new Map([[1, -0]]), set: new Set('ab'), at: new Date(5), raw: new Float32Array([1.5]),
         buffer: new Uint8Array([1, 2]).buffer, error: new TypeError('x'), bare: Object.create(null), view: new DataView(new ArrayBuffer(2)) })`,
    );
    expect(roundTrip(value)).toMatchObject({
      list: [1, undefined, 2n],
      map: new Map([[1, 0 * -1]]),
      set: new Set(['a', 'b']),
      at: new Date(5),
      raw: new Float32Array([1.5]),
      error: expect.any(TypeError),
      bare: {},
      view: expect.any(DataView),
    });
  });

  it('for typed arrays and NdArrays of many megabytes, alone or nested', () => {
    const data = Float64Array.from({ length: 1 << 18 }, (_, index) => Math.sin(index));
    const frame = ndarray(data, [512, 512]);
    for (const value of [
      data,
      frame,
      { frame, at: -0 },
      [Buffer.from(data.buffer), data, 'x'],
      new Map([['a', frame]]),
    ]) {
      expect(difference(value, roundTrip(value))).toBeUndefined();
    }
  });

  it('when a getter encodes another value meanwhile', () => {
    const large = new Uint8Array(2 ** 21).fill(7);
    const value = {
      large,
      get inner() {
        return encode({ large, after: 'x' }).length;
      },
      end: 'y'.repeat(100),
    };
    const decoded = decode(encode(value)) as typeof value;
    expect(decoded).toMatchObject({ inner: value.inner, end: value.end });
    expect(Buffer.from(large).equals(decoded.large)).toBe(true);
  });
});

describe('the bytes of codec.auto', () => {
  it('are MessagePack in its shortest form', () => {
    const hex = (value: unknown) => encode(value).toString('hex');
    expect(hex(null)).toBe('c0');
    expect(hex(true)).toBe('c3');
    expect(hex([1, -1, 200, 'a', 1.5])).toBe('9501ffccc8a161cb3ff8000000000000');
    expect(hex({ a: -0 })).toBe('81a161cb8000000000000000');
    expect(hex(-0)).toBe('cb8000000000000000');
    expect(hex(Buffer.from([1, 2]))).toBe('c4020102');
    expect(hex(2n ** 63n)).toBe('cf8000000000000000');
    expect(hex(new Date(1000))).toBe('d6ff00000001');
  });

  it('are those that msgpackr writes, also on the short way for scalars', () => {
    const scalar = fc.oneof(
      fc.string(),
      fc.string({ minLength: 20, maxLength: 400 }),
      fc.integer(),
      fc.double(),
      fc.boolean(),
    );
    fc.assert(
      fc.property(scalar, (value) => {
        fc.pre(!Object.is(value, -0) && (typeof value !== 'string' || value.isWellFormed()));
        expect(encode([value]).subarray(1).equals(encode(value))).toBe(true);
        expect(foreignDecode(encode(value))).toStrictEqual(value);
      }),
    );
  });

  it('are the same for a block of data alone and nested', () => {
    for (const value of [
      new Float64Array([1, 2]),
      new Uint8Array(300),
      Buffer.alloc(70_000),
      new ArrayBuffer(3),
      new DataView(new ArrayBuffer(8)),
      ndarray(new Int16Array(6), [2, 3]),
    ]) {
      expect(encode([value]).subarray(1).equals(encode(value))).toBe(true);
    }
  });

  it('hold long blocks where they belong, whatever is around them', () => {
    const block = (length: number, first: number) => new Uint8Array(length).fill(first);
    for (const lengths of [[4095], [4096], [5000, 3, 70_000, 4096], [2 ** 20, 2 ** 20]]) {
      const value = lengths.map((length, index) => ({
        ['é'.repeat(index + 1)]: block(length, index),
        end: [index, -0],
      }));
      expect(difference(value, roundTrip(value))).toBeUndefined();
      // Written in part, taken back, and written in the other way.
      const odd = { a: value, '\ud800': structuredClone(value) };
      expect(difference(odd, roundTrip(odd))).toBeUndefined();
      expect(difference(odd, codec.structured.decode(codec.structured.encode(odd)))).toBeUndefined();
    }
  });

  it('are the same wherever in the memory of the writer they begin', () => {
    // Short documents lie one behind the other; a longer one moves to memory of its own, with blocks it has seen.
    const part = fc.oneof(
      fc.nat(9000).map((length) => new Uint8Array(length).fill(length & 0xff)),
      fc.nat(3000).map((length) => 'x'.repeat(length)),
      fc.nat(300).map((length) => Array.from({ length }, (_, index) => index / 2)),
      fc.nat(100).map((length) => ({ '\ud800': new Uint16Array(length), a: [length] })),
    );
    fc.assert(
      fc.property(fc.nat(9000), fc.array(part, { minLength: 1, maxLength: 8 }), (offset, value) => {
        const documents = [encode(value), codec.structured.encode(value)];
        for (let at = 0; at < offset; at += 100) encode(['x'.repeat(90)]);
        const again = [encode(value), codec.structured.encode(value)];
        expect(again.map((bytes, index) => bytes.equals(documents[index] as Buffer))).toEqual([true, true]);
        expect(difference(value, decode(again[0] as Buffer))).toBeUndefined();
        expect(difference(value, codec.structured.decode(again[1] as Buffer))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('take no more memory than they need', () => {
    encode('x'.repeat(8_000_000).split('').slice(0, 4_000_000));
    expect(encode({ a: 1 }).buffer.byteLength).toBeLessThanOrEqual(64 * 1024);
    const block = encode({ a: new Uint8Array(2 ** 21) });
    expect(block.buffer.byteLength - block.length).toBeLessThan(128 * 1024);
  });
});

describe('codec.auto refuses', () => {
  class Point {
    x = 1;
  }
  const refused: [string, unknown, string][] = [
    ['a function', () => 1, 'value: a function'],
    ['a nested function', { items: [0, 1, 2, { callback: () => 1 }] }, 'value.items[3].callback: a function'],
    ['a symbol', [Symbol('secret')], 'value[0]: a symbol'],
    ['a symbol key', { [Symbol('secret')]: 1 }, 'value: an object with a symbol as key'],
    ['a RegExp', { 'a b': /secret/ }, 'value["a b"]: an instance of RegExp'],
    ['a Promise', new Map([['k', Promise.resolve()]]), 'value.get("k"): an instance of Promise'],
    ['a WeakMap', new Set([new WeakMap()]), 'value.values()[0]: an instance of WeakMap'],
    ['a class instance', new Map([[new Point(), 1]]), 'value.keys()[0]: an instance of Point'],
    ['a subclass of Map', new (class Registry extends Map {})(), 'value: an instance of Registry'],
    ['a subclass of Array', [new (class Stack extends Array {})()], 'value[0]: an array'],
    ['a subclass of Date', [new (class Day extends Date {})()], 'value[0]: an instance of Day'],
    ['a subclass of Uint8Array', [new (class Raw extends Uint8Array {})()], 'value[0]: an instance of Raw'],
    ['a boxed number', { n: Object(1) }, 'value.n: a boxed primitive'],
    ['a boxed bigint', Object(1n), 'value: a boxed primitive'],
    ['an error with a function', Object.assign(new Error('x'), { retry: () => 1 }), 'value.retry: a function'],
    ['a SharedArrayBuffer', [new SharedArrayBuffer(1)], 'value[0]: an instance of SharedArrayBuffer'],
    ['a generator', (function* () {})(), 'value: an'],
    ['an inherited object', Object.create({ secret: 1 }), 'value: an'],
  ];
  it.each(refused)('%s, naming where and what', (_, value, message) => {
    expect(() => encode(value)).toThrow(CodecError);
    expect(() => encode(value)).toThrow(message);
    expect(() => codec.structured.encode(value)).toThrow(message);
    expect(() => encode(value)).not.toThrow(/secret/);
  });

  it('cycles, pointing at codec.structured', () => {
    const list: unknown[] = [1];
    list.push({ back: list });
    expect(() => encode(list)).toThrow(
      'value[1].back: a cyclic value cannot be carried by codec.auto; use codec.structured',
    );
    const map = new Map<string, unknown>();
    map.set('self', map);
    expect(() => encode(map)).toThrow('value.get("self"): a cyclic');
    const error = new Error('x');
    error.cause = { error };
    expect(() => encode(error)).toThrow(/^value\.cause\.error: a cyclic/);
  });

  it('more levels than the cap, and takes as many as the cap', () => {
    const nest = (depth: number, wrap: (inner: unknown) => unknown) => {
      let value: unknown = 1n;
      for (let level = 0; level < depth; level++) value = wrap(value);
      return value;
    };
    for (const wrap of [
      (inner: unknown) => [inner],
      (inner: unknown) => ({ inner }),
      (inner: unknown) => new Map([[1, inner]]),
    ]) {
      expect(difference(nest(512, wrap), roundTrip(nest(512, wrap)))).toBeUndefined();
      expect(() => encode(nest(513, wrap))).toThrow(/more than 512 levels/);
      expect(() => encode(nest(100_000, wrap))).toThrow(CodecError);
    }
  });

  it('objects that grow without bound when written out', () => {
    let value: unknown = 1;
    for (let level = 0; level < 60; level++) value = [value, value];
    expect(() => encode(value)).toThrow(/more than 16777216 values/);
  }, 300_000);

  it('more values than it would read again, and no fewer', () => {
    const list = new Array<unknown>(2 ** 24 - 1).fill(null);
    expect((decode(encode(list)) as unknown[]).length).toBe(list.length);
    list.push(null);
    expect(() => encode(list)).toThrow(/more than 16777216 values/);
    const dates = new Array<unknown>(2 ** 21).fill(new Date(0));
    expect(() => encode(dates)).toThrow(/more than 16777216 values/);
    expect(() => encode([...dates, 5n])).toThrow(/more than 16777216 values/);
  }, 300_000);

  it('what changes while it is read, rather than write something else', () => {
    const map = new Map<string, unknown>([['a', 1]]);
    const grows = {
      get more() {
        return map.set(String(map.size), 1).size;
      },
    };
    map.set('b', grows);
    expect(() => encode([map])).toThrow('value[0]: a Map that changed while it was read');
    const set = new Set<unknown>();
    set
      .add({
        get more() {
          return set.clear();
        },
      })
      .add(2);
    expect(() => encode(set)).toThrow('value: a Set that changed while it was read');
    const large = new Float64Array(4096);
    const moved = {
      large,
      get more() {
        return structuredClone(large, { transfer: [large.buffer] }).length;
      },
    };
    expect(() => encode(moved)).toThrow('value: the memory of an array changed while it was read');
    expect(roundTrip({ a: 1 })).toEqual({ a: 1 });
  });

  it('getters that throw, without their message', () => {
    const value = {
      get secret() {
        throw new TypeError('secret');
      },
    };
    expect(() => encode(value)).toThrow(CodecError);
    expect(() => encode(value)).not.toThrow(/secret/);
  });
});
