/** The members of a Map, and of local ones, that give out one value. */
const GIVES_ONE = ['get', 'peek', 'getOrInsert', 'getOrInsertComputed'] as const;
/** Those that give out all. */
const GIVES_ALL = ['values', 'entries', 'forEach', Symbol.iterator] as const;

type Member = (...args: unknown[]) => unknown;

/**
 * Which values of a local map its user may have got hold of, and so may have changed inside: only those need to be
 * encoded again to tell. Values are known by identity, and remembered for good: a user may keep what was once given.
 */
export class HandedOut {
  readonly #values = new WeakSet<object>();
  #all = false;

  add(value: unknown): void {
    if (typeof value === 'object' && value !== null) this.#values.add(value);
  }

  has(value: object): boolean {
    return this.#all || this.#values.has(value);
  }

  /**
   * Watches a map from now on. Its members are replaced on the map itself, not enumerable, so that it stays a native
   * Map to whoever compares or copies it.
   */
  watch(map: Map<unknown, unknown>): void {
    const members = map as unknown as Readonly<Record<string | symbol, Member | undefined>>;
    for (const name of GIVES_ONE) {
      const member = members[name];
      if (member === undefined) continue;
      this.#replace(map, name, (...args) => {
        const value = member.apply(map, args);
        this.add(value);
        return value;
      });
    }
    for (const name of GIVES_ALL) {
      const member = members[name] as Member;
      this.#replace(map, name, (...args) => {
        this.#all = true;
        return member.apply(map, args);
      });
    }
  }

  #replace(map: object, name: string | symbol, value: Member): void {
    Object.defineProperty(map, name, { value, enumerable: false, configurable: true, writable: true });
  }
}
