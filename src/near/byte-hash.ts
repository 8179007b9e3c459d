import { KIND, KINDS, type Kinds } from '../collections/kinds.js';
import type { HashLayout } from '../collections/hash-layout.js';
import { RedisCollection } from '../collections/redis-collection.js';
import type { Step } from '../collections/scan-walk.js';
import type { Argument, ReplyReader } from '../command/command.js';
import { clear } from '../command/key.js';
import * as readers from '../command/readers.js';

/**
 * A Redis hash as text and bytes: the store behind a local tier, which encodes keys and values itself. Every command is
 * sent in the tick of its call, so that commands run in the order of the calls.
 */
export class ByteHash extends RedisCollection {
  readonly #layout: HashLayout = this.context.hashAt(this.key);

  /** @internal */
  get [KIND](): Kinds['lru'] {
    return KINDS.lru;
  }

  protected override get allKeys(): readonly [string, ...string[]] {
    return this.#layout.keys;
  }

  /** Whether this process may write the hash. */
  get writable(): boolean {
    return this.context.writable;
  }

  /** @throws ReadonlyError if this process may not write the hash. */
  checkWritable(): void {
    this.expectWritable();
  }

  /** HGET. */
  get<R>(field: string, reply: ReplyReader<R>): Promise<R> {
    return this.run(() => this.#layout.get(field, reply));
  }

  /** HSET of one field. */
  set(field: string, bytes: Buffer): Promise<void> {
    return this.run(() => this.#layout.set(field, bytes, readers.counted));
  }

  /** HSET of pairs, field then bytes: all or none. */
  setAll(pairs: readonly Argument[]): Promise<void> {
    return this.run(() => this.#layout.setMany(pairs, readers.counted));
  }

  /** HSETNX and HGET in a script: the bytes that are stored then. */
  getOrSet<R>(field: string, bytes: Buffer, reply: ReplyReader<R>): Promise<R> {
    return this.run(() => this.#layout.getOrSet(field, bytes, reply));
  }

  /** HEXISTS. */
  has(field: string): Promise<boolean> {
    return this.run(() => this.#layout.has(field));
  }

  /** HDEL: whether the field existed. */
  delete(field: string): Promise<boolean> {
    return this.run(() => this.#layout.delete(field));
  }

  /** UNLINK. */
  clear(): Promise<void> {
    return this.run(() => clear(this.#layout.keys));
  }

  /** Counts the fields, and those of `additional` that do not exist: HLEN, and HEXISTS in a script. */
  sizeWith(additional: readonly string[]): Promise<number> {
    return this.run(() => this.#layout.size(additional));
  }

  /** One step of a scan of fields and values. */
  readonly scan: Step = async (cursor, count, origin) => {
    const page = await this.run(() => this.#layout.scan(cursor, count).with({ origin }));
    return { cursor: page.cursor, parts: page.pairs };
  };

  /** One step of a scan of fields, which transfers no values. */
  readonly scanKeys: Step = async (cursor, count, origin) => {
    const page = await this.run(() => this.#layout.scanKeys(cursor, count).with({ origin }));
    return { cursor: page.cursor, parts: page.fields };
  };
}
