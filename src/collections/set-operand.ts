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

/** Members that were fetched, those that are the same only once. */
export function operandOf<T>(members: Iterable<T>, textOf: TextOf): Operand<T> {
  const texts = new Set<string>();
  const withoutText = new Set<unknown>();
  const distinct: T[] = [];
  const has = (member: unknown): boolean => {
    const text = textOf(member);
    return text === undefined ? withoutText.has(member) : texts.has(text);
  };
  for (const member of members) {
    if (has(member)) continue;
    const text = textOf(member);
    if (text === undefined) withoutText.add(member);
    else texts.add(text);
    distinct.push(member);
  }
  return { size: distinct.length, has, members: () => distinct };
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
  const size = Math.trunc(Number(other.size));
  if (Number.isNaN(size) || typeof other.has !== 'function' || typeof other.keys !== 'function') {
    throw new TypeError(wrong);
  }
  if (size < 0) throw new RangeError('The size of the other set must not be negative');
  let listed: Operand<T> | undefined;
  const list = (): Operand<T> => (listed ??= operandOf(keysOf(other), textOf));
  return {
    size,
    has(member) {
      if (other.has(member as T)) return true;
      // A compound member that came from Redis is never identical to one here, though it may be the same. A set
      // without an end is a predicate: only it can tell.
      return typeof member === 'object' && member !== null && size !== Number.POSITIVE_INFINITY && list().has(member);
    },
    members: () => list().members(),
  };
}

function* keysOf<T>(other: SetLike<T>): Generator<T, void, undefined> {
  const iterator = other.keys();
  for (let step = iterator.next(); step.done !== true; step = iterator.next()) yield step.value;
}
