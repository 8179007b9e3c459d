import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type GraphFault, GraphError, OpError } from '../../src/errors.js';
import { ComputationGraph } from '../../src/graph/computation-graph.js';
import type { GraphNodeInit } from '../../src/graph/node.js';
import { defineOp } from '../../src/graph/op.js';
import { builtinOps, ops } from '../../src/graph/ops.js';
import { OpRegistry } from '../../src/graph/registry.js';
import { type ValueType, valueType } from '../../src/graph/value-type.js';

const INPUTS: readonly [string, ValueType][] = [
  ['x', valueType.scalar],
  ['image', valueType.array({ dtype: 'float64', rank: 2 })],
  ['trace', valueType.array({ rank: 1 })],
  ['thing', valueType.any],
];

const schemaOf = (validate: (value: unknown) => unknown) =>
  ({ '~standard': { version: 1, vendor: 'test', validate } }) as unknown as StandardSchemaV1;
const clip = defineOp({
  name: 'clip',
  inputs: [valueType.scalar],
  parameters: z.object({ top: z.number(), more: z.array(z.string()).default([]) }),
  outputs: valueType.number,
  run: (value, { top }) => Math.min(Number(value), top),
});
const odd = (name: string, schema: StandardSchemaV1) =>
  defineOp({ name, inputs: [], parameters: schema, outputs: valueType.number, run: () => 1 });
const registry = builtinOps.with(
  clip,
  odd(
    'throws',
    schemaOf(() => {
      throw new RangeError('secret');
    }),
  ),
  odd(
    'waits',
    schemaOf(async () => ({ value: 1 })),
  ),
  odd(
    'wide',
    schemaOf(() => ({ issues: Array.from({ length: 7 }, () => ({ message: 'no', path: ['a', { key: 0 }] })) })),
  ),
  defineOp({
    name: 'picky',
    inputs: [valueType.array()],
    outputs: () => {
      throw new OpError('wants something else');
    },
    run: () => undefined,
  }),
);

function faultsOf(nodes: Readonly<Record<string, GraphNodeInit>>): GraphFault[] {
  const graph = new ComputationGraph({ inputs: INPUTS, nodes: Object.entries(nodes) });
  const faults = graph.validate(registry);
  if (faults.length > 0) {
    expect(() => graph.compile(registry)).toThrow(GraphError);
  }
  return faults;
}

const node = (op: string, inputs: string[], more: Partial<GraphNodeInit> = {}): GraphNodeInit => ({
  op,
  inputs,
  outputs: ['out'],
  ...more,
});

describe('a fault', () => {
  it.each<[string, GraphNodeInit, GraphFault['kind'] | undefined, string]>([
    ['none', node('sum', ['image']), undefined, ''],
    ['an op that is not known', node('sun', ['image']), 'unknown-op', 'the op "sun" is not known here'],
    [
      'an input that is missing',
      node('sum', ['none']),
      'missing-input',
      'needs "none", which neither an event nor a node gives',
    ],
    [
      'a condition that is missing',
      node('sum', ['image'], { condition: 'none' }),
      'missing-input',
      'needs "none", which neither an event nor a node gives',
    ],
    ['too many inputs', node('sum', ['image', 'x']), 'inputs', 'has 2 inputs; its op takes 1'],
    ['too few inputs', node('add', ['x']), 'inputs', 'has 1 inputs; its op takes 2'],
    [
      'more than the optional inputs',
      node('binning1D', ['x', 'x', 'x'], { parameters: { bins: 2, from: 0, to: 1 } }),
      'inputs',
      'has 3 inputs; its op takes 1 to 2',
    ],
    ['too many outputs', node('sum', ['image'], { outputs: ['a', 'b'] }), 'outputs', 'has 2 outputs; its op makes 1'],
    ['no outputs', node('sum', ['image'], { outputs: [] }), 'outputs', 'has 0 outputs; its op makes 1'],
    [
      'an output that an event gives',
      node('sum', ['image'], { outputs: ['x'] }),
      'duplicate-output',
      'makes the value "x", which is an input of the graph',
    ],
    ['a scalar for an array', node('sum', ['x']), 'type', 'its input 1 is scalar instead of array'],
    [
      'an array for a scalar',
      node('filter', ['x', 'image']),
      'type',
      'its input 2 is float64 array of rank 2 instead of scalar',
    ],
    [
      'an array as a condition',
      node('sum', ['image'], { condition: 'trace' }),
      'type',
      'its condition is array of rank 1 instead of scalar',
    ],
    [
      'a rank that the region is not of',
      node('roi', ['trace'], { parameters: { start: [0, 0], stop: [1, 1] } }),
      'type',
      'a region of 2 axes is no part of an array of rank 1',
    ],
    [
      'an axis too far',
      node('projection', ['trace'], { parameters: { axis: 1 } }),
      'type',
      'an array of rank 1 has no axis 1',
    ],
    ['arrays of two ranks', node('add', ['trace', 'image']), 'type', 'arrays of two ranks have no common shape'],
    ['what an op says of types', node('picky', ['image']), 'type', 'wants something else'],
    [
      'parameters of an op without',
      node('sum', ['image'], { parameters: {} }),
      'parameters',
      'its op has no parameters',
    ],
    [
      'parameters that are missing',
      node('roi', ['image']),
      'parameters',
      'its parameters are refused: are not an object',
    ],
    [
      'a parameter that is not known',
      node('projection', ['image'], { parameters: { axis: 0, axes: 1 } }),
      'parameters',
      'its parameters are refused: axes: is not a parameter',
    ],
    [
      'a parameter out of range',
      node('histogram', ['image'], { parameters: { bins: 0, from: 0, to: 1 } }),
      'parameters',
      'its parameters are refused: bins: is not a whole number from 1 to 16777216',
    ],
    [
      'parameters that contradict',
      node('histogram', ['image'], { parameters: { bins: 1, from: 1, to: 1 } }),
      'parameters',
      'its parameters are refused: to is not greater than from',
    ],
    [
      'a schema of another library',
      node('clip', ['x'], { parameters: { top: '1' } }),
      'parameters',
      'its parameters are refused: top: Invalid input: expected number, received string',
    ],
    [
      'a schema that throws',
      node('throws', [], { parameters: {} }),
      'parameters',
      'the schema of its parameters threw (RangeError)',
    ],
    [
      'a schema that waits',
      node('waits', [], { parameters: {} }),
      'parameters',
      'the schema of its parameters is asynchronous',
    ],
    [
      'a schema with much to say',
      node('wide', [], { parameters: {} }),
      'parameters',
      `its parameters are refused: ${'a.0: no, '.repeat(5)}…`,
    ],
  ])('%s', (_, given, kind, message) => {
    expect(faultsOf({ n: given })).toEqual(kind === undefined ? [] : [{ kind, node: 'n', message }]);
  });

  it.each([
    node('histogram', ['image'], { parameters: { bins: 4, from: -1e308, to: 1e308 } }),
    node('binning1D', ['x'], { parameters: { bins: 4, from: 0, to: 5e-324 } }),
    node('binning2D', ['x', 'x'], { parameters: { bins: [1, 1], from: [0, -1e308], to: [1, 1e308] } }),
  ])('of bins whose width is infinite or 0, which would lose values: $op', (given) => {
    const [fault, ...more] = faultsOf({ n: given });
    expect(more).toEqual([]);
    expect(fault).toMatchObject({ kind: 'parameters', node: 'n' });
    expect(fault?.message).toContain('the width of a bin is no number that could be counted with');
  });

  it('of values made twice names the later node and the first', () => {
    expect(faultsOf({ a: node('sum', ['image']), b: node('sum', ['image']) })).toEqual([
      { kind: 'duplicate-output', node: 'b', message: 'makes the value "out", which "a" makes' },
    ]);
  });

  it('of what a reduction makes, mixed with what an event gives', () => {
    const mean = { op: 'accumulator', inputs: ['x'], outputs: ['count', 'total'] };
    const after = node('divide', ['total', 'count']);
    expect(faultsOf({ mean, after })).toEqual([]);
    const kinds = (more: GraphNodeInit) => faultsOf({ mean, more }).map(({ kind, node }) => [kind, node]);
    expect(kinds(node('add', ['total', 'x']))).toEqual([['stage', 'more']]);
    expect(kinds(node('sumN', ['total'], { parameters: { n: 1 }, outputs: ['a', 'b'] }))).toEqual([['stage', 'more']]);
    expect(kinds(node('add', ['x', 'x'], { condition: 'count' }))).toEqual([['stage', 'more']]);
    expect(kinds(node('sum', ['total']))).toEqual([]);
  });

  it('in the schema of what any value may be shows at run time only', () => {
    expect(faultsOf({ n: node('sum', ['thing']) })).toEqual([]);
  });
});

describe('cycles', () => {
  it('are each reported once, with a shortest path', () => {
    const pass = (input: string, output: string, condition?: string): GraphNodeInit => ({
      op: 'filter',
      inputs: [input, 'x'],
      outputs: [output],
      condition,
    });
    const faults = faultsOf({
      a: pass('c.', 'a.'),
      b: pass('a.', 'b.'),
      c: pass('b.', 'c.', 'a.'),
      self: pass('self.', 'self.'),
      behind: pass('a.', 'behind.'),
      p: pass('q.', 'p.', 'c.'),
      q: pass('x', 'q.', 'p.'),
    });
    expect(faults.map(({ kind, node: name, path }) => [kind, name, path])).toEqual([
      ['cycle', 'a', ['a', 'c']],
      ['cycle', 'p', ['p', 'q']],
      ['cycle', 'self', ['self']],
    ]);
    expect(faults[0]?.message).toBe('is on a cycle: a → c → a');
  });
});

it('all faults are reported at once, by node', () => {
  const faults = faultsOf({
    cyclic: { op: 'sum', inputs: ['cyclic'], outputs: ['cyclic'] },
    missing: { op: 'sum', inputs: ['none'], outputs: ['m'] },
    twice: { op: 'sum', inputs: ['x'], outputs: ['m'] },
    unknown: { op: 'nothing', inputs: [], outputs: ['u'] },
    wrong: { op: 'roi', inputs: ['u'], outputs: ['w'], parameters: { start: 1 } },
  });
  expect(faults.map(({ node: name, kind }) => `${name} ${kind}`)).toEqual([
    'cyclic cycle',
    'missing missing-input',
    'twice duplicate-output',
    'twice type',
    'unknown unknown-op',
    'wrong parameters',
  ]);
  const error = new GraphError([...faults]);
  expect(error.code).toBe('GRAPH');
  expect(error.faults).toEqual(faults);
  expect(error.message).toMatch(/^graph: "cyclic": is on a cycle: cyclic → cyclic; "missing": .*; and 1 more$/);
});

it('a registry has each name once', () => {
  const rival = defineOp({ name: 'sum', inputs: [], outputs: valueType.number, run: () => 1 });
  expect(() => builtinOps.with(rival)).toThrow(TypeError);
  expect(builtinOps.with(ops.sum).get('sum')).toBe(ops.sum);
  expect([...new OpRegistry([rival])]).toEqual([rival]);
  expect(new OpRegistry().get('__proto__')).toBeUndefined();
});

it('an op that cannot be is refused when it is defined', () => {
  const make = (more: object) => () =>
    defineOp({ name: 'n', inputs: [], outputs: valueType.number, run: () => 1, ...more });
  expect(make({})).not.toThrow();
  expect(make({ name: '' })).toThrow(TypeError);
  expect(make({ inputs: [valueType.optional(valueType.any), valueType.any] })).toThrow(TypeError);
  expect(make({ parameters: {} })).toThrow(TypeError);
  expect(() => valueType.array({ dtype: 'complex64' as never })).toThrow(TypeError);
  expect(() => valueType.array({ rank: -1 })).toThrow(RangeError);
});
