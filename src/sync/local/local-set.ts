import { showAs } from '../../inspect.js';
import type { ChangeLog } from './change-log.js';
import { CanonicalObjects, type TextOf } from './local-map.js';

/**
 * A native `Set` with the equality of a RedisSet: two members are the same if their text in Redis is, so that equal
 * arrays, objects and Buffers are one member.
 */
export class LocalSet<T> extends Set<T> {
  static {
    showAs<LocalSet<unknown>>(this.prototype, (local) => {
      const shown = new Set<unknown>();
      Set.prototype.forEach.call(local, (member) => shown.add(member));
      return shown;
    });
  }

  readonly #textOf: TextOf<T>;
  readonly #objects: CanonicalObjects<T>;
  readonly #log: ChangeLog | undefined;

  /** @param log Present if the set does not have all members of Redis. */
  constructor(textOf: TextOf<T>, log?: ChangeLog) {
    super();
    this.#textOf = textOf;
    this.#objects = new CanonicalObjects(textOf);
    this.#log = log;
  }

  /** Returns whether a member exists. */
  override has(member: T): boolean {
    return super.has(this.#objects.find(member));
  }

  override add(member: T): this {
    this.#log?.set(this.#textOf(member));
    return super.add(this.#objects.claim(member));
  }

  /** Removes a member, and returns whether it existed. */
  override delete(member: T): boolean {
    const own = this.#objects.find(member);
    this.#log?.removed(this.#textOf(own));
    if (!super.delete(own)) return false;
    this.#objects.release(own);
    return true;
  }

  override clear(): void {
    this.#log?.cleared();
    super.clear();
    this.#objects.clear();
  }
}
