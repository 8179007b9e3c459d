import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codec } from '../../src/codec/index.js';
import type { CompiledGraph, GraphEvent, GraphOutputs, GraphState } from '../../src/graph/compile.js';
import { ComputationGraph } from '../../src/graph/computation-graph.js';
import { type Flow, input } from '../../src/graph/flow.js';
import { type NdArray, ndarray } from '../../src/graph/nd-array.js';
import { ops } from '../../src/graph/ops.js';
import { anyNumber, difference } from '../codec/support.js';

/** A state as it comes out of Redis. */
const stored = (state: GraphState) => codec.auto.decode(codec.auto.encode(state)) as GraphState;

/**
 * The results of a graph whose events were dealt to workers, whose states were then merged pairwise until one was
 * left: `deal` says who gets each event, `picks` which two are merged next, and into which.
 */
function distributed(
  graph: ComputationGraph,
  events: readonly GraphEvent[],
  workers: number,
  deal: (event: number) => number,
  pick: () => number,
): GraphOutputs {
  const runs = Array.from({ length: workers }, () => graph.compile());
  for (const [number, event] of events.entries()) runs[deal(number) % workers]?.(event);
  let states = runs.map((run) => stored(run.state()));
  while (states.length > 1) {
    const [a] = states.splice(pick() % states.length, 1);
    const [b] = states.splice(pick() % states.length, 1);
    const reducer = graph.compile();
    for (const state of [a, b]) if (state !== undefined) reducer.merge(state);
    states = [...states, stored(reducer.state())];
  }
  const last = graph.compile();
  for (const state of states) last.merge(state);
  return last.results();
}

function alone(graph: ComputationGraph, events: readonly GraphEvent[]): CompiledGraph {
  const run = graph.compile();
  for (const event of events) run(event);
  return run;
}

const WORKERS = [1, 2, 3, 8];

describe('8,000 events', () => {
  const image = input.array('image', { dtype: 'float64', rank: 2 });
  const laser = input.scalar('laser');
  const delay = input.scalar('delta_t');
  const total = ops.sum(ops.roi(image, { start: [0, 0], stop: [100, 100] }));
  const graph = ComputationGraph.of({
    on: ops.meanByKey(ops.filter(total, laser), delay).means,
    events: ops.reduceByKey(total, delay, { reduce: 'count' }),
    lit: ops.meanByKey(ops.filter(total, laser), delay).counts,
  });
  const events = Array.from({ length: 8_000 }, (_, i) => ({
    image: ndarray(new Float64Array(100 * 100).fill((i % 7) + 1), [100, 100]),
    laser: Math.floor(i / 2) % 2 === 0,
    delta_t: i % 10,
  }));
  const means = [39925, 39950, 40050, 40075, 40025, 40050, 39975, 40000, 39950, 39975];
  const expected = {
    on: new Map(means.map((mean, bin) => [bin, mean])),
    events: new Map(means.map((_, bin) => [bin, 800])),
    lit: new Map(means.map((_, bin) => [bin, 400])),
  };

  it.each(WORKERS)('over %d workers have 400 events in each bin, and these means', (workers) => {
    expect(
      distributed(
        graph,
        events,
        workers,
        (event) => event,
        () => 0,
      ),
    ).toMatchObject(expected);
    expect(
      distributed(
        graph,
        events,
        workers,
        (event) => (event * 7_919) >> 4,
        () => 2,
      ),
    ).toMatchObject(expected);
  });
});

it('pickN(9) over 4 workers gives 9', () => {
  const [value, number] = [input.scalar('value'), input.scalar('number')];
  const ordered = ComputationGraph.of({ picked: ops.pickN(value, number, { n: 9 }) });
  const free = ComputationGraph.of({ picked: ops.pickN(value, { n: 9 }) });
  const events = Array.from({ length: 100 }, (_, i) => ({ value: i + 1, number: i }));
  for (const pick of [() => 0, () => 1, () => 3]) {
    const { picked } = distributed(ordered, events, 4, (event) => event * 7, pick);
    expect(picked).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(distributed(free, events, 4, (event) => event, pick)['picked']).toHaveLength(9);
  }
});

it('sumN(4) on 1 to 4 gives (4, 10), over any workers', () => {
  const { count, sum } = ops.sumN(input.scalar('value'), input.scalar('value'), { n: 4 });
  const graph = ComputationGraph.of({ count, sum });
  const events = [3, 1, 4, 2].map((value) => ({ value }));
  for (const workers of WORKERS) {
    expect(
      distributed(
        graph,
        events,
        workers,
        (event) => event,
        () => 1,
      ),
    ).toEqual({ count: 4, sum: 10 });
    const more = [...events, { value: 9 }, { value: 7 }];
    expect(
      distributed(
        graph,
        more,
        workers,
        (event) => event,
        () => 1,
      ),
    ).toEqual({ count: 4, sum: 10 });
  }
});

/** A graph made of random choices: scalars and arrays that are computed, filtered, and reduced in all ways. */
function randomGraph(choices: readonly number[]): ComputationGraph {
  let at = 0;
  const choose = <T>(list: readonly T[]): T => list[(choices[at++ % choices.length] as number) % list.length] as T;
  const [x, number] = [input.scalar('x'), input.scalar('number')];
  const scalars: Flow<number | boolean>[] = [x, input.scalar('y')];
  const arrays: Flow<NdArray>[] = [input.array('image', { dtype: 'float64', rank: 2 })];
  const keys = [input.scalar('key'), input.any<string>('name')];
  for (let step = 0; step < 4; step++) {
    const array = choose(arrays);
    const scalar = choose(scalars);
    const condition = choose([undefined, input.scalar('keep')]);
    const placement = condition === undefined ? {} : { condition };
    const makers: (() => unknown)[] = [
      () => scalars.push(ops.sum(array, placement)),
      () => scalars.push(ops.max(array, placement)),
      () => scalars.push(ops.multiply(scalar, choose(scalars), placement)),
      () => scalars.push(ops.filter(scalar, input.scalar('keep'))),
      () => arrays.push(ops.threshold(array, { least: -1, fill: 0.5 }, placement)),
      () => arrays.push(ops.add(array, scalar, placement)),
      () => arrays.push(ops.subtract(array, choose(arrays), placement)),
    ];
    choose(makers)();
  }
  const results: Record<string, Flow> = {};
  for (let index = 0; index < 3; index++) {
    const [array, scalar, key] = [choose(arrays), choose(scalars), choose(keys)];
    const reduce = choose(['sum', 'min', 'max'] as const);
    const makers: (() => Flow)[] = [
      () => ops.meanByKey(scalar, key).means,
      () => ops.meanByKey(array, key).means,
      () => ops.reduceByKey(scalar, key, { reduce }),
      () => ops.reduceByKey(array, key, { reduce }),
      () => ops.reduceByKey(array, key, { reduce: 'count' }),
      () => ops.accumulator(scalar).sum,
      () => ops.divide(ops.accumulator(array).sum, ops.accumulator(scalar).count),
      () => ops.binning1D(x, scalar, { bins: 5, from: -10, to: 10 }),
      () => ops.binning2D(x, scalar, { bins: [3, 4], from: [-10, -5], to: [10, 5] }),
      () => ops.pickN(array, number, { n: 4 }),
      () => ops.rollingBuffer(scalar, number, { n: 3 }),
      () => ops.sumN(scalar, number, { n: 5 }).sum,
    ];
    results[`result ${index}`] = choose(makers)();
  }
  return ComputationGraph.of(results);
}

const someNumber = fc.oneof(anyNumber, fc.double({ min: -12, max: 12, noNaN: true }), fc.integer({ min: -3, max: 3 }));
const anyEvent = fc.record(
  {
    x: someNumber,
    y: someNumber,
    image: fc
      .array(someNumber, { minLength: 4, maxLength: 4 })
      .map((values) => ndarray(Float64Array.from(values), [2, 2])),
    key: fc.oneof(fc.integer({ min: -1, max: 2 }), fc.boolean(), fc.constantFrom(-0, Number.NaN)),
    name: fc.constantFrom('on', 'off', '__proto__', 'constructor'),
    keep: fc.oneof(fc.boolean(), fc.constantFrom(0, 1, Number.NaN)),
  },
  { requiredKeys: ['x', 'image', 'key', 'name', 'keep'] },
);

describe('random graphs of random events', () => {
  const anyRun = fc.record({
    choices: fc.array(fc.nat(1_000), { minLength: 8, maxLength: 30 }),
    events: fc.array(anyEvent, { maxLength: 24 }).map((list) => list.map((event, number) => ({ ...event, number }))),
    deal: fc.array(fc.nat(100), { minLength: 24, maxLength: 24 }),
    picks: fc.array(fc.nat(100), { minLength: 1, maxLength: 16 }),
  });

  it('have the same results, bit for bit, over 1, 2, 3 and 8 workers, merged in any order', () => {
    fc.assert(
      fc.property(anyRun, ({ choices, events, deal, picks }) => {
        const graph = randomGraph(choices);
        const expected = alone(graph, events).results();
        const other = codec.graph.decode(codec.graph.encode(graph));
        for (const workers of WORKERS) {
          let at = 0;
          const found = distributed(
            other,
            events,
            workers,
            (event) => deal[event] ?? 0,
            () => picks[at++ % picks.length] ?? 0,
          );
          // One by one: equal reductions have one state, and so may share the arrays that they picked.
          expect(Object.keys(found)).toEqual(Object.keys(expected));
          for (const [name, result] of Object.entries(expected)) {
            expect(difference(found[name], result), name).toBeUndefined();
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are valid, and have one hash, one order and one encoding however their nodes are ordered', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 8, maxLength: 30 }), fc.nat(), (choices, seed) => {
        const graph = randomGraph(choices);
        expect(graph.validate()).toEqual([]);
        const turn = <T>(list: Iterable<T>): T[] => {
          const items = [...list];
          return items.map((_, index) => items[(index + seed) % items.length] as T);
        };
        const turned = new ComputationGraph({
          inputs: turn(graph.inputs),
          nodes: turn(graph.nodes),
          wanted: graph.wanted,
        });
        expect(turned.equals(graph)).toBe(true);
        expect([turned.hash(), turned.order(), turned.toMermaid()]).toEqual([
          graph.hash(),
          graph.order(),
          graph.toMermaid(),
        ]);
        expect(codec.graph.encode(turned).equals(codec.graph.encode(graph))).toBe(true);
        const place = new Map(graph.order().map((name, index) => [name, index]));
        const maker = new Map([...graph.nodes].flatMap(([name, { outputs }]) => outputs.map((value) => [value, name])));
        for (const [name, { inputs }] of graph.nodes) {
          for (const value of inputs)
            expect(place.get(maker.get(value) ?? '') ?? -1).toBeLessThan(place.get(name) ?? -1);
        }
      }),
    );
  });
});

it('results of exponential averages with orders differ by rounding only, however the events were split', () => {
  const graph = ComputationGraph.of({
    average: ops.exponentialAverage(input.scalar('x'), input.scalar('number'), { alpha: 0.1 }),
    images: ops.exponentialAverage(input.array('image'), input.scalar('number'), { alpha: 0.5 }),
  });
  const events = Array.from({ length: 60 }, (_, number) => ({
    number,
    x: Math.sin(number),
    image: ndarray(Float64Array.of(number, 1)),
  }));
  const [weights, values] = events.reduce(([w, v], { x }) => [w * 0.9 + 1, v * 0.9 + x], [0, 0]);
  for (const workers of WORKERS) {
    const { average, images } = distributed(
      graph,
      events,
      workers,
      (event) => event * 31,
      () => 1,
    );
    expect(average).toBeCloseTo(values / weights, 12);
    expect((images as NdArray<'float64'>).data[0]).toBeCloseTo(58, 6);
    expect((images as NdArray<'float64'>).data[1]).toBeCloseTo(1, 12);
  }
});
