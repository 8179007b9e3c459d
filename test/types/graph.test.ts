import { describe, expect, test } from 'vitest';
import { messages } from './compile.js';

const START = `import { builtinOps, codec, ComputationGraph, defineOp, defineReduction, Flow, input, ops, valueType } from 'redimap';
import type { Codec, CompiledGraph, GraphFault, GroupKey, Namespace, NdArray } from 'redimap';
import { z } from 'zod';
declare const me: Namespace;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._equal: Equal<A, B> extends true ? [] : ['are different']): void {}
const image = input.array('image', { dtype: 'uint16', rank: 2 });
const x = input.scalar('x');
const clip = defineOp({
  name: 'clip',
  inputs: [valueType.scalar, valueType.optional(valueType.array())],
  parameters: z.object({ top: z.number(), unit: z.string().default('eV') }),
  outputs: { clipped: valueType.number, rest: valueType.array({ dtype: 'float64' }) },
  run: (value, mask, { top, unit }) => {
    same<typeof value, number | boolean>();
    same<typeof mask, NdArray | undefined>();
    same<typeof unit, string>();
    return { clipped: top, rest: undefined };
  },
});
`;
const complaints = (code: string): string[] => messages(START + code);

describe('inference', () => {
  const right: Readonly<Record<string, string>> = {
    'flows know what flows': `
      same<typeof image, Flow<NdArray<'uint16'>>>();
      const cut = ops.roi(image, { start: [0, 0], stop: [1, 1] });
      same<typeof cut, Flow<NdArray<'uint16'>>>();
      const total = ops.sum(cut);
      same<typeof total, Flow<number>>();
      const kept = ops.filter(cut, x);
      same<typeof kept, Flow<NdArray<'uint16'>>>();
      const difference = ops.subtract(image, total);
      same<typeof difference, Flow<NdArray<'float64'>>>();
      const product = ops.multiply(total, x);
      same<typeof product, Flow<number>>();
      const { means, counts } = ops.meanByKey(image, x);
      same<typeof means, Flow<Map<GroupKey, NdArray<'float64'>>>>();
      same<typeof counts, Flow<Map<GroupKey, number>>>();
      const last = ops.rollingBuffer(total, x, { n: 3 });
      same<typeof last, Flow<number[]>>();`,
    'ops of your own do, too': `
      const { clipped, rest } = clip(x, { top: 3 });
      same<typeof clipped, Flow<number>>();
      same<typeof rest, Flow<NdArray<'float64'>>>();
      clip(x, image, { top: 3, unit: 'keV' }, { name: 'n', owner: 'alice', condition: x });
      ops.sum(rest);`,
    'reductions infer their state': `
      const longest = defineReduction({
        name: 'longest',
        inputs: [valueType.array()],
        outputs: valueType.number,
        init: () => ({ length: 0 }),
        add: (state, array) => ({ length: Math.max(state.length, array.data.length) }),
        merge: (a, b) => (a.length > b.length ? a : b),
        finish: (state) => state.length,
      });
      const result = longest(image);
      same<typeof result, Flow<number>>();`,
    'graphs are values': `
      const graph = ComputationGraph.of({ total: ops.sum(image) });
      const value = me.value('graph', { value: codec.graph });
      await value.set(graph);
      same<Awaited<ReturnType<typeof value.get>>, ComputationGraph | undefined>();
      const run: CompiledGraph = graph.compile(builtinOps.with(clip), { outputs: ['total'] });
      const faults: readonly GraphFault[] = graph.validate();
      run({ image: 1 })['total'];`,
  };
  test.each(Object.entries(right))('%s', (_, code) => {
    expect(complaints(code)).toEqual([]);
  });
});

describe('misuse does not compile', () => {
  const wrong: Readonly<Record<string, string>> = {
    'a number where an op takes an array': `ops.sum(x);`,
    'an array where an op takes a number': `ops.filter(image, image);`,
    'a value where an op takes a flow': `ops.sum(5);`,
    'parameters that are missing': `ops.roi(image);`,
    'a parameter of another type': `ops.roi(image, { start: 0, stop: 1 });`,
    'a parameter that is not known': `ops.projection(image, { axis: 0, axes: 1 });`,
    'a word that is not known': `ops.reduceByKey(x, x, { reduce: 'median' });`,
    'parameters of an op without': `ops.sum(image, { axis: 1 });`,
    'an input that is missing': `ops.meanByKey(x);`,
    'an input too many': `ops.sum(image, image);`,
    'what no array is compared to': `ops.max(ops.meanByKey(image, x).means);`,
    'parameters of an own op': `clip(x, { bottom: 3 });`,
    'an own op with its inputs turned': `clip(image, x, { top: 3 });`,
    'a result that the op does not say': `defineOp({ name: 'n', inputs: [], outputs: valueType.number, run: () => 'text' });`,
    'an output that is missing': `defineOp({ name: 'n', inputs: [], outputs: { a: valueType.number, b: valueType.number }, run: () => ({ a: 1 }) });`,
    'a state of another type': `defineReduction({ name: 'n', inputs: [valueType.scalar], outputs: valueType.number, init: () => 0, add: (s, v) => 'x', merge: (a, b) => a, finish: (s) => s });`,
    'a dtype that is not known': `input.array('image', { dtype: 'complex64' });`,
    'a result that is no flow': `ComputationGraph.of({ total: 5 });`,
    'a placement that is none': `ops.sum(image, { owner: 5 });`,
    'a change of a node': `ComputationGraph.empty.nodes.set('n', {} as never);`,
  };
  test.each(Object.entries(wrong))('%s', (_, code) => {
    expect(complaints(code).length).toBeGreaterThan(0);
  });
});
