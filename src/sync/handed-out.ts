/** The members of a Map, or of a local map, that return one value. */
const GIVES_ONE = ['get', 'peek', 'getOrInsert', 'getOrInsertComputed'] as const;
/** The members that return all values. */
const GIVES_ALL = ['values', 'entries', 'forEach', Symbol.iterator] as const;

type Member = (...args: unknown[]) => unknown;

/**
 * The values of a local map that its user has received and so may have changed in place: only those have to be encoded
 * again to find changes. Values are known by identity and never forgotten, because the user may keep them.
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
   * Watches a map from now on. Non-enumerable members on the map itself replace the native ones, so that comparing and
   * copying it still see a native Map.
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
