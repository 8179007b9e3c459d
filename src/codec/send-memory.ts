import { timers } from '../timers.js';

/** The least bytes of a block: shorter ones are allocated from memory that the process already has. */
export const LONG_BLOCK = 1 << 20;

/** Lengths are rounded up to a multiple of this, so that blocks fit values of nearly the same length. */
const GRAIN = 1 << 18;

/** The most bytes that are kept unused. */
const MAX_KEPT = 32 << 20;

/** Milliseconds until unused bytes are released, if no command needs any. */
const KEPT_FOR = 5_000;

/**
 * Memory for long values in flight to Redis, which is reused once the server has them: fresh memory costs a page fault
 * for every 4 KiB, which takes ten times as long as copying the bytes.
 *
 * A block belongs to the one command that has it as an argument. The sender of the command gives the block back when
 * the server has replied; a block that is not given back is garbage like any other.
 */
export class SendMemory {
  #free: Buffer[] = [];
  #freeBytes = 0;
  #giveUp: NodeJS.Timeout | undefined;
  /** The lent blocks: those that were handed out and not given back. */
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** Allocates memory of this many bytes, which is not initialised, for an argument of one command. */
  readonly allocate = (size: number): Buffer => {
    if (size < LONG_BLOCK) return Buffer.allocUnsafe(size);
    const block = this.#takeFree(size) ?? Buffer.allocUnsafeSlow(Math.ceil(size / GRAIN) * GRAIN);
    this.#lent.add(block.buffer);
    return block.subarray(0, size);
  };

  /** Returns whether bytes are a lent block. */
  isLent(bytes: Buffer): boolean {
    return bytes.length >= LONG_BLOCK && this.#lent.has(bytes.buffer);
  }

  /** Takes blocks back. Nothing may send or read them any more. */
  giveBack(blocks: readonly Buffer[]): void {
    for (const { buffer } of blocks) {
      // A block is never taken back twice: two commands would write to it.
      if (!this.#lent.delete(buffer) || this.#freeBytes + buffer.byteLength > MAX_KEPT) continue;
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

  /** Returns the shortest block that suffices, unless most of it would be unused. */
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

/** The memory for all commands of this process. */
export const sendMemory = new SendMemory();
