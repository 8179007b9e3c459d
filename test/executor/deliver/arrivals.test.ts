import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arrivals } from '../../../src/executor/deliver/arrivals.js';

interface Item {
  readonly id: number;
  gone: boolean;
}

test('is what a list of those that are there would be, in whatever order they leave', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant('add' as const), fc.nat(20)), { maxLength: 200 }), (steps) => {
      const arrivals = new Arrivals<Item>(({ gone }) => gone);
      let model: Item[] = [];
      let ids = 0;
      for (const step of steps) {
        if (step === 'add') {
          const item = { id: (ids += 1), gone: false };
          arrivals.add(item);
          model.push(item);
        } else if (model.length > 0) {
          // Mostly the first, as it is with replies.
          const item = model[step < 12 ? 0 : step % model.length] as Item;
          item.gone = true;
          arrivals.left();
          model = model.filter((one) => one !== item);
        }
        expect(arrivals.size).toBe(model.length);
        expect(arrivals.first).toBe(model[0]);
      }
    }),
  );
});

test('lets go of what has left, but for that behind one which stays', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const arrivals = new Arrivals<Item>(({ gone }) => gone);
  const refs: WeakRef<Item>[] = [];
  const stays = Array.from({ length: 10 }, (_, id) => ({ id, gone: false }));
  const leave = (): void => {
    for (let id = 0; id < 4; id += 1) {
      const item = { id, gone: false };
      arrivals.add(item);
      refs.push(new WeakRef(item));
    }
    for (const item of stays) arrivals.add(item);
    for (const ref of refs) {
      (ref.deref() as Item).gone = true;
      arrivals.left();
    }
  };
  leave();
  await new Promise(setImmediate);
  collectGarbage();
  expect(refs.map((ref) => ref.deref())).toEqual([undefined, undefined, undefined, undefined]);
  expect(arrivals.first).toBe(stays[0]);
});
