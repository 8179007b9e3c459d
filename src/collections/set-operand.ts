import { RedisCollection } from './redis-collection.js';

/** An operand of the algebra of sets that is not a RedisSet: a native Set, a Map, or any set-like object. */
export interface SetLike<T> {
  readonly size: number;
  has(member: T): boolean;
  keys(): Iterator<T>;
}

/** A RedisSet as an operand: of this process, or of a peer. */
export interface RemoteMembers<T> {
  readonly name: string;
  readonly key: string;
  readonly size: Promise<number>;
  toSet(): Promise<Set<T>>;
}

/** Returns the text of a member; undefined if the codec cannot carry it. */
type TextOf = (member: unknown) => string | undefined;

/** The other operand of a set operation, with the members that the standard uses. */
export interface SetRecord<T> {
  readonly size: number;
  has(member: unknown): boolean;
  /** Iterates over its members; some may be equal. Stopping early closes the iterator. */
  keys(): Iterable<T>;
}

/**
 * Fetched members, equal ones only once. They are equal if their text is; members without a text are equal if they are
 * identical.
 */
export class Members<T> implements SetRecord<T> {
  readonly #textOf: TextOf;
  /** The members by their identity, in the order in which they came. */
  readonly #members = new Map<unknown, T>();

  constructor(members: Iterable<T>, textOf: TextOf) {
    this.#textOf = textOf;
    for (const member of members) this.add(member);
  }

  get size(): number {
    return this.#members.size;
  }

  /** Whether any member is an object, of which a native Set may have several that are equal here. */
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

  /** Returns other members with the same equality. */
  with<U>(members: Iterable<U>): Members<U> {
    return new Members(members, this.#textOf);
  }

  /** Returns the identity of a member: a text never equals a string member that has no text. */
  #idOf(member: unknown): unknown {
    const text = this.#textOf(member);
    if (text !== undefined) return `text ${text}`;
    return typeof member === 'string' ? `string ${member}` : member;
  }
}

/**
 * Reads a set-like object as the methods of the native Set do: first its size, then its methods, each once.
 *
 * @throws TypeError for anything that the native methods refuse too, such as an array; RangeError for a negative size.
 * @see https://tc39.es/ecma262/#sec-getsetrecord
 */
export function readSetLike<T>(other: SetLike<T>, textOf: TextOf): SetRecord<T> {
  const wrong = 'The other set must be a RedisSet or an object with size, has() and keys()';
  const isObject = (typeof other === 'object' && other !== null) || typeof other === 'function';
  if (!isObject || other instanceof RedisCollection) throw new TypeError(wrong);
  // A bigint or a symbol is a TypeError, as in the standard: Number() would accept a bigint.
  const number = +other.size;
  if (Number.isNaN(number)) throw new TypeError(`${wrong}: its size is not a number`);
  const size = Math.trunc(number) + 0;
  if (size < 0) throw new RangeError('The size of the other set must not be negative');
  // Methods are read once, and called as in the standard.
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
      // A compound member from Redis is never identical to one in memory, though it may be equal. A set of infinite
      // size is a predicate: only it can tell.
      if (typeof member !== 'object' || member === null || size === Number.POSITIVE_INFINITY) return false;
      listed ??= new Members(list(), textOf);
      return listed.has(member);
    },
    keys: list,
  };
}

/** Iterates over an iterator by its initial `next`, whether or not it is iterable itself. */
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
