import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rejection } from '../contract/subject.js';
import { callsOf, type Comparison, expectSameAsModel, nothing, PACES, type Pace, type Pair } from './differential.js';

/** Something like a collection; each fault is one that a collection could have. */
class Stack {
  readonly items: number[] = [];

  constructor(readonly fault?: Fault) {}

  async push(item: number): Promise<number> {
    // Takes its turn late where others do not wait.
    if (this.fault === 'order' && item === 3) await Promise.resolve();
    this.items.push(item);
    return this.items.length;
  }

  async pop(): Promise<number | undefined> {
    if (this.fault === 'lost' && this.items.length === 2) this.items.shift();
    return this.items.pop();
  }

  async at(index: number): Promise<number> {
    const item = this.items[this.fault === 'index' ? index + 1 : index];
    if (item === undefined && this.fault !== 'no error') throw new RangeError('There is no such item');
    if (this.fault === 'error' && item === 2) throw new TypeError('Two is no item', { cause: 'a bug' });
    return item as number;
  }
}

type Fault = 'index' | 'lost' | 'order' | 'error' | 'no error' | 'end';

const call = callsOf<Stack, number[]>();
const steps = fc.oneof(
  call(
    'push',
    fc.nat(4),
    (stack, item) => stack.push(item),
    (model, item) => model.push(item),
    3,
  ),
  call(
    'pop',
    nothing,
    (stack) => stack.pop(),
    (model) => model.pop(),
  ),
  call(
    'at',
    fc.nat(2),
    (stack, index) => stack.at(index),
    (model, index) => {
      if (index >= model.length) throw new RangeError();
      return model[index];
    },
  ),
);

function comparison(pace: Pace, fault?: Fault, closed: Stack[] = []): Comparison<Stack, number[]> {
  const open = (): Pair<Stack, number[]> => {
    const stack = new Stack(fault);
    const model: number[] = [];
    return {
      handles: [stack],
      model,
      expectSame: async () => expect(fault === 'end' ? [...stack.items, 1] : stack.items).toStrictEqual(model),
      close: async () => void closed.push(stack),
    };
  };
  return { steps, pace, runs: 50, maxLength: 20, open };
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  const error = (await rejection(work)) as Error;
  return `${error.message}\n${(error.cause as Error | undefined)?.message}`;
}

describe.each(PACES)('calls that are %s', (pace) => {
  test('pass where both do the same, and every pair is closed', async () => {
    const closed: Stack[] = [];
    await expectSameAsModel(comparison(pace, undefined, closed));
    expect(closed).toHaveLength(50);
    expect(Math.max(...closed.map(({ items }) => items.length))).toBeGreaterThan(5);
  });

  test.each([
    ['index', /step \d+: at\(\d\)/],
    ['lost', /step \d+: |to strictly equal/],
    ['error', /step \d+: at\(\d\): expected no error, and it was rejected/],
    ['no error', /step \d+: at\(\d\): expected RangeError, and it gave undefined/],
    ['end', /to strictly equal/],
  ] as const)('tell of a fault in: %s', async (fault, message) => {
    const text = await messageOf(expectSameAsModel(comparison(pace, fault)));
    expect(text).toMatch(message);
    // The steps that lead there, and a seed to repeat them with.
    expect(text).toMatch(/Counterexample: \[.*(push\(\d\)|pop|at\(\d\))/);
    expect(text).toMatch(/seed: -?\d+/);
  });
});

test('calls that overtake each other are found where none waits', async () => {
  await expectSameAsModel(comparison('each awaited', 'order'));
  expect(await messageOf(expectSameAsModel(comparison('in one tick', 'order')))).toMatch(/step \d+: /);
});

test('pairs are closed after a failure too', async () => {
  const closed: Stack[] = [];
  await rejection(expectSameAsModel(comparison('each awaited', 'index', closed)));
  expect(closed).not.toEqual([]);
});

test('what differs between sequences is handed to each', async () => {
  const seen = new Set<number>();
  const open = (given: number) => {
    seen.add(given);
    return comparison('in one tick').open(undefined);
  };
  await expectSameAsModel({ steps, pace: 'in one tick', runs: 50, maxLength: 10, given: fc.constantFrom(1, 2), open });
  expect([...seen].sort()).toEqual([1, 2]);
});
