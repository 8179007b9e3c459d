import fc from 'fast-check';
import type { RedisList } from '../../../src/index.js';

/** A call on a list, and what a native array does for it. */
export interface ListStep {
  readonly text: string;
  onRedis(list: RedisList<unknown>): Promise<unknown>;
  onNative(array: unknown[]): unknown;
}

const item = fc.oneof(
  { weight: 6, arbitrary: fc.nat(5) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, undefined, '', false, 'x', 1n) },
);
const items = fc.array(item, { maxLength: 4 });
const whole = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -8, max: 8 }) },
  fc.constantFrom(Infinity, -Infinity, 1e15),
);
const index = fc.oneof({ weight: 9, arbitrary: whole }, fc.constantFrom(Number.NaN, 1.5, -1.5));

const show = (one: unknown): string => fc.stringify(one);

function step(text: string, onRedis: ListStep['onRedis'], onNative: ListStep['onNative']): ListStep {
  return { text, onRedis, onNative, toString: () => text } as ListStep;
}

function removeNative(array: unknown[], one: unknown, count: number): number {
  const places = array.flatMap((other, i) => (other === one ? [i] : []));
  const going = new Set(count === 0 ? places : count > 0 ? places.slice(0, count) : places.slice(count));
  const left = array.filter((_, i) => !going.has(i));
  array.splice(0, array.length, ...left);
  return going.size;
}

function setNative(array: unknown[], at: number, one: unknown): string {
  if (at < -array.length || at >= array.length) return 'RangeError';
  array[at < 0 ? array.length + at : at] = one;
  return 'done';
}

function byText(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

/** Every call that a tick can hold many of in order. */
const SINGLE: fc.WeightedArbitrary<ListStep>[] = [
  [
    4,
    items.map((all) =>
      step(
        `push(${show(all)})`,
        (l) => l.push(...all),
        (a) => a.push(...all),
      ),
    ),
  ] as const,
  [
    3,
    items.map((all) =>
      step(
        `unshift(${show(all)})`,
        (l) => l.unshift(...all),
        (a) => a.unshift(...all),
      ),
    ),
  ] as const,
  [
    2,
    fc.constant(
      step(
        'pop',
        (l) => l.pop(),
        (a) => a.pop(),
      ),
    ),
  ] as const,
  [
    2,
    fc.constant(
      step(
        'shift',
        (l) => l.shift(),
        (a) => a.shift(),
      ),
    ),
  ] as const,
  [
    1,
    fc.constant(
      step(
        'length',
        (l) => l.length,
        (a) => a.length,
      ),
    ),
  ] as const,
  [
    2,
    index.map((i) =>
      step(
        `at(${i})`,
        (l) => l.at(i),
        (a) => a.at(i),
      ),
    ),
  ] as const,
  [
    2,
    fc.tuple(whole, item).map(([i, one]) =>
      step(
        `set(${i}, ${show(one)})`,
        (l) =>
          l.set(i, one).then(
            () => 'done',
            (error: unknown) => (error as Error).name,
          ),
        (a) => setNative(a, i, one),
      ),
    ),
  ] as const,
  [
    2,
    fc.tuple(whole, items).map(([i, all]) =>
      step(
        `insert(${i}, ${show(all)})`,
        (l) => l.insert(i, ...all),
        (a) => void a.splice(i, 0, ...all),
      ),
    ),
  ] as const,
  [
    4,
    fc.tuple(index, index, items).map(([start, count, all]) =>
      step(
        `splice(${start}, ${count}, ${show(all)})`,
        (l) => l.splice(start, count, ...all),
        (a) => a.splice(start, count, ...all),
      ),
    ),
  ] as const,
  [
    1,
    index.map((start) =>
      step(
        `splice(${start})`,
        (l) => l.splice(start),
        (a) => a.splice(start),
      ),
    ),
  ] as const,
  [
    2,
    fc.tuple(index, fc.option(index, { nil: undefined })).map(([start, end]) =>
      step(
        `slice(${start}, ${end})`,
        (l) => l.slice(start, end),
        (a) => a.slice(start, end),
      ),
    ),
  ] as const,
  [
    1,
    fc.tuple(item, index).map(([one, from]) =>
      step(
        `indexOf(${show(one)}, ${from})`,
        (l) => l.indexOf(one, from),
        (a) => a.indexOf(one, from),
      ),
    ),
  ] as const,
  [
    1,
    fc.tuple(item, index).map(([one, from]) =>
      step(
        `lastIndexOf(${show(one)}, ${from})`,
        (l) => l.lastIndexOf(one, from),
        (a) => a.lastIndexOf(one, from),
      ),
    ),
  ] as const,
  [
    1,
    item.map((one) =>
      step(
        `indexOf(${show(one)})`,
        (l) => l.indexOf(one),
        (a) => a.indexOf(one),
      ),
    ),
  ] as const,
  [
    1,
    item.map((one) =>
      step(
        `includes(${show(one)})`,
        (l) => l.includes(one),
        (a) => a.includes(one),
      ),
    ),
  ] as const,
  [
    1,
    item.map((one) =>
      step(
        `count(${show(one)})`,
        (l) => l.count(one),
        (a) => a.filter((other) => other === one).length,
      ),
    ),
  ] as const,
  [
    2,
    fc.tuple(item, whole).map(([one, count]) =>
      step(
        `remove(${show(one)}, ${count})`,
        (l) => l.remove(one, count),
        (a) => removeNative(a, one, count),
      ),
    ),
  ] as const,
  [
    1,
    fc.constant(
      step(
        'reverse',
        async (l) => void (await l.reverse()),
        (a) => void a.reverse(),
      ),
    ),
  ] as const,
  [
    1,
    fc.constant(
      step(
        'clear',
        (l) => l.clear(),
        (a) => void a.splice(0),
      ),
    ),
  ] as const,
  [
    1,
    fc.constant(
      step(
        'take',
        (l) => l.take({ timeout: 0 }),
        (a) => a.shift(),
      ),
    ),
  ] as const,
  [
    1,
    fc.constant(
      step(
        'turn',
        (l) => l.moveTo(l),
        (a) => (a.length > 0 ? a[a.push(a.shift()) - 1] : undefined),
      ),
    ),
  ] as const,
  [
    2,
    fc.constant(
      step(
        'toArray',
        (l) => l.toArray(),
        (a) => [...a],
      ),
    ),
  ] as const,
].map(([weight, arbitrary]) => ({ weight, arbitrary }));

/** Calls that are several commands, for when each is awaited. */
const COMPOUND: fc.WeightedArbitrary<ListStep>[] = [
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      step(
        'sort',
        async (l) => void (await l.sort()),
        (a) => void a.sort(),
      ),
      step(
        'sort by text',
        async (l) => void (await l.sort(byText)),
        (a) => void a.sort(byText),
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      step(
        'iterate',
        async (l) => {
          const all: unknown[] = [];
          for await (const one of l) all.push(one);
          return all;
        },
        (a) => [...a],
      ),
    ),
  },
];

export const singleListSteps = fc.oneof(...SINGLE);
export const listSteps = fc.oneof(...SINGLE, ...COMPOUND);
