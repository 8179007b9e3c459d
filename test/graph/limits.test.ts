import { describe, expect, it } from 'vitest';
import { codec } from '../../src/codec/index.js';
import { GraphError } from '../../src/errors.js';
import type { CompiledGraph, GraphState } from '../../src/graph/compile.js';
import { ComputationGraph } from '../../src/graph/computation-graph.js';
import { input } from '../../src/graph/flow.js';
import { ndarray } from '../../src/graph/nd-array.js';
import { ops } from '../../src/graph/ops.js';
import { defineReduction } from '../../src/graph/reduction.js';
import { builtinOps } from '../../src/graph/ops.js';
import { valueType } from '../../src/graph/value-type.js';
import { readInChild } from '../codec/limits/read-in-child.js';
import { reducing } from '../codec/limits/readers.js';

const x = input.scalar('x');
const wide = { bins: 2 ** 24, from: 0, to: 1 };

/** A graph of some nodes, none of which is more than its op allows. */
function many(count: number): ComputationGraph {
  const flows = Array.from({ length: count }, (_, index) => [`b${index}`, ops.binning1D(x, wide)] as const);
  return ComputationGraph.of(Object.fromEntries(flows));
}

/** The state of a run of all reductions, with another state for the n-th of them. */
function stateWith(index: number, state: unknown): GraphState {
  const { graph, nodes } = reducing().state();
  return { graph, nodes: new Map([...nodes].map(([hash, known], at) => [hash, at === index ? state : known])) };
}

/** By number of the reduction in {@link reducing}, which states it is to refuse. */
function hostile(): [string, unknown][] {
  const parts = (value: number, length: number) => new Array<number>(length).fill(value);
  const sum = (small: unknown, more = {}) => ({ count: 1, of: { small, large: [], special: 0, ...more } });
  const planes = (shape: unknown, small: unknown, more = {}) => ({
    ...{ shape, bound: 1, small, large: [], special: [] },
    ...more,
  });
  const arrays = (...args: Parameters<typeof planes>) => ({ count: 1, of: planes(...args) });
  const blank = () => new Float64Array(4);
  const groups = (...sums: unknown[]) => new Map(sums.map((item, index) => [index, item]));
  const shared = new Float64Array(2 ** 16);
  const image = ndarray(shared);
  const some = (values: unknown[], orders: unknown[] = values.map(() => null)) => ({ orders, values });
  return [
    ['not an object', 5],
    ['nothing', null],
    ['NaN in a sum', sum(parts(Number.NaN, 90_000))],
    ['infinities in a sum', sum([], { large: parts(Infinity, 90_000) })],
    ['too many parts', sum(parts(1, 90_000))],
    ['texts in a sum', sum(['a'])],
    ['a shape without elements', arrays([2 ** 24], [])],
    ['a shape of more elements than there are', arrays([2 ** 24], [blank()])],
    ['a shape that is none', arrays([-4], [blank()])],
    ['NaN in a plane', arrays([4], [Float64Array.of(1, Number.NaN, 0, 0)])],
    ['planes of another class', arrays([4], [new Float32Array(4)])],
    [
      'too many planes',
      arrays(
        [1],
        Array.from({ length: 10_000 }, () => new Float64Array(1)),
      ),
    ],
    ['a bound that is none', arrays([4], [blank()], { bound: Number.NaN })],
    ['groups of NaN', groups(sum(parts(Number.NaN, 90_000)))],
    ['groups with one plane', groups(...Array.from({ length: 1000 }, () => arrays([2 ** 16], [shared])))],
    ['groups of shapes', groups(...Array.from({ length: 100 }, () => arrays([2 ** 24], [])))],
    ['extremes that are none', { sums: new Map(), extremes: new Map([[1, 'a']]) }],
    ['one extreme a thousand times', { sums: new Map(), extremes: groups(...new Array<unknown>(1000).fill(image)) }],
    ['values without orders', some([1, 2], [null])],
    ['orders that are no numbers', some([1], ['a'])],
    ['one array a thousand times', some(new Array<unknown>(1000).fill(image))],
    ['a sum that fades and is none', { latest: null, weight: 1, sum: 'a' }],
    ['a time that is none', { latest: 'now', weight: 1, sum: null }],
    ['a plane of another shape', planes([2 ** 24], [])],
  ];
}

describe('a graph', () => {
  it('is refused before it takes more memory than it may', () => {
    expect(codec.graph.encode(many(20)).length).toBeLessThan(2_000);
    const graph = many(1);
    for (const compile of [() => graph.compile(), () => many(20).compile()]) expect(compile).toThrow(GraphError);
    expect(graph.validate()).toEqual([{ kind: 'memory', node: 'b0', message: expect.stringContaining('maxMemory') }]);
    expect(graph.validate(builtinOps, { maxMemory: 2 ** 27 })).toEqual([]);
    const run = graph.compile(builtinOps, { maxMemory: 2 ** 27 });
    run({ x: 0.5 });
    const { b0 } = run.results() as { b0: { data: Float64Array } };
    expect(b0.data[2 ** 23]).toBe(1);
    const half = { ...wide, bins: 2 ** 22 + 1 };
    const image = input.array('image');
    const both = {
      a: ops.histogram(image, half),
      b: ops.binning2D(x, x, { bins: [2 ** 11, 2 ** 11], from: [0, 0], to: [1, 1] }),
    };
    expect(() => ComputationGraph.of(both).compile()).toThrow(/memory/);
    expect(() => ComputationGraph.of({ a: both.a }).compile()).not.toThrow();
  });

  it('has reductions of its user counted as well', () => {
    const table = defineReduction({
      name: 'table',
      inputs: [valueType.scalar],
      outputs: valueType.number,
      memory: () => 2 ** 26 + 1,
      init: () => 0,
      add: (top) => top,
      isState: (state) => state === 0,
      merge: (a) => a,
      finish: (top) => top,
    });
    const registry = builtinOps.with(table);
    const graph = ComputationGraph.of({ y: table(x) });
    expect(() => graph.compile(registry)).toThrow(/memory/);
    const run = graph.compile(registry, { maxMemory: 2 ** 27 });
    run.merge(run.state());
    const { graph: hash, nodes } = run.state();
    expect(() => run.merge({ graph: hash, nodes: new Map([...nodes].map(([name]) => [name, 1])) })).toThrow(GraphError);
  });

  it('tells at most so many faults', () => {
    const nodes = [
      ['n', { op: 'none', inputs: Array.from({ length: 10_000 }, (_, at) => `v${at}`), outputs: [] }],
    ] as const;
    const faults = new ComputationGraph({ nodes }).validate();
    expect(faults).toHaveLength(1_000);
  });

  it('makes no large projection of nothing', () => {
    const run = ComputationGraph.of({ p: ops.projection(input.array('image'), { axis: 1 }) }).compile();
    const nothing = (size: number) => ndarray(new Float64Array(0), [size, 0, size]);
    expect(() => run({ image: nothing(2 ** 14) })).toThrow(GraphError);
    expect((run({ image: nothing(4) })['p'] as { shape: unknown }).shape).toEqual([4, 4]);
  });
});

describe('a state from anywhere', () => {
  const count = reducing().state().nodes.size;

  it.each(hostile())('is refused as a whole before any of it is merged: %s', (_, state) => {
    for (let index = 0; index < count; index++) {
      const run = fed();
      const before = codec.auto.encode(run.state());
      expect(() => run.merge(stateWith(index, state)), `reduction ${index}`).toThrow(GraphError);
      expect(codec.auto.encode(run.state()).equals(before)).toBe(true);
    }
  });

  it('is merged if it is one', () => {
    const [run, other] = [fed(), fed()];
    run.merge(codec.auto.decode(codec.auto.encode(other.state())) as GraphState);
    run.merge(codec.structured.decode(codec.structured.encode(other.state())) as GraphState);
    expect((run.results()['counts'] as Map<number, number>).get(1)).toBe(3);
  });

  it('may have large parts, each for itself', () => {
    const graph = ComputationGraph.of({ sums: ops.reduceByKey(input.array('image'), x) });
    const [a, b] = [graph.compile(), graph.compile()];
    for (const run of [a, b])
      for (let key = 0; key < 3; key++) run({ image: ndarray(new Float64Array(2 ** 20).fill(1)), x: key });
    a.merge(b.state());
    expect((a.results()['sums'] as Map<number, { data: Float64Array }>).get(2)?.data[7]).toBe(2);
  });

  it('takes no more memory or time than its bytes, nor does a graph', async () => {
    const states = hostile().slice(2, 13);
    const documents = states.map(([name, state]) => [name, codec.auto.encode(stateWith(0, state))] as const);
    const byKey = [...reducing().state().nodes.values()].findIndex((state) => state instanceof Map);
    const groups = new Map(
      Array.from({ length: 20_000 }, (_, at) => [at, { count: 1, of: { small: [0.5], large: [], special: 0 } }]),
    );
    const large = { groups: codec.auto.encode(stateWith(byKey, groups)) };
    const outcomes = await readInChild('merge', { ...Object.fromEntries(documents), ...large });
    expect(outcomes).toEqual({ ...Object.fromEntries(states.map(([name]) => [name, 'refused'])), groups: 'value' });
    const graphs = {
      many: codec.graph.encode(many(20)),
      few: codec.graph.encode(ComputationGraph.of({ s: ops.sum(input.array('a')) })),
    };
    expect(await readInChild('compile', graphs)).toEqual({ many: 'refused', few: 'value' });
  });
});

function fed(): CompiledGraph {
  const run = reducing();
  for (const scalar of [0.25, 0.75])
    run({ array: ndarray(Float64Array.of(scalar, 1e300, 3)), key: scalar < 0.5 ? 1 : 2, scalar });
  return run;
}
