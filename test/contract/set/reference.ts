/** What the native methods of ES2025 ask of the other operand. */
export interface SetRecord<T> {
  readonly size: number;
  has(member: T): boolean;
  keys(): Iterator<T>;
}

type Algebra = {
  readonly [Name in
    | 'union'
    | 'intersection'
    | 'difference'
    | 'symmetricDifference'
    | 'isSubsetOf'
    | 'isSupersetOf'
    | 'isDisjointFrom']: <T>(own: ReadonlySet<T>, other: SetRecord<T>) => Name extends `is${string}` ? boolean : Set<T>;
};

function* keysOf<T>(other: SetRecord<T>): Generator<T> {
  const iterator = other.keys();
  let left = false;
  try {
    for (let step = iterator.next(); step.done !== true; step = iterator.next()) {
      left = true;
      yield step.value;
      left = false;
    }
  } finally {
    // Only whoever stops early closes it.
    if (left) iterator.return?.();
  }
}

/**
 * The algebra of sets as the specification has it, step by step, for runtimes that lack it.
 *
 * @see https://tc39.es/ecma262/#sec-set.prototype.union
 */
export const reference: Algebra = {
  union: (own, other) => new Set([...own, ...keysOf(other)]),
  intersection(own, other) {
    if (own.size <= other.size) return new Set([...own].filter((member) => other.has(member)));
    return new Set([...keysOf(other)].filter((member) => own.has(member)));
  },
  difference(own, other) {
    const result = new Set(own);
    if (own.size <= other.size) {
      for (const member of own) if (other.has(member)) result.delete(member);
    } else for (const member of keysOf(other)) result.delete(member);
    return result;
  },
  symmetricDifference(own, other) {
    const result = new Set(own);
    for (const member of keysOf(other)) {
      if (own.has(member)) result.delete(member);
      else result.add(member);
    }
    return result;
  },
  isSubsetOf: (own, other) => own.size <= other.size && [...own].every((member) => other.has(member)),
  isSupersetOf(own, other) {
    if (own.size < other.size) return false;
    for (const member of keysOf(other)) if (!own.has(member)) return false;
    return true;
  },
  isDisjointFrom(own, other) {
    if (own.size <= other.size) return ![...own].some((member) => other.has(member));
    for (const member of keysOf(other)) if (own.has(member)) return false;
    return true;
  },
};

export type AlgebraName = keyof Algebra;
export const ALGEBRA = Object.keys(reference) as AlgebraName[];
