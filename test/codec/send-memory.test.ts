import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { codec, type Codec } from '../../src/index.js';
import {
  beginLending,
  encodeLending,
  endLending,
  LONG_BLOCK,
  maySendLent,
  takeBack,
} from '../../src/codec/send-memory.js';
import { timers } from '../../src/timers.js';

/** Builds a command with one value, and what it was lent. */
function build<T>(
  { encode }: Pick<Codec<T>, 'encode'>,
  value: T,
): { bytes: Buffer; lent: readonly Buffer[] | undefined } {
  const outer = beginLending();
  let bytes: Buffer;
  let lent: readonly Buffer[] | undefined;
  try {
    bytes = encodeLending(encode, value);
  } finally {
    lent = endLending(outer);
  }
  return { bytes, lent };
}

/** Builds one that the server has acted on. */
function send<T>(one: Codec<T>, value: T): Buffer {
  const { bytes, lent } = build(one, value);
  takeBack(lent ?? []);
  return bytes;
}

const long = (fill: number, size = LONG_BLOCK): Buffer => Buffer.alloc(size, fill);

describe('memory for long values on their way to Redis', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(timers, 'setTimeout').mockImplementation((callback, milliseconds) => setTimeout(callback, milliseconds));
    vi.spyOn(timers, 'clearTimeout').mockImplementation((timer) => clearTimeout(timer));
  });
  afterEach(() => {
    vi.runAllTimers();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('is used again once the server has acted on the command, and not before', () => {
    const first = build(codec.bytes, long(1));
    const second = build(codec.bytes, long(2));
    expect(second.bytes.buffer).not.toBe(first.bytes.buffer);
    takeBack(first.lent ?? []);
    const third = build(codec.bytes, long(3));
    expect(third.bytes.buffer).toBe(first.bytes.buffer);
    expect([third.bytes.equals(long(3)), second.bytes.equals(long(2))]).toEqual([true, true]);
    // The second was never taken back, as if its outcome were unknown.
    expect(build(codec.bytes, long(4)).bytes.buffer).not.toBe(second.bytes.buffer);
  });

  const values: readonly (readonly [string, Pick<Codec<never>, 'encode'>, unknown])[] = [
    ['bytes', codec.bytes, long(1)],
    ['typedArray', codec.typedArray(Float64Array), new Float64Array(LONG_BLOCK / 8).fill(1.5)],
    ['ndarray', codec.ndarray(), { dtype: 'uint8', shape: [LONG_BLOCK], data: new Uint8Array(LONG_BLOCK).fill(7) }],
    ['auto', codec.auto, new Int16Array(LONG_BLOCK / 2).fill(-3)],
    ['auto', codec.auto, { image: new Uint8Array(LONG_BLOCK).fill(9), at: 5 }],
    ['structured', codec.structured, { image: new Uint8Array(LONG_BLOCK).fill(9), at: 5 }],
  ];
  it.each(values)('is lent to codec.%s, for the same bytes as ever', (_, one, value) => {
    const expected = Buffer.from(one.encode(value as never));
    const dirty = send(codec.bytes, long(0xee, expected.length + 70_000));
    const { bytes, lent } = build(one, value as never);
    expect(lent).toHaveLength(1);
    expect(bytes.buffer).toBe(dirty.buffer);
    expect(bytes.equals(expected)).toBe(true);
  });

  it('is not lent for short values, nor where no command is built', () => {
    expect(build(codec.bytes, long(1, LONG_BLOCK - 1)).lent).toBeUndefined();
    const { buffer } = send(codec.bytes, long(1));
    expect(encodeLending(codec.bytes.encode, long(1)).buffer).not.toBe(buffer);
    expect(codec.bytes.encode(long(1)).buffer).not.toBe(buffer);
  });

  it('is not lent to codecs of others, who might keep the bytes', () => {
    const wrapped: Codec<Uint8Array> = { ...codec.bytes, encode: (value) => codec.bytes.encode(value) };
    expect([codec.bytes, codec.auto, codec.ndarray()].map(maySendLent)).toEqual([true, true, true]);
    expect([wrapped, codec.compressed(codec.bytes)].map(maySendLent)).toEqual([false, false]);
  });

  it('does not come back where a getter of the value kept it', () => {
    let stolen: Buffer | undefined;
    const value = {
      image: long(1),
      get extra() {
        stolen = codec.bytes.encode(long(2));
        return 1;
      },
    };
    const { bytes } = build(codec.auto, value);
    takeBack([bytes]);
    for (let i = 0; i < 8; i += 1) expect(send(codec.bytes, long(3)).buffer).not.toBe(stolen?.buffer);
    expect(stolen?.equals(long(2))).toBe(true);
  });

  it('belongs to the command that it was lent for, also where a getter builds another one', () => {
    let inner: readonly Buffer[] | undefined;
    const outer = beginLending();
    const first = encodeLending(codec.bytes.encode, long(1));
    const value = {
      get extra() {
        inner = build(codec.bytes, long(2)).lent;
        return 1;
      },
    };
    encodeLending(codec.auto.encode, value);
    const mine = endLending(outer);
    expect(inner?.map((block) => block.equals(long(2)))).toEqual([true]);
    expect([mine?.length, mine?.[0] === first]).toEqual([1, true]);
  });

  it('is not lent for what a getter or a schema of the value encodes beside it, before and after another command', () => {
    const beside: Buffer[] = [];
    const value = {
      get extra() {
        beside.push(encodeLending(codec.bytes.encode, long(1)));
        build(codec.bytes, long(2));
        beside.push(encodeLending(codec.bytes.encode, long(3)));
        return 1;
      },
    };
    expect(build(codec.auto, value).lent).toBeUndefined();
    const outer = beginLending();
    const first = encodeLending(codec.bytes.encode, long(4));
    encodeLending(codec.auto.encode, value);
    const last = encodeLending(codec.bytes.encode, long(5));
    const lent = endLending(outer) ?? [];
    expect([lent.length, lent[0] === first, lent[1] === last]).toEqual([2, true, true]);
    takeBack(lent);
    for (let i = 0; i < 8; i += 1) send(codec.bytes, long(6));
    expect(beside.length).toBeGreaterThanOrEqual(4);
    expect(beside.every((bytes, i) => bytes.equals(long(i % 2 === 0 ? 1 : 3)))).toBe(true);
  });

  it('is not lent any more after a command that could not be built', () => {
    const outer = beginLending();
    expect(() => encodeLending(codec.bytes.encode, 'no bytes' as never)).toThrow('codec.bytes');
    expect(endLending(outer)).toBeUndefined();
    const { buffer } = send(codec.bytes, long(1));
    expect(codec.bytes.encode(long(1)).buffer).not.toBe(buffer);
  });

  it('is given up when no command asks for any, and beyond 32 MiB', () => {
    const { buffer } = send(codec.bytes, long(1));
    vi.advanceTimersByTime(5_000);
    expect(send(codec.bytes, long(1)).buffer).not.toBe(buffer);

    const many = Array.from({ length: 40 }, () => build(codec.bytes, long(1)));
    const buffers = new Set(many.map(({ bytes }) => bytes.buffer));
    for (const { lent } of many) takeBack(lent ?? []);
    const again = Array.from({ length: 40 }, () => build(codec.bytes, long(1)).bytes.buffer);
    expect(again.filter((one) => buffers.has(one)).length).toBeLessThanOrEqual(32);
  });

  it('is not lent where most of it would lie idle', () => {
    const { buffer } = send(codec.bytes, long(1, 4 * LONG_BLOCK));
    expect(send(codec.bytes, long(1)).buffer).not.toBe(buffer);
    expect(send(codec.bytes, long(1, 3 * LONG_BLOCK)).buffer).toBe(buffer);
  });
});
