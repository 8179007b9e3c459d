import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import * as string from '../../../src/command/string.js';
import { Attempt } from '../../../src/executor/deliver/attempt.js';
import { ConnectionLoad } from '../../../src/executor/deliver/connection-load.js';
import { Lane } from '../../../src/executor/deliver/lane.js';
import type { Outgoing } from '../../../src/executor/deliver/outgoing.js';
import type { Route } from '../../../src/executor/deliver/transport.js';

const outgoing: Outgoing = {
  command: string.set('a', Buffer.from('1')),
  deadline: 1_000,
  settle: () => {},
  fail: () => {},
  release: () => {},
  ended: () => Promise.resolve(),
};
const route: Route = { connection: {}, load: new ConnectionLoad() };
const attempt = (order: number): Attempt => new Attempt(outgoing, order, 0, 1_000);

test('knows what is in flight, and what was overtaken by something later, in whatever order they leave', () => {
  const enter = fc.constant('enter' as const);
  const leave = fc.record({ place: fc.nat(20), done: fc.boolean() });
  fc.assert(
    fc.property(fc.array(fc.oneof(enter, leave), { maxLength: 200 }), (steps) => {
      const lane = new Lane();
      const inFlight: Attempt[] = [];
      const done: number[] = [];
      for (const [order, step] of steps.entries()) {
        if (step === 'enter') {
          const next = attempt(order);
          lane.enter(next, route);
          inFlight.push(next);
        } else {
          // Mostly the first, as it is with replies.
          const [left] = inFlight.splice(step.place < 12 ? 0 : step.place % Math.max(1, inFlight.length), 1);
          if (left === undefined) continue;
          lane.leave(left, step.done);
          if (step.done) done.push(left.order);
        }
        expect([lane.isQuiet, lane.route]).toEqual([inFlight.length === 0, inFlight.length === 0 ? undefined : route]);
        const overtaken = inFlight.map((one) => done.some((later) => later > one.order));
        expect(inFlight.map((one) => lane.overtook(one))).toEqual(overtaken);
      }
    }),
  );
});

test('lets what waits go in the order of the calls, as far as it can', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50)), fc.nat(50), (orders, stop) => {
      const lane = new Lane();
      for (const order of orders) lane.park(attempt(order));
      const gone: number[] = [];
      const go =
        (end: number) =>
        ({ order }: Attempt): boolean => {
          if (order >= end) return false;
          gone.push(order);
          return true;
        };
      const stuck = lane.letGo(go(stop));
      expect(stuck?.order).toBe(orders.filter((order) => order >= stop).sort((a, b) => a - b)[0]);
      expect(lane.next).toBe(stuck);
      expect(lane.letGo(go(100))).toBeUndefined();
      expect(lane.isHeld).toBe(false);
      expect(gone).toEqual([...orders].sort((a, b) => a - b));
    }),
  );
});

test('forgets what was heard, and looks no more, once nothing waits', () => {
  const emptied: ((lane: Lane) => void)[] = [
    (lane) => lane.letGo(() => true),
    (lane) => lane.takeAll(),
    (lane) => lane.takeOvertaken(attempt(2)),
    (lane) => {
      lane.next?.fail(new Error('late'));
      lane.dropSettled();
    },
  ];
  for (const empty of emptied) {
    const lane = new Lane();
    lane.park(attempt(1));
    lane.lastWord = new Error('LOADING');
    lane.pause(60_000, () => {});
    expect([lane.isHeld, lane.isPaused]).toEqual([true, true]);
    empty(lane);
    expect([lane.isHeld, lane.isPaused, lane.lastWord]).toEqual([false, false, undefined]);
  }
});

test('lets go of what has left, but for that behind one which stays', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const lane = new Lane();
  const refs: WeakRef<Attempt>[] = [];
  const stays = Array.from({ length: 10 }, (_, i) => attempt(10 + i));
  const leave = (): void => {
    for (let order = 0; order < 4; order += 1) {
      const one = attempt(order);
      lane.enter(one, route);
      refs.push(new WeakRef(one));
    }
    for (const one of stays) lane.enter(one, route);
    for (const ref of refs) lane.leave(ref.deref() as Attempt, false);
  };
  leave();
  await new Promise(setImmediate);
  collectGarbage();
  expect(refs.map((ref) => ref.deref())).toEqual([undefined, undefined, undefined, undefined]);
  expect(lane.isQuiet).toBe(false);
});
