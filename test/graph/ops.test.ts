import { describe, expect, it } from 'vitest';
import { GraphError } from '../../src/errors.js';
import { ComputationGraph } from '../../src/graph/computation-graph.js';
import { type Flow, input } from '../../src/graph/flow.js';
import { isNdArray, type NdArray, ndarray } from '../../src/graph/nd-array.js';
import { ops } from '../../src/graph/ops.js';
import { binOf } from '../../src/graph/ops/arrays.js';

const array = input.array('array');
const other = input.array('other');
const [x, y, key] = [input.scalar('x'), input.scalar('y'), input.scalar('key')];

/** What an op makes of an event. */
function once(flow: Flow, event: Readonly<Record<string, unknown>>): unknown {
  return ComputationGraph.of({ result: flow }).compile()(event)['result'];
}

/** What a reduction makes of events. */
function reduce(flow: Flow, events: readonly Readonly<Record<string, unknown>>[]): unknown {
  const run = ComputationGraph.of({ result: flow }).compile();
  for (const event of events) run(event);
  return run.results()['result'];
}

const grid = ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
const cube = ndarray(
  Int16Array.from({ length: 24 }, (_, index) => index),
  [2, 3, 4],
);

describe('ops on arrays', () => {
  it.each<[string, Flow, unknown, unknown]>([
    [
      'roi of a plane',
      ops.roi(array, { start: [0, 1], stop: [2, 3] }),
      grid,
      ndarray(Float64Array.of(2, 3, 5, 6), [2, 2]),
    ],
    [
      'roi of a cube',
      ops.roi(array, { start: [1, 1, 2], stop: [2, 3, 4] }),
      cube,
      ndarray(Int16Array.of(18, 19, 22, 23), [1, 2, 2]),
    ],
    ['roi of nothing', ops.roi(array, { start: [1, 1], stop: [1, 3] }), grid, ndarray(new Float64Array(0), [0, 2])],
    [
      'roi of no axes',
      ops.roi(array, { start: [], stop: [] }),
      ndarray(Uint8Array.of(7), []),
      ndarray(Uint8Array.of(7), []),
    ],
    [
      'roi of 64 bits',
      ops.roi(array, { start: [1], stop: [2] }),
      ndarray(BigInt64Array.of(1n, 2n)),
      ndarray(BigInt64Array.of(2n)),
    ],
    ['sum', ops.sum(array), cube, 276],
    ['sum of few', ops.sum(array), grid, 21],
    ['sum of none', ops.sum(array), ndarray(new Float32Array(0)), 0],
    ['mean', ops.mean(array), grid, 3.5],
    ['min', ops.min(array), cube, 0],
    ['max', ops.max(array), cube, 23],
    ['max with NaN', ops.max(array), ndarray(Float64Array.of(1, Number.NaN, 2)), Number.NaN],
    ['projection on columns', ops.projection(array, { axis: 0 }), grid, ndarray(Float64Array.of(5, 7, 9))],
    ['projection on rows', ops.projection(array, { axis: 1, reduce: 'mean' }), grid, ndarray(Float64Array.of(2, 5))],
    [
      'projection within',
      ops.projection(ops.roi(array, { start: [0, 0, 0], stop: [2, 3, 2] }), { axis: 1 }),
      cube,
      ndarray(Float64Array.of(12, 15, 48, 51), [2, 2]),
    ],
    [
      'threshold',
      ops.threshold(array, { least: 2, most: 4 }),
      grid,
      ndarray(Float64Array.of(0, 2, 3, 4, 0, 0), [2, 3]),
    ],
    [
      'threshold of whole numbers',
      ops.threshold(array, { least: 20, fill: -1 }),
      ndarray(Int8Array.of(19, 20)),
      ndarray(Int8Array.of(-1, 20)),
    ],
    ['histogram', ops.histogram(array, { bins: 2, from: 1, to: 5 }), grid, ndarray(Float64Array.of(2, 3))],
    ['add', ops.add(array, array), grid, ndarray(Float64Array.of(2, 4, 6, 8, 10, 12), [2, 3])],
    ['subtract', ops.subtract(array, ops.mean(array)), ndarray(Int8Array.of(1, 3)), ndarray(Float64Array.of(-1, 1))],
    ['divide', ops.divide(ops.sum(array), array), ndarray(Int8Array.of(1, 0)), ndarray(Float64Array.of(1, Infinity))],
  ])('%s', (_, flow, given, expected) => {
    expect(once(flow, { array: given })).toStrictEqual(expected);
  });

  it.each<[string, Flow, unknown, string]>([
    ['roi outside', ops.roi(array, { start: [0, 0], stop: [2, 4] }), grid, 'the region is not inside the array'],
    ['roi of other axes', ops.roi(array, { start: [0], stop: [1] }), grid, 'the region is not inside the array'],
    ['projection on no axis', ops.projection(array, { axis: 2 }), grid, 'the array has no axis 2'],
    ['min of none', ops.min(array), ndarray(new Int8Array(0)), 'an empty array has no least and no greatest element'],
    [
      'sum of 64 bits',
      ops.sum(array),
      ndarray(new BigUint64Array(1)),
      'elements of uint64 do not all fit into a number',
    ],
    [
      'add of other shapes',
      ops.add(array, ops.projection(array, { axis: 0 })),
      grid,
      'the arrays do not have the same shape',
    ],
  ])('%s is refused', (_, flow, given, message) => {
    expect(() => once(flow, { array: given })).toThrow(message);
  });

  it('leave their inputs alone', () => {
    const copy = structuredClone(grid);
    for (const flow of [
      ops.threshold(array, { least: 9 }),
      ops.add(array, x),
      ops.roi(array, { start: [0, 0], stop: [2, 3] }),
    ]) {
      (once(flow, { array: grid, x: 1 }) as NdArray<'float64'>).data.fill(99);
    }
    expect(grid).toEqual(copy);
  });

  it('arithmetic of what is neither a number nor an array is refused', () => {
    const any = input.any<number>('any');
    for (const value of ['1', null, new Date(), new Map()]) {
      expect(() => once(ops.add(any, x), { any: value, x: 1 })).toThrow('arithmetic takes numbers and arrays only');
    }
    expect(once(ops.add(any, x), { any: true, x: 1 })).toBe(2);
  });
});

it('binOf agrees with edges that are computed one by one', () => {
  for (const [bins, from, to] of [
    [10, 0, 1],
    [7, -0.3, 0.7],
    [3, 1e-300, 2e-300],
    [49, 0, 4.9],
  ] as const) {
    const width = (to - from) / bins;
    for (let bin = 0; bin < bins; bin++) expect(binOf(from + bin * width, bins, from, to)).toBe(bin);
    expect(binOf(to, bins, from, to)).toBe(bins - 1);
    for (const outside of [from - 1, to + 1, Number.NaN, Infinity]) expect(binOf(outside, bins, from, to)).toBe(-1);
  }
});

describe('reductions', () => {
  const events = [
    { x: 3, y: 1, key: 1, number: 2, array: ndarray(Uint8Array.of(1, 9)) },
    { x: 1, y: 2, key: 0, number: 0, array: ndarray(Uint8Array.of(2, 8)) },
    { x: -2, y: 3, key: 1, number: 1, array: ndarray(Uint8Array.of(3, 7)) },
  ];
  const number = input.scalar('number');
  const values = (...list: number[]) => ndarray(Float64Array.from(list));

  it.each<[string, Flow, unknown]>([
    [
      'meanByKey',
      ops.meanByKey(x, key).means,
      new Map([
        [0, 1],
        [1, 0.5],
      ]),
    ],
    [
      'meanByKey of arrays',
      ops.meanByKey(array, key).means,
      new Map([
        [0, values(2, 8)],
        [1, values(2, 8)],
      ]),
    ],
    [
      'its counts',
      ops.meanByKey(array, key).counts,
      new Map([
        [0, 1],
        [1, 2],
      ]),
    ],
    [
      'reduceByKey',
      ops.reduceByKey(x, key),
      new Map([
        [0, 1],
        [1, 1],
      ]),
    ],
    [
      'reduceByKey of arrays',
      ops.reduceByKey(array, key),
      new Map([
        [0, values(2, 8)],
        [1, values(4, 16)],
      ]),
    ],
    [
      'reduceByKey to the least',
      ops.reduceByKey(x, key, { reduce: 'min' }),
      new Map([
        [0, 1],
        [1, -2],
      ]),
    ],
    [
      'reduceByKey to the greatest, of arrays',
      ops.reduceByKey(array, key, { reduce: 'max' }),
      new Map([
        [0, values(2, 8)],
        [1, values(3, 9)],
      ]),
    ],
    [
      'reduceByKey to the count',
      ops.reduceByKey(x, key, { reduce: 'count' }),
      new Map([
        [0, 1],
        [1, 2],
      ]),
    ],
    ['accumulator', ops.accumulator(array).sum, values(6, 24)],
    ['pickN', ops.pickN(x, { n: 2 }), [3, 1]],
    ['pickN in order', ops.pickN(x, number, { n: 2 }), [1, -2]],
    ['pickN of arrays', ops.pickN(array, number, { n: 1 }), [ndarray(Uint8Array.of(2, 8))]],
    ['rollingBuffer', ops.rollingBuffer(x, { n: 2 }), [1, -2]],
    ['rollingBuffer in order', ops.rollingBuffer(x, number, { n: 2 }), [-2, 3]],
    ['rollingBuffer with room', ops.rollingBuffer(x, number, { n: 9 }), [1, -2, 3]],
    ['sumN', ops.sumN(x, { n: 2 }).sum, 4],
    ['sumN in order', ops.sumN(x, number, { n: 2 }).sum, -1],
    ['binning1D', ops.binning1D(x, { bins: 2, from: -2, to: 3 }), values(1, 2)],
    ['binning1D of weights', ops.binning1D(x, y, { bins: 2, from: -2, to: 3 }), values(3, 3)],
    [
      'binning2D',
      ops.binning2D(x, y, { bins: [1, 2], from: [-9, 1], to: [9, 3] }),
      ndarray(Float64Array.of(1, 2), [1, 2]),
    ],
    [
      'binning2D of weights',
      ops.binning2D(x, y, key, { bins: [1, 2], from: [0, 1], to: [9, 3] }),
      ndarray(Float64Array.of(1, 0), [1, 2]),
    ],
    ['exponentialAverage', ops.exponentialAverage(x, { alpha: 0.5 }), (3 / 4 + 1 / 2 - 2) / 1.75],
    ['exponentialAverage in order', ops.exponentialAverage(x, number, { alpha: 0.5 }), (1 / 4 - 2 / 2 + 3) / 1.75],
    ['exponentialAverage of the latest', ops.exponentialAverage(x, number, { alpha: 1 }), 3],
  ])('%s', (_, flow, expected) => {
    expect(reduce(flow, events)).toStrictEqual(expected);
  });

  it('put groups into one order, whatever came first', () => {
    const names = ['b', 2, Number.NaN, true, 'a', -1, false, -0, 0];
    const groups = reduce(
      ops.reduceByKey(x, input.any<string>('any'), { reduce: 'count' }),
      names.map((any) => ({ any, x: 1 })),
    );
    expect([...(groups as Map<unknown, number>)]).toEqual([
      [false, 1],
      [true, 1],
      [-1, 1],
      [0, 2],
      [2, 1],
      [Number.NaN, 1],
      ['a', 1],
      ['b', 1],
    ]);
  });

  it('of what is neither a number nor an array are refused, and leave no trace', () => {
    const any = input.any<number>('any');
    const all: Record<string, Flow>[] = [
      { sum: ops.accumulator(any).sum },
      { means: ops.meanByKey(any, key).means },
      { sums: ops.reduceByKey(any, key) },
      { least: ops.reduceByKey(any, key, { reduce: 'min' }) },
      { mean: ops.exponentialAverage(any, { alpha: 0.5 }) },
    ];
    for (const flows of all) {
      const run = ComputationGraph.of(flows).compile();
      for (const value of ['1', 5n, null, {}, [1], { shape: [1] }]) {
        expect(() => run({ any: value, key: 0 })).toThrow('reductions take numbers and arrays only');
      }
      expect(() => run({ any: ndarray(new BigInt64Array(1)), key: 0 })).toThrow(GraphError);
      run({ any: 3, key: 0 });
      const [result] = Object.values(run.results());
      expect(result instanceof Map ? result.get(0) : result).toBe(3);
    }
  });

  it("give arrays that are nobody else's", () => {
    const flows = [
      ops.pickN(array, { n: 3 }),
      ops.rollingBuffer(array, { n: 3 }),
      ops.reduceByKey(array, key, { reduce: 'min' }),
      ops.exponentialAverage(array, { alpha: 1 }),
      ops.accumulator(array).sum,
    ];
    const arraysIn = (result: unknown): NdArray[] =>
      isNdArray(result) ? [result] : [...(result instanceof Map ? result.values() : (result as NdArray[]))];
    for (const flow of flows) {
      const run = ComputationGraph.of({ result: flow }).compile();
      run({ array: ndarray(Float64Array.of(1)), key: 0 });
      for (const { data } of arraysIn(run.results()['result'])) data[0] = 50;
      expect(arraysIn(run.results()['result']).map(({ data }) => [...data])).toEqual([[1]]);
    }
  });

  it('keep no array that was given to them', () => {
    const given = ndarray(Float64Array.of(1));
    const flows = [
      ops.pickN(array, { n: 3 }),
      ops.reduceByKey(array, key, { reduce: 'min' }),
      ops.accumulator(array).sum,
    ];
    for (const flow of flows) {
      const run = ComputationGraph.of({ result: flow }).compile();
      given.data[0] = 1;
      run({ array: given, key: 0 });
      run({ array: { ...given, frame: 2 }, key: 0 });
      given.data[0] = 50;
      expect(JSON.stringify([...Object.values(run.results()['result'] as object)])).not.toContain('50');
      expect(new Set([run.results()['result']].flat())).not.toContain(given);
    }
  });

  it.each<[string, Flow, object[], string]>([
    [
      'arrays of two shapes',
      ops.accumulator(array).sum,
      [{ array: grid }, { array: cube }],
      'do not all have the same shape',
    ],
    [
      'arrays and numbers',
      ops.accumulator(input.any<number>('any')).sum,
      [{ any: 1 }, { any: grid }],
      'cannot be added up together',
    ],
    [
      'numbers and arrays',
      ops.accumulator(input.any<number>('any')).sum,
      [{ any: grid }, { any: 1 }],
      'cannot be added up together',
    ],
    [
      'extremes of both',
      ops.reduceByKey(input.any<number>('any'), key, { reduce: 'min' }),
      [
        { any: grid, key: 0 },
        { any: 1, key: 0 },
      ],
      'cannot be compared',
    ],
    [
      'extremes of two shapes',
      ops.reduceByKey(array, key, { reduce: 'min' }),
      [
        { array: grid, key: 0 },
        { array: cube, key: 0 },
      ],
      'do not all have the same shape',
    ],
    [
      'averages of two shapes',
      ops.exponentialAverage(array, { alpha: 1 }),
      [{ array: grid }, { array: cube }],
      'do not all have the same shape',
    ],
    [
      'a key that is none',
      ops.reduceByKey(x, input.any<string>('any')),
      [{ x: 1, any: {} }],
      'a key to group by must be',
    ],
    ['an order that is none', ops.pickN(x, y, { n: 1 }), [{ x: 1, y: Number.NaN }], 'an order must not be NaN'],
    [
      '64-bit integers',
      ops.accumulator(other).sum,
      [{ other: ndarray(new BigInt64Array(1)) }],
      'do not all fit into a number',
    ],
  ])('refuse %s', (_, flow, given, message) => {
    expect(() => reduce(flow, given as never)).toThrow(message);
  });
});
