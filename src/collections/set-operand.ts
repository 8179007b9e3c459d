import { RedisCollection } from './redis-collection.js';

/** What the algebra of sets takes beside a RedisSet: a native Set, a Map, or anything like them. */
export interface SetLike<T> {
  readonly size: number;
  has(member: T): boolean;
  keys(): Iterator<T>;
}

/** A RedisSet as an operand: one's own, or a peer's. */
export interface RemoteMembers<T> {
  readonly name: string;
  readonly key: string;
  readonly size: Promise<number>;
  toSet(): Promise<Set<T>>;
}

/** The text of a member; undefined for what the codec cannot carry. */
type TextOf = (member: unknown) => string | undefined;

/** The other operand of a set operation, which is asked what the standard asks it, and no more. */
export interface SetRecord<T> {
  readonly size: number;
  has(member: unknown): boolean;
  /** Its members as they come; some may be the same. Whoever stops early closes it. */
  keys(): Iterable<T>;
}

/**
 * Members that were fetched, those that are the same only once. They are the same if their text is; those without a text
 * are the same if they are identical.
 */
export class Members<T> implements SetRecord<T> {
  readonly #textOf: TextOf;
  /** By what makes them the same, in the order in which they came. */
  readonly #members = new Map<unknown, T>();

  constructor(members: Iterable<T>, textOf: TextOf) {
    this.#textOf = textOf;
    for (const member of members) this.add(member);
  }

  get size(): number {
    return this.#members.size;
  }

  /** Whether any of them is an object, of which a native Set may have several that are the same here. */
  get hasCompound(): boolean {
    return this.keys().some((member) => typeof member === 'object' && member !== null);
  }

  has(member: unknown): boolean {
    return this.#members.has(this.#idOf(member));
  }

  add(member: T): void {
    const id = this.#idOf(member);
    if (!this.#members.has(id)) this.#members.set(id, member);
  }

  delete(member: unknown): void {
    this.#members.delete(this.#idOf(member));
  }

  keys(): readonly T[] {
    return [...this.#members.values()];
  }

  /** Others, of which the same ones are the same. */
  with<U>(members: Iterable<U>): Members<U> {
    return new Members(members, this.#textOf);
  }

  /** Of two kinds of strings, texts and members that have none, neither is the other. */
  #idOf(member: unknown): unknown {
    const text = this.#textOf(member);
    if (text !== undefined) return `text ${text}`;
    return typeof member === 'string' ? `string ${member}` : member;
  }
}

/**
 * A set-like, asked as the native Set's methods ask it: first its size, then its methods, each once.
 *
 * @throws TypeError for anything that the native ones refuse too, such as an array; RangeError for a negative size.
 * @see https://tc39.es/ecma262/#sec-getsetrecord
 */
export function readSetLike<T>(other: SetLike<T>, textOf: TextOf): SetRecord<T> {
  const wrong = 'The other set must be a RedisSet or an object with size, has() and keys()';
  const isObject = (typeof other === 'object' && other !== null) || typeof other === 'function';
  if (!isObject || other instanceof RedisCollection) throw new TypeError(wrong);
  // A bigint or a symbol is a TypeError, as in the standard: Number() would take a bigint.
  const number = +other.size;
  if (Number.isNaN(number)) throw new TypeError(`${wrong}: its size is not a number`);
  const size = Math.trunc(number) + 0;
  if (size < 0) throw new RangeError('The size of the other set must not be negative');
  // Taken once, and called as the standard calls them.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { has } = other;
  if (typeof has !== 'function') throw new TypeError(`${wrong}: its has is not a function`);
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { keys } = other;
  if (typeof keys !== 'function') throw new TypeError(`${wrong}: its keys is not a function`);
  const list = (): Iterable<T> => iterate(keys.call(other));
  let listed: Members<T> | undefined;
  return {
    size,
    has(member) {
      if (has.call(other, member as T)) return true;
      // A compound member that came from Redis is never identical to one here, though it may be the same. A set
      // without an end is a predicate: only it can tell.
      if (typeof member !== 'object' || member === null || size === Number.POSITIVE_INFINITY) return false;
      listed ??= new Members(list(), textOf);
      return listed.has(member);
    },
    keys: list,
  };
}

/** What an iterator gives, by its next as it was at first, whether or not it can be iterated over itself. */
function iterate<T>(iterator: Iterator<T>): Iterable<T> {
  if (typeof iterator !== 'object' || iterator === null) throw new TypeError('keys() must return an iterator');
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { next } = iterator;
  return {
    [Symbol.iterator]: () => ({
      next: (): IteratorResult<T> => next.call(iterator),
      return: () => {
        const closed = iterator.return?.();
        if (closed !== undefined && (typeof closed !== 'object' || closed === null)) {
          throw new TypeError('The return() of an iterator must return an object');
        }
        return { done: true, value: undefined };
      },
    }),
  };
}
