import { KIND, KINDS, type Kinds } from '../collections/kinds.js';
import { RedisCollection } from '../collections/redis-collection.js';
import type { Step } from '../collections/scan-walk.js';
import { type Argument, type ReplyReader, transaction } from '../command/command.js';
import * as hash from '../command/hash.js';
import * as keys from '../command/key.js';
import * as readers from '../command/readers.js';
import { each } from '../command/scripts.gen.js';

/** The most fields that one script looks for. */
const MOST_FIELDS = 10_000;

/**
 * A Redis hash as text and bytes: what is behind a local tier, which encodes each key and value once and by itself.
 * Every command is sent in the tick of its call, so that they run in the order of the calls.
 */
export class ByteHash extends RedisCollection {
  /** @internal */
  get [KIND](): Kinds['lru'] {
    return KINDS.lru;
  }

  /** Whether this process may write it. */
  get writable(): boolean {
    return this.context.writable;
  }

  /** @throws ReadonlyError where it may not. */
  checkWritable(): void {
    this.expectWritable();
  }

  /** HGET. */
  get<R>(field: string, reply: ReplyReader<R>): Promise<R> {
    return this.run(() => hash.get(this.key, field, reply));
  }

  /** HSET of one field. */
  set(field: string, bytes: Buffer): Promise<void> {
    return this.run(() => hash.set(this.key, [field, bytes], readers.counted));
  }

  /** HSET of pairs, field then bytes: all or none. */
  setAll(pairs: readonly Argument[]): Promise<void> {
    return this.run(() => hash.set(this.key, pairs, readers.counted));
  }

  /** HSETNX and HGET in a script: the bytes that won. */
  getOrSet<R>(field: string, bytes: Buffer, reply: ReplyReader<R>): Promise<R> {
    return this.run(() => hash.getOrSet(this.key, field, bytes, reply));
  }

  /** HEXISTS. */
  has(field: string): Promise<boolean> {
    return this.run(() => hash.has(this.key, field));
  }

  /** HDEL: whether it was there. */
  delete(field: string): Promise<boolean> {
    return this.run(() => hash.removeOne(this.key, field));
  }

  /** UNLINK. */
  clear(): Promise<void> {
    return this.run(() => keys.clear(this.key));
  }

  /**
   * How many fields there are, those counted in addition that are not there. HLEN; with additional ones in a script with
   * HEXISTS of each.
   */
  sizeWith(additional: readonly string[]): Promise<number> {
    if (additional.length === 0) return this.run(() => hash.size(this.key));
    return this.run(() => {
      const parts = [];
      for (let i = 0; i < additional.length; i += MOST_FIELDS) {
        const fields = additional.slice(i, i + MOST_FIELDS);
        const exist = each.command([this.key], ['hexists', ...fields], readers.nothing);
        parts.push(exist.with({ access: 'read', idempotent: true }));
      }
      return transaction([hash.size(this.key), ...parts], ([size = null, ...found]) => {
        const missing = found
          .flatMap((raw, i) => readers.arrayOf(raw, Math.min(MOST_FIELDS, additional.length - i * MOST_FIELDS)))
          .filter((raw) => !readers.flag(raw));
        return readers.integer(size) + missing.length;
      });
    });
  }

  /** A step through fields and values. */
  readonly scan: Step = async (cursor, count, origin) => {
    const page = await this.run(() => hash.scan(this.key, cursor, count).with({ origin }));
    return { cursor: page.cursor, parts: page.pairs };
  };

  /** A step through fields, which moves no values. */
  readonly scanKeys: Step = async (cursor, count, origin) => {
    const page = await this.run(() => hash.scanKeys(this.key, cursor, count).with({ origin }));
    return { cursor: page.cursor, parts: page.fields };
  };
}
