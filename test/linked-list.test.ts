import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Linked, LinkedList } from '../src/linked-list.js';

class Item implements Linked<Item> {
  previous: Item | undefined;
  next: Item | undefined;
}

const steps = fc.record({
  step: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('move to end' as const, 'remove' as const) },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
  ),
  of: fc.nat(19),
});

test('holds what was added and not removed, in the order in which it came to the end', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 200 }), (taken) => {
      const list = new LinkedList<Item>();
      const items = Array.from({ length: 20 }, () => new Item());
      let model: Item[] = [];
      for (const { step, of } of taken) {
        const item = items[of] as Item;
        const others = model.filter((one) => one !== item);
        const isIn = others.length < model.length;
        if (step === 'clear') {
          list.clear();
          model = [];
        } else if (!isIn) {
          list.add(item);
          model.push(item);
        } else if (step === 'move to end') {
          list.moveToEnd(item);
          model = [...others, item];
        } else {
          list.remove(item);
          model = others;
          expect([item.previous, item.next]).toEqual([undefined, undefined]);
        }
        expect([...list].every((one, i) => one === model[i])).toBe(true);
        expect([...list]).toHaveLength(model.length);
        expect(list.isEmpty).toBe(model.length === 0);
        expect(list.first === model[0]).toBe(true);
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
