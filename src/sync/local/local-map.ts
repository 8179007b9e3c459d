import type { ChangeLog } from './change-log.js';
import { canonicalKey, expectFunction } from '../../expect.js';
import { showAs } from '../../inspect.js';

/** Returns the text of a key in Redis. It throws for a key that the codec cannot carry. */
export type TextOf<K> = (key: K) => string;

/** Returns whether a native Map or Set would tell apart two equal keys of this type. */
export function isObject(key: unknown): boolean {
  return (typeof key === 'object' && key !== null) || typeof key === 'function';
}

/** The objects among the keys of a collection, by their text: the first of several equal objects represents all. */
export class CanonicalObjects<K> {
  readonly #textOf: TextOf<K>;
  readonly #objects = new Map<string, K>();

  constructor(textOf: TextOf<K>) {
    this.#textOf = textOf;
  }

  /** Returns the key that represents this one; the key itself if none does. */
  find(key: K): K {
    if (!isObject(key)) return key;
    let text: string;
    try {
      text = this.#textOf(key);
    } catch {
      // A key without a text equals no other.
      return key;
    }
    return this.#objects.get(text) ?? key;
  }

  /** Returns the key that represents this one, which is the key itself from now on if there was none. */
  claim(key: K): K {
    if (!isObject(key)) return key;
    const text = this.#textOf(key);
    const known = this.#objects.get(text);
    if (known !== undefined) return known;
    this.#objects.set(text, key);
    return key;
  }

  /** Forgets the key that represents this one. */
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
    // Shown as a Map, without calling members that hand out values.
    showAs<LocalMap<unknown, unknown>>(this.prototype, (local) => {
      const shown = new Map<unknown, unknown>();
      Map.prototype.forEach.call(local, (value, key) => shown.set(key, value));
      return shown;
    });
  }

  protected readonly textOf: TextOf<K>;
  readonly #objects: CanonicalObjects<K>;
  readonly #log: ChangeLog | undefined;

  /** @param log Present if the map does not have all entries of Redis. */
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

  /** Returns whether a key has an entry. */
  override has(key: K): boolean {
    const found = super.has(this.#objects.find(key));
    if (!found) this.#expectKnown(key);
    return found;
  }

  override set(key: K, value: V): this {
    this.#log?.set(this.textOf(key));
    return super.set(this.#objects.claim(key), value);
  }

  /** Sets a value that was computed from the previous one, without logging that it was set. */
  protected put(key: K, value: V): this {
    this.#log?.added(this.textOf(key));
    return super.set(this.#objects.claim(key), value);
  }

  /** Removes an entry, and returns whether it existed. */
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

  /** Returns the value of a key, and inserts `defaultValue` if there is none. */
  override getOrInsert(key: K, defaultValue: V): V {
    return this.getOrInsertComputed(key, () => defaultValue);
  }

  /** Returns the value of a key, and inserts the result of `compute` if there is none. */
  override getOrInsertComputed(key: K, compute: (key: K) => V): V {
    expectFunction(compute, 'compute');
    if (!this.has(key)) this.set(key, compute(canonicalKey(key)));
    return super.get(this.#objects.find(key)) as V;
  }

  #expectKnown(key: K): void {
    // Without a log all keys are known.
    if (this.#log !== undefined && !super.has(this.#objects.find(key))) this.#log.expectKnown(this.textOf(key));
  }
}

/** A {@link LocalMap} where `get` of a missing key inserts the result of the factory. */
export class LocalDefaultMap<K, V> extends LocalMap<K, V> {
  readonly #factory: (key: K) => V;

  constructor(textOf: TextOf<K>, factory: (key: K) => V, log?: ChangeLog) {
    super(textOf, log);
    this.#factory = factory;
  }

  /** Returns the value of a key, and inserts the result of the factory if there is none. */
  override get(key: K): V {
    return this.getOrInsertComputed(key, this.#factory);
  }

  /** Returns the value of a key, or undefined, and inserts nothing. */
  peek(key: K): V | undefined {
    return super.get(key);
  }
}
