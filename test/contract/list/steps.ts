import fc from 'fast-check';
import type { RedisList } from '../../../src/index.js';
import { callsOf, nothing } from '../../support/differential.js';

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

const call = callsOf<RedisList<unknown>, unknown[]>();

function remove(array: unknown[], one: unknown, count: number): number {
  const places = array.flatMap((other, i) => (other === one ? [i] : []));
  const going = new Set(count === 0 ? places : count > 0 ? places.slice(0, count) : places.slice(count));
  const left = array.filter((_, i) => !going.has(i));
  array.splice(0, array.length, ...left);
  return going.size;
}

function set(array: unknown[], at: number, one: unknown): void {
  if (at < -array.length || at >= array.length) throw new RangeError();
  array[at < 0 ? array.length + at : at] = one;
}

function byText(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

/** Every call that a tick can hold many of in order. */
const SINGLE = [
  call(
    'push',
    items,
    (list, all) => list.push(...all),
    (array, all) => array.push(...all),
    4,
  ),
  call(
    'unshift',
    items,
    (list, all) => list.unshift(...all),
    (array, all) => array.unshift(...all),
    3,
  ),
  call(
    'pop',
    nothing,
    (list) => list.pop(),
    (array) => array.pop(),
    2,
  ),
  call(
    'shift',
    nothing,
    (list) => list.shift(),
    (array) => array.shift(),
    2,
  ),
  call(
    'length',
    nothing,
    (list) => list.length,
    (array) => array.length,
  ),
  call(
    'at',
    index,
    (list, i) => list.at(i),
    (array, i) => array.at(i),
    2,
  ),
  call(
    'set',
    fc.tuple(whole, item),
    (list, [i, one]) => list.set(i, one),
    (array, [i, one]) => set(array, i, one),
    2,
  ),
  call(
    'insert',
    fc.tuple(whole, items),
    (list, [i, all]) => list.insert(i, ...all),
    (array, [i, all]) => void array.splice(i, 0, ...all),
    2,
  ),
  call(
    'splice',
    fc.tuple(index, index, items),
    (list, [start, count, all]) => list.splice(start, count, ...all),
    (array, [start, count, all]) => array.splice(start, count, ...all),
    4,
  ),
  call(
    'splice to the end',
    index,
    (list, start) => list.splice(start),
    (array, start) => array.splice(start),
  ),
  call(
    'slice',
    fc.tuple(index, fc.option(index, { nil: undefined })),
    (list, [start, end]) => list.slice(start, end),
    (array, [start, end]) => array.slice(start, end),
    2,
  ),
  call(
    'indexOf',
    fc.tuple(item, index),
    (list, [one, from]) => list.indexOf(one, from),
    (array, [one, from]) => array.indexOf(one, from),
  ),
  call(
    'lastIndexOf',
    fc.tuple(item, index),
    (list, [one, from]) => list.lastIndexOf(one, from),
    (array, [one, from]) => array.lastIndexOf(one, from),
  ),
  call(
    'indexOf in all',
    item,
    (list, one) => list.indexOf(one),
    (array, one) => array.indexOf(one),
  ),
  call(
    'includes',
    item,
    (list, one) => list.includes(one),
    (array, one) => array.includes(one),
  ),
  call(
    'count',
    item,
    (list, one) => list.count(one),
    (array, one) => array.filter((other) => other === one).length,
  ),
  call(
    'remove',
    fc.tuple(item, whole),
    (list, [one, count]) => list.remove(one, count),
    (array, [one, count]) => remove(array, one, count),
    2,
  ),
  call(
    'reverse',
    nothing,
    async (list) => void (await list.reverse()),
    (array) => void array.reverse(),
  ),
  call(
    'clear',
    nothing,
    (list) => list.clear(),
    (array) => void array.splice(0),
  ),
  call(
    'take',
    nothing,
    (list) => list.take({ timeout: 0 }),
    (array) => array.shift(),
  ),
  call(
    'moveTo itself',
    nothing,
    (list) => list.moveTo(list),
    (array) => (array.length > 0 ? array[array.push(array.shift()) - 1] : undefined),
  ),
  call(
    'toArray',
    nothing,
    (list) => list.toArray(),
    (array) => [...array],
    2,
  ),
];

/** Calls that are several commands, for when each is awaited. */
const COMPOUND = [
  call(
    'sort',
    fc.constantFrom(undefined, byText),
    async (list, compare) => void (await list.sort(compare)),
    (array, compare) => void array.sort(compare),
  ),
  call(
    'iterate',
    nothing,
    async (list) => {
      const all: unknown[] = [];
      for await (const one of list) all.push(one);
      return all;
    },
    (array) => [...array],
  ),
];

export const singleListSteps = fc.oneof(...SINGLE);
export const listSteps = fc.oneof(...SINGLE, ...COMPOUND);
