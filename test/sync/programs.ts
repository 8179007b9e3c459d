import fc from 'fast-check';
import type { LocalCounter, LocalDeque, LocalSortedSetCounter, LocalValue } from '../../src/index.js';
import { type Step, step } from '../support/differential.js';

/** The keys that a scope changes; others change only `o0`, `o1`, … */
export const OWN = ['a', 'b', 'c', 'ä', ''];

const show = (one: unknown): string => fc.stringify(one);

/** What is the same on both. */
function both<L>(text: string, change: (one: L) => unknown): Step<L, L> {
  return step(text, change, change);
}

const copy = <T>(value: T): T => structuredClone(value);
const key = fc.constantFrom(...OWN);
const plain = fc.constantFrom<unknown>(0, 1, 2, -0, null, undefined, '', '1', 1n, true, Number.NaN);
/** A plain value, or one that can be changed in itself. */
export const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: plain },
  { weight: 2, arbitrary: fc.array(fc.nat(2), { maxLength: 3 }) },
);

/** Changes a value in itself, where that can be done. */
function nested(one: unknown): unknown {
  return Array.isArray(one) ? (one.length > 3 ? one.splice(0) : one.push(one.length)) : undefined;
}

export const mapSteps: fc.Arbitrary<Step<Map<string, unknown>, Map<string, unknown>>> = fc.oneof(
  fc
    .tuple(key, value)
    .map(([k, v]) => both(`set(${show(k)}, ${show(v)})`, (m: Map<string, unknown>) => m.set(k, copy(v)))),
  fc
    .tuple(key, value)
    .map(([k, v]) => both(`set(${show(k)}, ${show(v)})`, (m: Map<string, unknown>) => m.set(k, copy(v)))),
  key.map((k) => both(`delete(${show(k)})`, (m: Map<string, unknown>) => m.delete(k))),
  key.map((k) => both(`nested(${show(k)})`, (m: Map<string, unknown>) => nested(m.get(k)))),
);

/** Without looking at what is there, for scopes that do not know. */
export const blindMapSteps: typeof mapSteps = fc.oneof(
  fc
    .tuple(key, value)
    .map(([k, v]) => both(`set(${show(k)}, ${show(v)})`, (m: Map<string, unknown>) => m.set(k, copy(v)))),
  key.map((k) => both(`delete(${show(k)})`, (m: Map<string, unknown>) => m.delete(k))),
);

export const setSteps: fc.Arbitrary<Step<Set<string>, Set<string>>> = fc.oneof(
  key.map((k) => both(`add(${show(k)})`, (s: Set<string>) => s.add(k))),
  key.map((k) => both(`delete(${show(k)})`, (s: Set<string>) => s.delete(k))),
);

type Counts = Map<string, number>;
const amount = fc.integer({ min: -5, max: 5 });
const add = (model: Counts, k: string, n: number): unknown => model.set(k, (model.get(k) ?? 0) + n);

export const blindCounterSteps: fc.Arbitrary<Step<LocalCounter<string>, Counts>> = fc.oneof(
  fc.tuple(key, amount).map(([k, n]) =>
    step<LocalCounter<string>, Counts>(
      `increment(${show(k)}, ${n})`,
      (l) => l.increment(k, n),
      (m) => add(m, k, n),
    ),
  ),
  fc.array(key, { maxLength: 4 }).map((all) =>
    step<LocalCounter<string>, Counts>(
      `subtract(${show(all)})`,
      (l) => l.subtract(all),
      (m) => all.forEach((k) => add(m, k, -1)),
    ),
  ),
  key.map((k) =>
    step<LocalCounter<string>, Counts>(
      `delete(${show(k)})`,
      (l) => l.delete(k),
      (m) => m.delete(k),
    ),
  ),
);
export const counterSteps: typeof blindCounterSteps = fc.oneof(
  { weight: 3, arbitrary: blindCounterSteps },
  {
    weight: 1,
    arbitrary: fc.tuple(key, amount).map(([k, n]) =>
      step<LocalCounter<string>, Counts>(
        `set(${show(k)}, ${n})`,
        (l) => l.set(k, n),
        (m) => m.set(k, n),
      ),
    ),
  },
);

/** Of these any sum is exact, in any order. */
const score = fc.constantFrom(-1.5, -1, 0.25, 0.5, 1, Number.POSITIVE_INFINITY);
const finite = fc.constantFrom(-1.5, 0.1, 0.2, 3, 1e20);
export const blindScoreSteps: fc.Arbitrary<Step<LocalSortedSetCounter<string>, Counts>> = fc.oneof(
  fc.tuple(key, score).map(([k, n]) =>
    step<LocalSortedSetCounter<string>, Counts>(
      `set(${show(k)}, ${n})`,
      (l) => l.set(k, n),
      (m) => m.set(k, n),
    ),
  ),
  fc.tuple(key, fc.integer({ min: -3, max: 3 })).map(([k, n]) =>
    step<LocalSortedSetCounter<string>, Counts>(
      `increment(${show(k)}, ${n})`,
      (l) => l.increment(k, n),
      (m) => add(m, k, n),
    ),
  ),
  key.map((k) =>
    step<LocalSortedSetCounter<string>, Counts>(
      `delete(${show(k)})`,
      (l) => l.delete(k),
      (m) => m.delete(k),
    ),
  ),
);
export const scoreSteps: typeof blindScoreSteps = fc.oneof(
  { weight: 3, arbitrary: blindScoreSteps },
  {
    weight: 1,
    arbitrary: fc.tuple(key, finite).map(([k, n]) =>
      step<LocalSortedSetCounter<string>, Counts>(
        `increment(${show(k)}, ${n})`,
        (l) => l.increment(k, n),
        (m) => add(m, k, n),
      ),
    ),
  },
);

const item = value;
const items = fc.array(item, { maxLength: 4 });
const index = fc.integer({ min: -6, max: 6 });
const byText = (a: unknown, b: unknown): number => (show(a) < show(b) ? -1 : show(a) > show(b) ? 1 : 0);

export const listSteps: fc.Arbitrary<Step<unknown[], unknown[]>> = fc.oneof(
  items.map((all) => both(`push(${show(all)})`, (l: unknown[]) => l.push(...copy(all)))),
  items.map((all) => both(`unshift(${show(all)})`, (l: unknown[]) => l.unshift(...copy(all)))),
  fc
    .tuple(index, fc.nat(3), items)
    .map(([at, n, all]) => both(`splice(${at}, ${n}, ${show(all)})`, (l: unknown[]) => l.splice(at, n, ...copy(all)))),
  fc.tuple(fc.nat(5), item).map(([at, one]) =>
    both(`[${at}] = ${show(one)}`, (l: unknown[]) => {
      if (at < l.length) l[at] = copy(one);
    }),
  ),
  index.map((at) => both(`nested(${at})`, (l: unknown[]) => nested(l.at(at)))),
  fc.constantFrom(
    both('pop', (l: unknown[]) => l.pop()),
    both('shift', (l: unknown[]) => l.shift()),
    both('reverse', (l: unknown[]) => l.reverse()),
    both('sort', (l: unknown[]) => l.sort(byText)),
    both('halve', (l: unknown[]) => {
      l.length = Math.floor(l.length / 2);
    }),
    both('double', (l: unknown[]) => (l.length < 20 ? l.push(...l.map(copy)) : l.splice(0))),
    both('clear', (l: unknown[]) => l.splice(0)),
    both('turn', (l: unknown[]) => (l.length > 0 ? l.push(l.shift()) : 0)),
  ),
);

/** The most items of the deque. */
export const BOUND = 6;

function keepEnd(model: unknown[]): void {
  model.splice(0, Math.max(0, model.length - BOUND));
}

export const dequeSteps: fc.Arbitrary<Step<LocalDeque<unknown>, unknown[]>> = fc.oneof(
  items.map((all) =>
    step<LocalDeque<unknown>, unknown[]>(
      `push(${show(all)})`,
      (l) => l.push(...copy(all)),
      (m) => (m.push(...copy(all)), keepEnd(m)),
    ),
  ),
  items.map((all) =>
    step<LocalDeque<unknown>, unknown[]>(
      `unshift(${show(all)})`,
      (l) => l.unshift(...copy(all)),
      (m) => (m.unshift(...copy(all)), m.splice(BOUND)),
    ),
  ),
  items.map((all) =>
    step<LocalDeque<unknown>, unknown[]>(
      `extendLeft(${show(all)})`,
      (l) => l.extendLeft(copy(all)),
      (m) => (m.unshift(...copy(all).reverse()), m.splice(BOUND)),
    ),
  ),
  fc.integer({ min: -9, max: 9 }).map((n) =>
    step<LocalDeque<unknown>, unknown[]>(
      `rotate(${n})`,
      (l) => l.rotate(n),
      (m) => {
        for (let i = 0; i < Math.abs(n) && m.length > 0; i += 1) {
          if (n > 0) m.unshift(m.pop());
          else m.push(m.shift());
        }
      },
    ),
  ),
  fc.tuple(index, item).map(([at, one]) =>
    step<LocalDeque<unknown>, unknown[]>(
      `insert(${at}, ${show(one)})`,
      (l) => (l.length < BOUND ? l.insert(at, copy(one)) : undefined),
      (m) => (m.length < BOUND ? m.splice(at, 0, copy(one)) : undefined),
    ),
  ),
  index.map((at) =>
    step<LocalDeque<unknown>, unknown[]>(
      `nested(${at})`,
      (l) => nested(l.at(at)),
      (m) => nested(m.at(at)),
    ),
  ),
  fc.constantFrom(
    step<LocalDeque<unknown>, unknown[]>(
      'pop',
      (l) => l.pop(),
      (m) => m.pop(),
    ),
    step<LocalDeque<unknown>, unknown[]>(
      'shift',
      (l) => l.shift(),
      (m) => m.shift(),
    ),
    step<LocalDeque<unknown>, unknown[]>(
      'reverse',
      (l) => l.reverse(),
      (m) => m.reverse(),
    ),
    step<LocalDeque<unknown>, unknown[]>(
      'clear',
      (l) => l.clear(),
      (m) => m.splice(0),
    ),
  ),
);

/** A value, or none: in a list of one. */
export const valueSteps: fc.Arbitrary<Step<LocalValue<unknown>, unknown[]>> = fc.oneof(
  value.map((v) =>
    step<LocalValue<unknown>, unknown[]>(
      `set(${show(v)})`,
      (l) => l.set(copy(v)),
      (m) => m.splice(0, 1, copy(v)),
    ),
  ),
  fc.constantFrom(
    step<LocalValue<unknown>, unknown[]>(
      'delete',
      (l) => l.delete(),
      (m) => m.splice(0),
    ),
    step<LocalValue<unknown>, unknown[]>(
      'nested',
      (l) => nested(l.get()),
      (m) => nested(m[0]),
    ),
  ),
);
