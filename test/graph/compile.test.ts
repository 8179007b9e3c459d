import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GraphError, OpError } from '../../src/errors.js';
import { ComputationGraph } from '../../src/graph/computation-graph.js';
import { input } from '../../src/graph/flow.js';
import { ndarray } from '../../src/graph/nd-array.js';
import { defineOp } from '../../src/graph/op.js';
import { builtinOps, ops } from '../../src/graph/ops.js';
import { defineReduction } from '../../src/graph/reduction.js';
import { valueType } from '../../src/graph/value-type.js';

const [x, y, keep] = [input.scalar('x'), input.scalar('y'), input.scalar('keep')];
const image = input.array('image', { dtype: 'float64', rank: 2 });
const frame = (...values: number[]) => ndarray(Float64Array.from(values), [1, values.length]);

const fails = defineOp({
  name: 'fails',
  inputs: [valueType.any],
  outputs: valueType.any,
  run: (value) => {
    if (value === 1) throw new RangeError(`secret ${String(value)}`);
    if (value === 2) throw new OpError('two is too much');
    if (value === 3) throw 'secret';
    return value;
  },
});
const minMax = defineOp({
  name: 'minMax',
  inputs: [valueType.scalar, valueType.optional(valueType.scalar), valueType.optional(valueType.scalar)],
  parameters: z.object({ least: z.number().default(0) }),
  outputs: { low: valueType.number, high: valueType.number },
  run: (a, b, c, { least }) => {
    const all = [a, b ?? least, c ?? least].map(Number);
    return Number(a) < -100 ? undefined! : { low: Math.min(...all), high: Math.max(...all) };
  },
});
const registry = builtinOps.with(fails, minMax);

describe('a compiled graph', () => {
  it('gives the values that no node takes, or those that are wanted', () => {
    const graph = ComputationGraph.of({ a: ops.add(x, y), b: ops.multiply(ops.add(x, y), y) });
    const run = graph.compile();
    expect(run.outputs).toEqual(['a', 'b']);
    expect(run({ x: 2, y: 3 })).toEqual({ a: 5, b: 15 });
    expect(graph.compile(builtinOps, { outputs: ['b', 'x', 'b'] })({ x: 2, y: 3 })).toEqual({ b: 15, x: 2 });
    expect(() => graph.compile(builtinOps, { outputs: ['c'] })).toThrow(/"c": is no value of the graph/);
  });

  it('gives new objects, whose properties are their own', () => {
    const run = ComputationGraph.of({ ['__proto__']: ops.add(x, y), constructor: ops.subtract(x, y) }).compile();
    const [first, second] = [run({ x: 1, y: 2 }), run({ x: 5, y: 2 })];
    const entries = (outputs: object) => Object.entries(outputs);
    expect(entries(first)).toEqual(entries({ ['__proto__']: 3, constructor: -1 }));
    expect(entries(second)).toEqual(entries({ ['__proto__']: 7, constructor: 3 }));
    expect(Object.getPrototypeOf(first)).toBe(Object.prototype);
    const odd = ComputationGraph.empty
      .withInput('toString', valueType.scalar)
      .withNode('n', { op: 'add', inputs: ['toString', 'toString'], outputs: ['__proto__'] })
      .compile();
    expect(Object.entries(odd({ toString: 4 }))).toEqual([['__proto__', 8]]);
    expect(Object.entries(odd({}))).toEqual([['__proto__', undefined]]); // not Object.prototype.toString
  });

  it('skips what has nothing to work on', () => {
    const graph = ComputationGraph.of({ passed: ops.add(ops.filter(x, keep), y), plain: ops.add(x, y) });
    const run = graph.compile();
    expect(run({ x: 1, y: 2, keep: true })).toEqual({ passed: 3, plain: 3 });
    for (const no of [false, 0, Number.NaN, undefined]) {
      expect(run({ x: 1, y: 2, keep: no })).toEqual({ passed: undefined, plain: 3 });
    }
    expect(run({})).toEqual({ passed: undefined, plain: undefined });
  });

  it('runs nodes with a condition only where it holds', () => {
    const run = ComputationGraph.of({ n: fails(x, { condition: keep }) }).compile(registry);
    expect(run({ x: 1, keep: false })).toEqual({ n: undefined });
    expect(run({ x: 5, keep: 1 })).toEqual({ n: 5 });
    expect(() => run({ x: 1, keep: 1 })).toThrow(GraphError);
    expect(run({ x: 5 })).toEqual({ n: undefined });
  });

  it('refuses a condition that is neither a number nor a boolean, where its type is open', () => {
    const condition = input.any<number>('any');
    const run = ComputationGraph.of({ total: ops.sum(image, { condition }) }).compile();
    for (const any of ['no', null, frame(0), {}]) {
      expect(() => run({ image: frame(1, 2), any })).toThrow(
        '"total": failed on an event: its condition is not scalar',
      );
    }
    for (const any of [false, 0, Number.NaN, undefined]) {
      expect(run({ image: frame(1, 2), any })).toEqual({ total: undefined });
    }
    expect(run({ image: frame(1, 2), any: true })).toEqual({ total: 3 });
  });

  it('takes ops with several outputs and optional inputs', () => {
    const one = minMax(x, { least: -1 });
    const two = minMax(x, y, {});
    const run = ComputationGraph.of({ a: one.low, b: one.high, c: two.low, d: two.high }).compile(registry);
    expect(run({ x: 4, y: 9 })).toEqual({ a: -1, b: 4, c: 0, d: 9 });
    expect(run({ x: -101, y: 9 })).toEqual({ a: undefined, b: undefined, c: undefined, d: undefined });
    expect(run({ x: 4 })).toEqual({ a: -1, b: 4, c: undefined, d: undefined });
  });

  it('names the node that fails, and never the value', () => {
    const run = ComputationGraph.of({ n: fails(ops.add(x, y), { name: 'the node' }) }).compile(registry);
    const message = (event: object): string => {
      try {
        run(event as never);
      } catch (error) {
        expect(error).toBeInstanceOf(GraphError);
        expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret');
        return (error as GraphError).message;
      }
      return 'nothing';
    };
    expect(message({ x: 1, y: 0 })).toBe('graph: "the node": failed on an event: RangeError');
    expect(message({ x: 2, y: 0 })).toBe('graph: "the node": failed on an event: two is too much');
    expect(message({ x: 3, y: 0 })).toBe('graph: "the node": failed on an event: a thrown string');
    expect(run({ x: 4, y: 0 })).toEqual({ n: 4 }); // it goes on
    expect(message({ x: 'secret', y: 0 })).toBe('graph: "x": the event does not give scalar');
  });

  it('checks what events give, and what flows where a type is open', () => {
    const run = ComputationGraph.of({ a: ops.sum(image), b: ops.sum(input.any<never>('thing')) }).compile();
    const ok = frame(1, 2);
    expect(run({ image: ok, thing: ndarray(new Int8Array(3)) })).toEqual({ a: 3, b: 0 });
    const wrong = [
      1,
      null,
      'x',
      [],
      ndarray(new Float64Array(2)),
      ndarray(new Float32Array(2), [1, 2]),
      { ...ok, shape: [3, 1] },
    ];
    for (const value of wrong)
      expect(() => run({ image: value })).toThrow('"image": the event does not give float64 array of rank 2');
    for (const value of [1, null, { ...ok, shape: [9] }]) {
      expect(() => run({ thing: value })).toThrow('failed on an event: its input 1 is not array');
    }
    expect(run({ image: { ...ok, more: 1 }, thing: { ...ok, name: 'x' } })).toEqual({ a: 3, b: 3 });
  });

  it('refuses a graph with faults, with all of them', () => {
    const graph = ComputationGraph.empty.withNode('n', { op: 'none', inputs: ['a', 'b'], outputs: [] });
    expect(() => graph.compile()).toThrow(/"a".*"b".*not known/);
  });
});

describe('reductions', () => {
  const graph = ComputationGraph.of({ ...ops.accumulator(ops.filter(x, keep)), x2: ops.add(x, x) });

  it('have results, of which other nodes can make more', () => {
    const { count, sum } = ops.accumulator(x);
    const run = ComputationGraph.of({ mean: ops.divide(sum, count), latest: ops.add(x, x) }).compile();
    expect([run.outputs, run.reduced]).toEqual([['latest'], ['mean']]);
    expect(run.results()).toEqual({ mean: undefined });
    for (const value of [1, 2, 6]) expect(run({ x: value })).toEqual({ latest: 2 * value });
    expect(run.results()).toEqual({ mean: 3 });
    run({ x: 1 });
    expect(run.results()).toEqual({ mean: 2.5 });
    run.reset();
    expect(run.results()).toEqual({ mean: undefined });
  });

  it('of two runs do not know of each other until they are merged', () => {
    const [a, b] = [graph.compile(), graph.compile()];
    a({ x: 1, keep: true });
    b({ x: 10, keep: true });
    b({ x: 99, keep: false });
    expect(a.results()).toEqual({ count: 1, sum: 1 });
    const theirs = structuredClone(b.state());
    a.merge(b.state());
    expect(b.state()).toEqual(theirs);
    expect(a.results()).toEqual({ count: 2, sum: 11 });
    a({ x: 5, keep: 1 });
    expect([a.results(), b.results()]).toEqual([
      { count: 3, sum: 16 },
      { count: 1, sum: 10 },
    ]);
  });

  it('do not count an event that fails before them', () => {
    const run = ComputationGraph.of({ ...ops.accumulator(x), n: fails(x) }).compile(registry);
    expect(() => run({ x: 2 })).toThrow(GraphError);
    expect(run.results()).toEqual({ count: 0, sum: undefined });
  });

  it('find their states whatever their nodes are called, and in whatever order the graph was built', () => {
    const [sx, sy] = [() => ops.accumulator(x).sum, () => ops.accumulator(y).sum];
    const worker = ComputationGraph.of({ sx: sx(), sy: sy(), again: sx() });
    const reducers = [
      ComputationGraph.of({ again: sx(), sy: sy(), sx: sx() }),
      ComputationGraph.of({
        sx: ops.accumulator(x, { name: 'accumulator_2' }).sum,
        sy: ops.accumulator(y, { name: 'accumulator' }).sum,
        again: sx(),
      }),
    ];
    const run = worker.compile();
    run({ x: 1, y: 100 });
    for (const graph of reducers) {
      expect(graph.hash()).toBe(worker.hash());
      const reducer = graph.compile();
      reducer.merge(run.state());
      reducer.merge(run.state());
      expect(reducer.results()).toEqual({ sx: 2, sy: 200, again: 2 });
    }
  });

  it('refuse states of other graphs, and what is none', () => {
    const run = graph.compile();
    const other = ComputationGraph.of({ ...ops.accumulator(x) }).compile();
    const mine = run.state();
    for (const state of [other.state(), null, 1, {}, { ...mine, graph: 'x' }, { ...mine, nodes: {} }]) {
      expect(() => run.merge(state as never)).toThrow('the state is that of another graph');
    }
    expect(() => run.merge({ ...mine, nodes: new Map() })).toThrow('"accumulator": is missing in the state');
    const [accumulator = ''] = mine.nodes.keys();
    for (const state of [null, 1, { count: 1, of: { small: 5, large: [], special: 0 } }, { count: 1, of: 'x' }]) {
      expect(() => run.merge({ ...mine, nodes: new Map([[accumulator, state]]) })).toThrow(GraphError);
    }
  });

  it('of your own name the node that fails, at each step', () => {
    const make = (step: string) => {
      const act = <T>(name: string, value: T): T => {
        if (name === step) throw new Error('secret');
        return value;
      };
      return defineReduction({
        name: 'own',
        inputs: [valueType.scalar],
        outputs: valueType.number,
        init: () => act('init', 0),
        add: (state, value) => act('add', state + Number(value)),
        merge: (a, b) => act('merge', a + b),
        finish: (state) => act('finish', state),
      });
    };
    for (const step of ['init', 'add', 'merge', 'finish', 'none']) {
      const own = make(step);
      const work = () => {
        const run = ComputationGraph.of({ total: own(x, { name: 'it' }) }).compile(builtinOps.with(own));
        run({ x: 2 });
        run.merge(run.state());
        return run.results();
      };
      if (step === 'none') expect(work()).toEqual({ total: 4 });
      else expect(work).toThrow(/^graph: "it": (failed on an event: )?Error$/);
    }
  });
});
