import { NamespaceError } from '../errors.js';
import type { Target } from './target.js';

/** Collections that one server can change in one step. */
export function groupBySlot<T extends { readonly source: Target }>(all: readonly T[]): [T, ...T[]][] {
  const executors = [...new Set(all.map(({ source }) => source.executor))];
  return executors.flatMap((executor) => {
    const own = all.filter(({ source }) => source.executor === executor);
    return executor.groupBySlot(own, ({ source }) => source.key);
  });
}

/** @throws {@link NamespaceError} when the collections cannot be changed in one step; it ends in what to do then. */
export function expectOneSlot(all: readonly { readonly source: Target }[], advice: string): void {
  const [, other] = groupBySlot(all);
  if (other === undefined) return;
  throw new NamespaceError(
    `These collections are not in one slot of one server or cluster, so that no step can change them all: ${advice}`,
    { key: other[0].source.key },
  );
}
