import { timers } from '../timers.js';
import type { Codec } from './codec.js';

/*
 * Memory for long values on their way to Redis, used again once the server has them: fresh memory costs the system a
 * page fault for every 4 KiB, which takes ten times as long as to copy the bytes there.
 *
 * What an encoder of ours allocates is lent only for a command that is being built, and comes back only if it was the
 * encoded value itself. Whatever else is done with it, it is garbage like any other.
 */

/** From so many bytes on: shorter blocks come from memory that the process has at hand. */
export const LONG_BLOCK = 1 << 20;

/** Lengths are rounded up to a multiple of this, so that blocks fit values of nearly the same length. */
const GRAIN = 1 << 18;

/** At most so many bytes are kept that nobody uses. */
const MOST_KEPT = 32 << 20;

/** Milliseconds until those are given up, if no command asks for any. */
const KEPT_FOR = 5_000;

const lenders = new WeakSet<object>();
const lendable = new WeakSet<ArrayBufferLike>();
const NOTHING: readonly Buffer[] = Object.freeze([]);

let kept: Buffer[] = [];
let keptBytes = 0;
let release: NodeJS.Timeout | undefined;
/** What the command that is being built has of it; undefined while none is. */
let lent: readonly Buffer[] | undefined;
/** Whether an encoder that may lend is at work for that command. */
let isLending = false;

/** Says of a codec that nothing keeps the bytes which it gives. Known by the function `encode`. */
export function lending<T>(codec: Codec<T>): Codec<T> {
  lenders.add(encoderOf(codec));
  return codec;
}

/** Whether that was said. */
export function maySendLent<T>(codec: Codec<T>): boolean {
  return lenders.has(encoderOf(codec));
}

function encoderOf(codec: { readonly encode: object }): object {
  return codec.encode;
}

/** Memory of that many bytes, with anything in it. */
export function allocate(size: number): Buffer {
  if (!isLending || size < LONG_BLOCK) return Buffer.allocUnsafe(size);
  // The shortest that does, unless most of it would lie idle.
  let best = -1;
  for (let i = 0; i < kept.length; i += 1) {
    const length = (kept[i] as Buffer).length;
    if (length >= size && length <= 2 * size && (best < 0 || length < (kept[best] as Buffer).length)) best = i;
  }
  if (best >= 0) {
    const [block] = kept.splice(best, 1) as [Buffer];
    keptBytes -= block.length;
    return block.subarray(0, size);
  }
  const block = Buffer.allocUnsafeSlow(Math.ceil(size / GRAIN) * GRAIN);
  lendable.add(block.buffer);
  return block.subarray(0, size);
}

/** Encodes a value for the command that is being built: of a long one, the bytes may be memory that is lent. */
export function encodeLending<T>(encode: (value: T) => Buffer, value: T): Buffer {
  if (lent === undefined) return encode(value);
  // A getter of the value, or its schema, may encode something as well: not for this command, and who knows for how long.
  const isWithin = isLending;
  isLending = !isWithin;
  let bytes: Buffer;
  try {
    bytes = encode(value);
  } finally {
    isLending = isWithin;
  }
  // Or have built another command, but that is over.
  if (!isWithin && bytes.length >= LONG_BLOCK && lendable.has(bytes.buffer)) lent = [...lent, bytes];
  return bytes;
}

/** A command is being built. Returns what {@link endLending} wants back. */
export function beginLending(): readonly Buffer[] | undefined {
  const outer = lent;
  lent = NOTHING;
  isLending = false;
  return outer;
}

/** It is built, or cannot be. Returns what it was lent, for {@link takeBack}; undefined where that is nothing. */
export function endLending(outer: readonly Buffer[] | undefined): readonly Buffer[] | undefined {
  const mine = lent;
  lent = outer;
  // One is built while another is only where an encoder of that calls: what it still encodes is not for the other.
  isLending = outer !== undefined;
  return mine === NOTHING ? undefined : mine;
}

/** The server has acted on the command: nothing will send these bytes again. */
export function takeBack(blocks: readonly Buffer[]): void {
  for (const { buffer } of blocks) {
    if (keptBytes + buffer.byteLength > MOST_KEPT) continue;
    keptBytes += buffer.byteLength;
    kept.push(Buffer.from(buffer));
  }
  timers.clearTimeout(release);
  release = timers
    .setTimeout(() => {
      kept = [];
      keptBytes = 0;
    }, KEPT_FOR)
    .unref();
}
