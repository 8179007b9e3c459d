import type { Argument, Command, RawReply, ReplyReader } from '../command/command.js';
import { type CommitStep, expectFields, increment as incrementStep } from '../command/commit.js';
import * as counter from '../command/counter.js';
import * as hash from '../command/hash.js';
import * as readers from '../command/readers.js';
import type { Expectation } from '../sync/entry-tracker.js';
import type { EntryLayout } from '../sync/hash-tracker.js';

/**
 * The layout of a hash: which key holds a field, and the commands on fields and on the whole hash.
 *
 * Maps, counters, scopes and LRUDict ask it for every command, and do not know where an entry is. All keys of a layout
 * share a slot, so that a command on several of them is one step.
 */
export interface HashLayout extends EntryLayout {
  /** Reads the bytes of a field. */
  get<R>(field: string, reply: ReplyReader<R>): Command<R>;
  /** Writes a field. */
  set<R>(field: string, value: Argument, reply: ReplyReader<R>): Command<R>;
  /** Replies whether a field exists. */
  has(field: string): Command<boolean>;
  /** Removes a field, and replies whether it existed. */
  delete(field: string): Command<boolean>;
  /** Removes a field and replies its bytes. */
  pop<R>(field: string, reply: ReplyReader<R>): Command<R>;
  /** Writes a field and replies its previous bytes. */
  swap<R>(field: string, value: Buffer, reply: ReplyReader<R>): Command<R>;
  /** Writes a field unless it exists, and replies the bytes that it has then. */
  getOrSet<R>(field: string, value: Buffer, reply: ReplyReader<R>): Command<R>;
  /** Replaces the bytes of a field if they are as expected, and replies whether. Undefined stands for no field. */
  compareAndSet(field: string, expected: Buffer | undefined, next: Buffer | undefined): Command<boolean>;
  /** Adds to the count of a field: see {@link counter.increment}. */
  increment<R>(field: string, amount: bigint, exact: boolean, reply: ReplyReader<R>): Command<R>;

  /** Writes one or more fields from pairs of field and value: all or none. */
  setMany<R>(pairs: readonly Argument[], reply: ReplyReader<R>): Command<R>;
  /** Removes one or more fields, and replies how many existed. */
  deleteMany(fields: readonly string[]): Command<number>;
  /** Adds to one or more counts from pairs of field and amount: all or none. */
  incrementMany(pairs: readonly string[]): Command<void>;

  /** Counts the fields, and those of `also` that do not exist. */
  size(also?: readonly string[]): Command<number>;
  /** Reads all fields and values, in one snapshot. */
  entries<R>(reply: (pairs: readonly Buffer[]) => R): Command<R>;
  /** Reads a page of fields, as {@link EntryLayout.scan}. */
  scanKeys(cursor: string, count: number): Command<{ readonly cursor: string; readonly fields: readonly Buffer[] }>;
  /** Replies any field; undefined when there is none. */
  randomField(): Command<string | undefined>;
}

/** The layout with all entries in one Redis hash. */
export class SingleHash implements HashLayout {
  readonly keys: readonly [string];
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
    this.keys = [key];
  }

  get<R>(field: string, reply: ReplyReader<R>): Command<R> {
    return hash.get(this.#key, field, reply);
  }

  set<R>(field: string, value: Argument, reply: ReplyReader<R>): Command<R> {
    return hash.set(this.#key, [field, value], reply);
  }

  has(field: string): Command<boolean> {
    return hash.has(this.#key, field);
  }

  delete(field: string): Command<boolean> {
    return hash.removeOne(this.#key, field);
  }

  pop<R>(field: string, reply: ReplyReader<R>): Command<R> {
    return hash.pop(this.#key, field, reply);
  }

  swap<R>(field: string, value: Buffer, reply: ReplyReader<R>): Command<R> {
    return hash.swap(this.#key, field, value, reply);
  }

  getOrSet<R>(field: string, value: Buffer, reply: ReplyReader<R>): Command<R> {
    return hash.getOrSet(this.#key, field, value, reply);
  }

  compareAndSet(field: string, expected: Buffer | undefined, next: Buffer | undefined): Command<boolean> {
    return hash.compareAndSet(this.#key, field, expected, next);
  }

  increment<R>(field: string, amount: bigint, exact: boolean, reply: ReplyReader<R>): Command<R> {
    return counter.increment(this.#key, field, amount, exact, reply);
  }

  getMany<R>(fields: readonly string[], reply: (values: readonly RawReply[]) => R): Command<R> {
    return hash.getMany(this.#key, fields, reply);
  }

  setMany<R>(pairs: readonly Argument[], reply: ReplyReader<R>): Command<R> {
    return hash.set(this.#key, pairs, reply);
  }

  deleteMany(fields: readonly string[]): Command<number> {
    return hash.remove(this.#key, fields);
  }

  incrementMany(pairs: readonly string[]): Command<void> {
    return counter.incrementMany(this.#key, pairs);
  }

  size(also: readonly string[] = []): Command<number> {
    return also.length === 0 ? hash.size(this.#key) : hash.sizeWith(this.#key, also);
  }

  entries<R>(reply: (pairs: readonly Buffer[]) => R): Command<R> {
    return hash.entries(this.#key, reply);
  }

  scan(cursor: string, count: number): Command<{ readonly cursor: string; readonly pairs: readonly Buffer[] }> {
    return hash.scan(this.#key, cursor, count);
  }

  scanKeys(cursor: string, count: number): Command<{ readonly cursor: string; readonly fields: readonly Buffer[] }> {
    return hash.scanKeys(this.#key, cursor, count);
  }

  randomField(): Command<string | undefined> {
    return hash.randomField(this.#key);
  }

  expect(fields: readonly (readonly [string, Buffer | undefined])[]): readonly Expectation[] {
    return [{ step: expectFields(this.#key, fields), texts: fields.map(([field]) => field) }];
  }

  increments(pairs: readonly string[]): readonly CommitStep[] {
    return [incrementStep(this.#key, pairs)];
  }

  puts(pairs: readonly Argument[]): readonly Command<unknown>[] {
    return [hash.set(this.#key, pairs, readers.counted)];
  }

  removals(fields: readonly string[]): readonly Command<unknown>[] {
    return [hash.remove(this.#key, fields)];
  }
}
