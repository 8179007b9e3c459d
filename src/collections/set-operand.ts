import { RedisCollection } from './redis-collection.js';

/** What the algebra of sets takes beside a RedisSet: a native Set, a Map, or anything like them. */
export interface SetLike<T> {
  readonly size: number;
  has(member: T): boolean;
  keys(): Iterator<T>;
}

/** The text of a member; undefined for what the codec cannot carry. */
type TextOf = (member: unknown) => string | undefined;

/**
 * The other operand of a set operation, as far as it is here. Members are the same if their text is; those without a
 * text are the same if they are identical.
 */
export interface Operand<T> {
  readonly size: number;
  has(member: unknown): boolean;
  members(): readonly T[];
}

/** Members that were fetched. */
export function operandOf<T>(members: ReadonlySet<T>, textOf: TextOf): Operand<T> {
  const identities = new Set<unknown>(Array.from(members, (member) => textOf(member) ?? member));
  return {
    size: members.size,
    has: (member) => identities.has(textOf(member) ?? member),
    members: () => [...members],
  };
}

/**
 * A set-like, asked as the native Set's methods ask it.
 *
 * @throws TypeError for anything that the native ones refuse too, such as an array.
 * @see https://tc39.es/ecma262/#sec-getsetrecord
 */
export function readSetLike<T>(other: SetLike<T>, textOf: TextOf): Operand<T> {
  const wrong = 'The other set must be a RedisSet or an object with size, has() and keys()';
  if (typeof other !== 'object' || other === null || other instanceof RedisCollection) throw new TypeError(wrong);
  const size = Number(other.size);
  if (Number.isNaN(size) || typeof other.has !== 'function' || typeof other.keys !== 'function') {
    throw new TypeError(wrong);
  }
  if (size < 0) throw new RangeError('The size of the other set must not be negative');
  const members = (): T[] => {
    const all: T[] = [];
    const iterator = other.keys();
    for (let step = iterator.next(); step.done !== true; step = iterator.next()) all.push(step.value);
    return all;
  };
  let byText: Operand<T> | undefined;
  return {
    size,
    has(member) {
      if (other.has(member as T)) return true;
      if (typeof member !== 'object' || member === null) return false;
      // A member that came from Redis is never identical to one here, though it may be the same.
      byText ??= operandOf(new Set(members()), textOf);
      return byText.has(member);
    },
    members,
  };
}
