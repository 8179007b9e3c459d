import type { CollectionHome } from '../../src/collections/context.js';
import { CONTEXT, contextOf } from '../../src/collections/context.js';
import { type HashLayout, SingleHash } from '../../src/collections/hash-layout.js';
import type { Argument, Command, RawReply, ReplyReader } from '../../src/command/command.js';
import { transaction } from '../../src/command/command.js';
import { type CommitStep, expectType } from '../../src/command/commit.js';
import { commit } from '../../src/command/commit-script.js';
import * as readers from '../../src/command/readers.js';
import { derivedKey } from '../../src/keys/keys.js';
import type { Expectation } from '../../src/sync/entry-tracker.js';

type Page<P> = P & { readonly cursor: string };

/** Cursors of the second hash begin with this. */
const SECOND = '2:';

/**
 * A layout that is only there to show that the seam holds: the entries of a hash lie in two Redis hashes of one slot, by
 * the sum of the bytes of their field. The first has the key that people know.
 */
export class TwoHashes implements HashLayout {
  readonly keys: readonly [string, string];
  readonly #both: readonly [SingleHash, SingleHash];

  constructor(key: string) {
    this.keys = [key, derivedKey(key, 'second')];
    this.#both = [new SingleHash(this.keys[0]), new SingleHash(this.keys[1])];
  }

  get<R>(field: string, reply: ReplyReader<R>): Command<R> {
    return this.#of(field).get(field, reply);
  }

  set<R>(field: string, value: Argument, reply: ReplyReader<R>): Command<R> {
    return this.#of(field).set(field, value, reply);
  }

  has(field: string): Command<boolean> {
    return this.#of(field).has(field);
  }

  delete(field: string): Command<boolean> {
    return this.#of(field).delete(field);
  }

  pop<R>(field: string, reply: ReplyReader<R>): Command<R> {
    return this.#of(field).pop(field, reply);
  }

  swap<R>(field: string, value: Buffer, reply: ReplyReader<R>): Command<R> {
    return this.#of(field).swap(field, value, reply);
  }

  getOrSet<R>(field: string, value: Buffer, reply: ReplyReader<R>): Command<R> {
    return this.#of(field).getOrSet(field, value, reply);
  }

  compareAndSet(field: string, expected: Buffer | undefined, next: Buffer | undefined): Command<boolean> {
    return this.#of(field).compareAndSet(field, expected, next);
  }

  increment<R>(field: string, amount: bigint, exact: boolean, reply: ReplyReader<R>): Command<R> {
    return this.#of(field).increment(field, amount, exact, reply);
  }

  getMany<R>(fields: readonly string[], reply: (values: readonly RawReply[]) => R): Command<R> {
    const parts = this.#dealt(fields, 1, (one, own) => ({ own, command: one.getMany(own, (values) => values) }));
    return together(
      parts.map(({ command }) => command),
      (answers) => {
        const values = new Map(
          parts.flatMap(({ own }, i) => own.map((field, at) => [field, answers[i]?.[at] ?? null])),
        );
        return reply(fields.map((field) => values.get(field) ?? null));
      },
    );
  }

  setMany<R>(pairs: readonly Argument[], reply: ReplyReader<R>): Command<R> {
    const sets = this.#dealt(pairs, 2, (one, own) => one.setMany(own, readers.integer));
    return together(sets, (added) => reply(sum(added)));
  }

  deleteMany(fields: readonly string[]): Command<number> {
    return together(
      this.#dealt(fields, 1, (one, own) => one.deleteMany(own)),
      sum,
    );
  }

  incrementMany(pairs: readonly string[]): Command<void> {
    const [first, ...others] = this.#dealt(pairs, 2, (one, own) => one.incrementMany(own));
    if (first !== undefined && others.length === 0) return first;
    // Where a count of one cannot be added to, none of the other is.
    const types = this.keys.map((key) => expectType(key, 'hash'));
    return commit([...types, ...this.increments(pairs)] as [CommitStep, ...CommitStep[]]).map(() => undefined);
  }

  size(also: readonly string[] = []): Command<number> {
    const sizes = this.#both.map((one) => one.size(also.filter((field) => this.#of(field) === one)));
    return together(sizes, sum);
  }

  entries<R>(reply: (pairs: readonly Buffer[]) => R): Command<R> {
    const all = this.#both.map((one) => one.entries((pairs) => pairs));
    return together(all, (pairs) => reply(pairs.flat()));
  }

  scan(cursor: string, count: number): Command<{ readonly cursor: string; readonly pairs: readonly Buffer[] }> {
    return this.#step(cursor, (one, at) => one.scan(at, count));
  }

  scanKeys(cursor: string, count: number): Command<{ readonly cursor: string; readonly fields: readonly Buffer[] }> {
    return this.#step(cursor, (one, at) => one.scanKeys(at, count));
  }

  randomField(): Command<string | undefined> {
    return together(
      this.#both.map((one) => one.randomField()),
      ([first, second]) => first ?? second,
    );
  }

  expect(fields: readonly (readonly [string, Buffer | undefined])[]): readonly Expectation[] {
    return this.#both.flatMap((one) => {
      const own = fields.filter(([field]) => this.#of(field) === one);
      return own.length === 0 ? [] : one.expect(own);
    });
  }

  increments(pairs: readonly string[]): readonly CommitStep[] {
    return this.#dealt(pairs, 2, (one, own) => one.increments(own)).flat();
  }

  puts(pairs: readonly Argument[]): readonly Command<unknown>[] {
    return this.#dealt(pairs, 2, (one, own) => one.puts(own)).flat();
  }

  removals(fields: readonly string[]): readonly Command<unknown>[] {
    return this.#dealt(fields, 1, (one, own) => one.removals(own)).flat();
  }

  #of(field: string): SingleHash {
    const bytes = Buffer.from(field).reduce((all, byte) => all + byte, 0);
    return this.#both[bytes % 2 === 1 ? 0 : 1];
  }

  /** Calls `make` with each hash and its own items, unless it has none. */
  #dealt<A extends Argument, R>(items: readonly A[], stride: 1 | 2, make: (one: SingleHash, own: A[]) => R): R[] {
    return this.#both.flatMap((one) => {
      const own = items.filter((_, i) => this.#of(String(items[i - (i % stride)])) === one);
      return own.length === 0 ? [] : [make(one, own)];
    });
  }

  #step<P>(cursor: string, step: (one: SingleHash, at: string) => Command<Page<P>>): Command<Page<P>> {
    const [first, second] = this.#both;
    if (cursor.startsWith(SECOND)) {
      const at = cursor.slice(SECOND.length);
      return step(second, at).map((page) => ({ ...page, cursor: page.cursor === '0' ? '0' : SECOND + page.cursor }));
    }
    return step(first, cursor).map((page) => ({ ...page, cursor: page.cursor === '0' ? `${SECOND}0` : page.cursor }));
  }
}

/** The same home, where entries lie in two hashes. */
export function withTwoHashes(home: CollectionHome): CollectionHome {
  return { [CONTEXT]: { ...contextOf(home), hashAt: (key) => new TwoHashes(key) } };
}

/** Commands as one step. */
function together<A, R>(commands: readonly Command<A>[], join: (answers: readonly A[]) => R): Command<R> {
  const [first, ...others] = commands;
  if (first === undefined) throw new Error('There is nothing to do');
  if (others.length === 0) return first.map((answer) => join([answer]));
  return transaction([first, ...others], (raws) => join(commands.map((one, i) => one.reply(raws[i] ?? null))));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
