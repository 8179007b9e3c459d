import fc from 'fast-check';
import type { RedisDeque } from '../../../src/index.js';
import { callsOf, nothing } from '../../support/differential.js';

/** A deque in plain memory. */
export class DequeModel {
  items: unknown[] = [];

  constructor(readonly maxLength: number) {}

  push(items: readonly unknown[]): number {
    this.items.push(...items);
    if (items.length > 0) this.items.splice(0, Math.max(0, this.items.length - this.maxLength));
    return this.items.length;
  }

  unshift(items: readonly unknown[]): number {
    this.items.unshift(...items);
    if (items.length > 0) this.items.splice(this.maxLength);
    return this.items.length;
  }

  rotate(steps: number): void {
    for (let n = 0; n < Math.abs(steps) && this.items.length > 0; n += 1) {
      if (steps > 0) this.items.unshift(this.items.pop());
      else this.items.push(this.items.shift());
    }
  }

  insert(index: number, item: unknown): void {
    if (this.items.length >= this.maxLength) throw new RangeError();
    this.items.splice(index, 0, item);
  }

  set(index: number, item: unknown): void {
    const { length } = this.items;
    if (index >= length || index < -length) throw new RangeError();
    this.items[index < 0 ? length + index : index] = item;
  }

  remove(item: unknown): number {
    const index = this.items.indexOf(item);
    return index < 0 ? 0 : this.items.splice(index, 1).length;
  }
}

const call = callsOf<RedisDeque<unknown>, DequeModel>();
const item = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', '', null, undefined, false));
const items = fc.array(item, { maxLength: 5 });
const index = fc.integer({ min: -7, max: 7 });

export const dequeSteps = fc.oneof(
  call(
    'push',
    items,
    (deque, all) => deque.push(...all),
    (model, all) => model.push(all),
  ),
  call(
    'unshift',
    items,
    (deque, all) => deque.unshift(...all),
    (model, all) => model.unshift(all),
  ),
  call(
    'extend',
    items,
    (deque, all) => deque.extend(all),
    (model, all) => model.push(all),
  ),
  call(
    'extendLeft',
    items,
    (deque, all) => deque.extendLeft(all),
    (model, all) => model.unshift([...all].reverse()),
  ),
  {
    weight: 1,
    arbitrary: fc.oneof(
      call(
        'pop',
        nothing,
        (deque) => deque.pop(),
        (model) => model.items.pop(),
      ),
      call(
        'shift',
        nothing,
        (deque) => deque.shift(),
        (model) => model.items.shift(),
      ),
      call(
        'length',
        nothing,
        (deque) => deque.length,
        (model) => model.items.length,
      ),
      call(
        'toArray',
        nothing,
        (deque) => deque.toArray(),
        (model) => [...model.items],
      ),
      call(
        'reverse',
        nothing,
        async (deque) => void (await deque.reverse()),
        (model) => void model.items.reverse(),
      ),
    ),
  },
  call(
    'rotate',
    fc.integer({ min: -15, max: 15 }),
    async (deque, n) => void (await deque.rotate(n)),
    (model, n) => model.rotate(n),
  ),
  call(
    'insert',
    fc.tuple(index, item),
    (deque, [at, one]) => deque.insert(at, one),
    (model, [at, one]) => model.insert(at, one),
  ),
  call(
    'set',
    fc.tuple(index, item),
    (deque, [at, one]) => deque.set(at, one),
    (model, [at, one]) => model.set(at, one),
  ),
  call(
    'at',
    index,
    (deque, at) => deque.at(at),
    (model, at) => model.items.at(at),
  ),
  call(
    'indexOf, lastIndexOf, count',
    item,
    (deque, one) => Promise.all([deque.indexOf(one), deque.lastIndexOf(one), deque.count(one)]),
    ({ items: all }, one) => [all.indexOf(one), all.lastIndexOf(one), all.filter((other) => other === one).length],
  ),
  call(
    'remove',
    item,
    (deque, one) => deque.remove(one),
    (model, one) => model.remove(one),
  ),
);
