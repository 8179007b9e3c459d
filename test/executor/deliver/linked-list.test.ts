import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Linked, LinkedList } from '../../../src/executor/deliver/linked-list.js';

class Item implements Linked<Item> {
  previous: Item | undefined;
  next: Item | undefined;
}

test('holds what was added and not removed, in the order of the additions', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant('add' as const), fc.nat(20)), { maxLength: 200 }), (steps) => {
      const list = new LinkedList<Item>();
      let model: Item[] = [];
      for (const step of steps) {
        if (step === 'add') {
          const item = new Item();
          list.add(item);
          model.push(item);
        } else if (model.length > 0) {
          const item = model[step % model.length] as Item;
          list.remove(item);
          model = model.filter((one) => one !== item);
          expect([item.previous, item.next]).toEqual([undefined, undefined]);
        }
        expect([...list].every((item, i) => item === model[i])).toBe(true);
        expect([...list]).toHaveLength(model.length);
        expect(list.isEmpty).toBe(model.length === 0);
      }
    }),
  );
});

test('an item may be removed while it is looked at', () => {
  const list = new LinkedList<Item>();
  const items = Array.from({ length: 5 }, () => new Item());
  for (const item of items) list.add(item);
  const seen: Item[] = [];
  for (const item of list) {
    seen.push(item);
    list.remove(item);
  }
  expect(seen.every((item, i) => item === items[i])).toBe(true);
  expect(list.isEmpty).toBe(true);
});
