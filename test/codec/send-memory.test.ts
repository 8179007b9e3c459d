import type { StandardSchemaV1 } from '@standard-schema/spec';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Encoder, encoderOf } from '../../src/codec/allocating.js';
import { LONG_BLOCK, SendMemory } from '../../src/codec/send-memory.js';
import { codec, type Codec } from '../../src/index.js';
import { timers } from '../../src/timers.js';

let memory: SendMemory;

/** A schema that takes anything. */
const passing: StandardSchemaV1<object> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as object }) },
};

/** Encodes a value for an argument of a command. */
function encode<T>(one: Codec<T>, value: T): Buffer {
  return (encoderOf(one) as Encoder<T>)(value, memory.allocate);
}

/** Encodes it for a command that the server has answered. */
function send<T>(one: Codec<T>, value: T): Buffer {
  const bytes = encode(one, value);
  memory.giveBack([bytes]);
  return bytes;
}

const long = (fill: number, size = LONG_BLOCK): Buffer => Buffer.alloc(size, fill);

describe('memory for long values on their way to Redis', () => {
  beforeEach(() => {
    memory = new SendMemory();
    vi.useFakeTimers();
    vi.spyOn(timers, 'setTimeout').mockImplementation((callback, milliseconds) => setTimeout(callback, milliseconds));
    vi.spyOn(timers, 'clearTimeout').mockImplementation((timer) => clearTimeout(timer));
  });
  afterEach(() => {
    vi.runAllTimers();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('is used again once it was given back, and not before', () => {
    const first = encode(codec.bytes, long(1));
    const second = encode(codec.bytes, long(2));
    expect(second.buffer === first.buffer).toBe(false);
    memory.giveBack([first]);
    const third = encode(codec.bytes, long(3));
    expect(third.buffer === first.buffer).toBe(true);
    expect([third.equals(long(3)), second.equals(long(2))]).toEqual([true, true]);
    // The second was never given back, as if its outcome were unknown.
    expect(encode(codec.bytes, long(4)).buffer === second.buffer).toBe(false);
  });

  it('is handed out to one at a time, however often it is given back', () => {
    const first = encode(codec.bytes, long(1));
    memory.giveBack([first, first]);
    memory.giveBack([first]);
    const [second, third] = [encode(codec.bytes, long(2)), encode(codec.bytes, long(3))];
    expect(second.buffer === first.buffer).toBe(true);
    expect(third.buffer === second.buffer).toBe(false);
  });

  const values: readonly (readonly [string, Pick<Codec<never>, 'encode'>, unknown])[] = [
    ['bytes', codec.bytes, long(1)],
    ['typedArray', codec.typedArray(Float64Array), new Float64Array(LONG_BLOCK / 8).fill(1.5)],
    ['ndarray', codec.ndarray(), { dtype: 'uint8', shape: [LONG_BLOCK], data: new Uint8Array(LONG_BLOCK).fill(7) }],
    ['auto', codec.auto, new Int16Array(LONG_BLOCK / 2).fill(-3)],
    ['auto', codec.auto, { image: new Uint8Array(LONG_BLOCK).fill(9), at: 5 }],
    ['structured', codec.structured, { image: new Uint8Array(LONG_BLOCK).fill(9), at: 5 }],
    ['state', codec.state(passing), { image: new Uint8Array(LONG_BLOCK).fill(9), at: 5 }],
  ];
  it.each(values)('is taken by codec.%s, for the same bytes as ever', (_, one, value) => {
    const expected = Buffer.from(one.encode(value as never));
    const dirty = send(codec.bytes, long(0xee, expected.length + 70_000));
    const bytes = encode(one as Codec<never>, value as never);
    expect(memory.isLent(bytes)).toBe(true);
    expect(bytes.buffer === dirty.buffer).toBe(true);
    expect(bytes.equals(expected)).toBe(true);
  });

  it('is not for short values, nor for those who encode on their own', () => {
    expect(memory.isLent(encode(codec.bytes, long(1, LONG_BLOCK - 1)))).toBe(false);
    const { buffer } = send(codec.bytes, long(1));
    expect(codec.bytes.encode(long(1)).buffer === buffer).toBe(false);
    expect([long(1)].map(codec.bytes.encode)[0]?.buffer === buffer).toBe(false);
  });

  it('is not for codecs of others, who might keep the bytes', () => {
    const wrapped: Codec<Uint8Array> = { ...codec.bytes, encode: (value) => codec.bytes.encode(value) };
    const copied: Codec<Uint8Array> = { ...codec.bytes };
    const ours: readonly object[] = [codec.bytes, copied, codec.auto, codec.ndarray()];
    expect(ours.map((one) => typeof encoderOf(one as Codec<never>))).toEqual(ours.map(() => 'function'));
    expect([wrapped, codec.compressed(codec.bytes)].map(encoderOf)).toEqual([undefined, undefined]);
  });

  it('is not for what a getter of the value encodes beside it', () => {
    const free = send(codec.bytes, long(1, LONG_BLOCK + 1_000));
    const beside: Buffer[] = [];
    const value = {
      image: long(2),
      get extra() {
        beside.push(codec.bytes.encode(long(3)), codec.auto.encode({ image: long(4) }));
        return 1;
      },
    };
    const bytes = encode(codec.auto, value);
    expect(bytes.buffer === free.buffer).toBe(true);
    expect(beside.map((one) => memory.isLent(one))).toEqual(beside.map(() => false));
    memory.giveBack([bytes, ...beside]);
    const buffers = new Set(beside.map(({ buffer }) => buffer));
    for (let i = 0; i < 8; i += 1) expect(buffers.has(send(codec.bytes, long(5)).buffer)).toBe(false);
    expect(beside.map((one) => one.at(-1))).toEqual(beside.map((_, i) => 3 + (i % 2)));
  });

  it('is another block for a command that a getter of the value sends', () => {
    const inner: Buffer[] = [];
    const value = {
      image: long(1),
      get extra() {
        inner.push(encode(codec.bytes, long(2)));
        return 1;
      },
    };
    const bytes = encode(codec.auto, value);
    expect(inner.length).toBeGreaterThan(0);
    expect(inner.some(({ buffer }) => buffer === bytes.buffer)).toBe(false);
    memory.giveBack(inner);
    send(codec.bytes, long(3));
    expect((codec.auto.decode(bytes) as typeof value).image.equals(long(1))).toBe(true);
  });

  it('is garbage where the value could not be encoded', () => {
    const value = {
      image: long(1),
      get extra(): number {
        throw new Error('no');
      },
    };
    expect(() => encode(codec.auto, value)).toThrow('reading it failed');
    expect(() => encode(codec.bytes, 'no bytes' as never)).toThrow('codec.bytes');
    const [first, second] = [encode(codec.bytes, long(1)), encode(codec.bytes, long(2))];
    expect(first.buffer === second.buffer).toBe(false);
  });

  it('is given up when no command asks for any, and beyond 32 MiB', () => {
    const { buffer } = send(codec.bytes, long(1));
    vi.advanceTimersByTime(5_000);
    expect(send(codec.bytes, long(1)).buffer === buffer).toBe(false);

    const many = Array.from({ length: 40 }, () => encode(codec.bytes, long(1)));
    const buffers = new Set(many.map((bytes) => bytes.buffer));
    for (const bytes of many) memory.giveBack([bytes]);
    const again = Array.from({ length: 40 }, () => encode(codec.bytes, long(1)).buffer);
    expect(again.filter((one) => buffers.has(one)).length).toBeLessThanOrEqual(32);
  });

  it('is not handed out where most of it would lie idle', () => {
    const { buffer } = send(codec.bytes, long(1, 4 * LONG_BLOCK));
    expect(send(codec.bytes, long(1)).buffer === buffer).toBe(false);
    expect(send(codec.bytes, long(1, 3 * LONG_BLOCK)).buffer === buffer).toBe(true);
  });
});
