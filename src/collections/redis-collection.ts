import type { Command } from '../command/command.js';
import * as keys from '../command/key.js';
import { ReadonlyError } from '../errors.js';
import { CONTEXT, type CollectionContext, type CollectionHome } from './context.js';

/** What all collections have in common: a name, a key, a lifetime. */
export abstract class RedisCollection {
  /** The name it was given. */
  readonly name: string;
  /** The whole Redis key, `HOSTNAME:PROCESS_TYPE:ID:NAME`: for redis-cli, never needed in code. */
  readonly key: string;
  readonly #context: CollectionContext;

  constructor(home: CollectionHome, name: string) {
    this.#context = home[CONTEXT];
    this.name = name;
    this.key = this.#context.keyOf(name);
  }

  /** Where it lives. */
  protected get context(): CollectionContext {
    return this.#context;
  }

  /** Sends the command that `build` makes. What `build` throws, and a write where none is allowed, rejects. */
  protected run<R>(build: () => Command<R>): Promise<R> {
    const { executor, writable, deadline } = this.#context;
    let command: Command<R>;
    try {
      command = build();
      if (!writable && command.access === 'write') this.refuseWrite();
    } catch (error) {
      return Promise.reject(error);
    }
    return executor.run(command, deadline);
  }

  /** Throws if this process may not write here. */
  protected expectWritable(): void {
    if (!this.#context.writable) this.refuseWrite();
  }

  private refuseWrite(): never {
    throw new ReadonlyError('This collection belongs to another process, and only that process writes it', {
      key: this.key,
    });
  }

  /**
   * Makes the whole collection vanish after a time, unless it is given another.
   *
   * Cost: O(1), one PEXPIRE. Atomic; idempotent.
   *
   * @param milliseconds From now; at most 2^53. 0 or less removes it at once.
   * @returns false when the collection is empty, since an empty one does not exist.
   */
  expire(milliseconds: number): Promise<boolean> {
    return this.run(() => {
      if (!Number.isSafeInteger(milliseconds)) throw new RangeError('A time to live must be a whole number of ms');
      return keys.expire(this.key, milliseconds);
    });
  }

  /**
   * How long the collection will still live, in milliseconds: null when for ever, undefined when it is empty.
   *
   * Cost: O(1), one PTTL. Atomic.
   */
  ttl(): Promise<number | null | undefined> {
    return this.run(() => keys.ttl(this.key));
  }

  /**
   * Makes the collection live for ever again.
   *
   * Cost: O(1), one PERSIST. Atomic.
   *
   * @returns false when it had no time to live.
   */
  persist(): Promise<boolean> {
    return this.run(() => keys.persist(this.key));
  }
}
