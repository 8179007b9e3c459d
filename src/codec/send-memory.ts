import { timers } from '../timers.js';

/** From so many bytes on: shorter blocks come from memory that the process has at hand. */
export const LONG_BLOCK = 1 << 20;

/** Lengths are rounded up to a multiple of this, so that blocks fit values of nearly the same length. */
const GRAIN = 1 << 18;

/** At most so many bytes are kept that nobody uses. */
const MOST_KEPT = 32 << 20;

/** Milliseconds until those are given up, if no command asks for any. */
const KEPT_FOR = 5_000;

/**
 * Memory for long values on their way to Redis, used again once the server has them: fresh memory costs the system a
 * page fault for every 4 KiB, which takes ten times as long as to copy the bytes there.
 *
 * A block belongs to the one command among whose arguments it is. Whoever sends that gives the block back when the server
 * has answered; a block that nobody gives back is garbage like any other.
 */
export class SendMemory {
  #free: Buffer[] = [];
  #freeBytes = 0;
  #giveUp: NodeJS.Timeout | undefined;
  /** Of blocks that were handed out and not given back. */
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** Memory of that many bytes, with anything in it, for an argument of one command. */
  readonly allocate = (size: number): Buffer => {
    if (size < LONG_BLOCK) return Buffer.allocUnsafe(size);
    const block = this.#takeFree(size) ?? Buffer.allocUnsafeSlow(Math.ceil(size / GRAIN) * GRAIN);
    this.#lent.add(block.buffer);
    return block.subarray(0, size);
  };

  /** Whether bytes are a block that was handed out and not given back. */
  isLent(bytes: Buffer): boolean {
    return bytes.length >= LONG_BLOCK && this.#lent.has(bytes.buffer);
  }

  /** Nothing will send, or read, these blocks any more. */
  giveBack(blocks: readonly Buffer[]): void {
    for (const { buffer } of blocks) {
      // Never twice, whatever happens: two commands would write to it.
      if (!this.#lent.delete(buffer) || this.#freeBytes + buffer.byteLength > MOST_KEPT) continue;
      this.#freeBytes += buffer.byteLength;
      this.#free.push(Buffer.from(buffer));
    }
    timers.clearTimeout(this.#giveUp);
    this.#giveUp = timers
      .setTimeout(() => {
        this.#free = [];
        this.#freeBytes = 0;
      }, KEPT_FOR)
      .unref();
  }

  /** The shortest that does, unless most of it would lie idle. */
  #takeFree(size: number): Buffer | undefined {
    const free = this.#free;
    let best = -1;
    for (let i = 0; i < free.length; i += 1) {
      const { length } = free[i] as Buffer;
      if (length >= size && length <= 2 * size && (best < 0 || length < (free[best] as Buffer).length)) best = i;
    }
    if (best < 0) return undefined;
    const [block] = free.splice(best, 1) as [Buffer];
    this.#freeBytes -= block.length;
    return block;
  }
}

/** That of all commands of this process. */
export const sendMemory = new SendMemory();
