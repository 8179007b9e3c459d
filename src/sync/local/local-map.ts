import type { ChangeLog } from './change-log.js';
import { canonicalKey, expectFunction } from '../../expect.js';
import { showAs } from '../../inspect.js';

/** The text that a key has in Redis. It throws for what the codec cannot carry. */
export type TextOf<K> = (key: K) => string;

/** Whether two equal ones of it may be different to a native Map or Set. */
export function isObject(key: unknown): boolean {
  return (typeof key === 'object' && key !== null) || typeof key === 'function';
}

/** The objects among the keys of a collection, by their text: the first of equal ones stands for all. */
export class CanonicalObjects<K> {
  readonly #textOf: TextOf<K>;
  readonly #objects = new Map<string, K>();

  constructor(textOf: TextOf<K>) {
    this.#textOf = textOf;
  }

  /** The key that stands for this one; itself if none does. */
  find(key: K): K {
    if (!isObject(key)) return key;
    let text: string;
    try {
      text = this.#textOf(key);
    } catch {
      // What has no text is equal to nothing.
      return key;
    }
    return this.#objects.get(text) ?? key;
  }

  /** Likewise; from now on it is this one if there was none. */
  claim(key: K): K {
    if (!isObject(key)) return key;
    const text = this.#textOf(key);
    const known = this.#objects.get(text);
    if (known !== undefined) return known;
    this.#objects.set(text, key);
    return key;
  }

  /** Nothing stands for this key any more. */
  release(key: K): void {
    if (isObject(key)) this.#objects.delete(this.#textOf(key));
  }

  clear(): void {
    this.#objects.clear();
  }
}

/**
 * A native `Map` with the equality of a RedisMap: two keys are the same if their text in Redis is, so that equal
 * arrays, objects and Buffers find the same entry.
 */
export class LocalMap<K, V> extends Map<K, V> {
  static {
    // As a Map, and past the members by which its user gets hold of values.
    showAs<LocalMap<unknown, unknown>>(this.prototype, (local) => {
      const shown = new Map<unknown, unknown>();
      Map.prototype.forEach.call(local, (value, key) => shown.set(key, value));
      return shown;
    });
  }

  protected readonly textOf: TextOf<K>;
  readonly #objects: CanonicalObjects<K>;
  readonly #log: ChangeLog | undefined;

  /** @param log Where the map does not hold all that is in Redis. */
  constructor(textOf: TextOf<K>, log?: ChangeLog) {
    super();
    this.textOf = textOf;
    this.#objects = new CanonicalObjects(textOf);
    this.#log = log;
  }

  override get(key: K): V | undefined {
    const found = super.get(this.#objects.find(key));
    if (found === undefined) this.#expectKnown(key);
    return found;
  }

  /** Whether there is an entry of a key. */
  override has(key: K): boolean {
    const found = super.has(this.#objects.find(key));
    if (!found) this.#expectKnown(key);
    return found;
  }

  override set(key: K, value: V): this {
    this.#log?.set(this.textOf(key));
    return super.set(this.#objects.claim(key), value);
  }

  /** The same where the value does not stand for itself: it was computed from the one before. */
  protected put(key: K, value: V): this {
    this.#log?.added(this.textOf(key));
    return super.set(this.#objects.claim(key), value);
  }

  /** Removes an entry: whether there was one. */
  override delete(key: K): boolean {
    const own = this.#objects.find(key);
    this.#log?.removed(this.textOf(own));
    if (!super.delete(own)) return false;
    this.#objects.release(own);
    return true;
  }

  override clear(): void {
    this.#log?.cleared();
    super.clear();
    this.#objects.clear();
  }

  /** The value of a key, which is `defaultValue` from now on if there was none. */
  override getOrInsert(key: K, defaultValue: V): V {
    return this.getOrInsertComputed(key, () => defaultValue);
  }

  /** The value of a key, which is what `compute` makes from now on if there was none. */
  override getOrInsertComputed(key: K, compute: (key: K) => V): V {
    expectFunction(compute, 'compute');
    if (!this.has(key)) this.set(key, compute(canonicalKey(key)));
    return super.get(this.#objects.find(key)) as V;
  }

  #expectKnown(key: K): void {
    // Most often the key is known to be missing, or all are.
    if (this.#log !== undefined && !super.has(this.#objects.find(key))) this.#log.expectKnown(this.textOf(key));
  }
}

/** A {@link LocalMap} where `get` of a missing key inserts what the factory makes. */
export class LocalDefaultMap<K, V> extends LocalMap<K, V> {
  readonly #factory: (key: K) => V;

  constructor(textOf: TextOf<K>, factory: (key: K) => V, log?: ChangeLog) {
    super(textOf, log);
    this.#factory = factory;
  }

  /** The value of a key, which is made by the factory and inserted if there is none. */
  override get(key: K): V {
    return this.getOrInsertComputed(key, this.#factory);
  }

  /** The value of a key, or undefined: inserts nothing. */
  peek(key: K): V | undefined {
    return super.get(key);
  }
}
