import { readFileSync } from 'node:fs';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { GraphError } from '../../src/errors.js';
import { ComputationGraph } from '../../src/graph/computation-graph.js';
import { input } from '../../src/graph/flow.js';
import { ops } from '../../src/graph/ops.js';
import { valueType } from '../../src/graph/value-type.js';

const image = input.array('image', { dtype: 'uint16', rank: 2 });
const laser = input.scalar('laser');
const delay = input.scalar('delay');
const region = ops.roi(image, { start: [0, 0], stop: [2, 2] });
const total = ops.sum(region, { owner: 'alice' });
const graph = ComputationGraph.of({ total, ...ops.meanByKey(ops.filter(total, laser), delay) });

/** What a call throws. */
function thrown(call: () => unknown): GraphError {
  try {
    call();
  } catch (error) {
    if (error instanceof GraphError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('building', () => {
  it('names nodes and values after results and ops, and shares what is shared', () => {
    expect(Object.fromEntries(graph.nodes)).toEqual({
      roi: { op: 'roi', inputs: ['image'], outputs: ['roi'], parameters: { start: [0, 0], stop: [2, 2] } },
      total: { op: 'sum', inputs: ['roi'], outputs: ['total'], parameters: null, owner: 'alice' },
      filter: { op: 'filter', inputs: ['total', 'laser'], outputs: ['filter'], parameters: null },
      meanByKey: { op: 'meanByKey', inputs: ['filter', 'delay'], outputs: ['means', 'counts'], parameters: null },
    });
    expect([...graph.inputs.keys()].sort()).toEqual(['delay', 'image', 'laser']);
    expect(graph.inputs.get('image')).toEqual({ kind: 'array', dtype: 'uint16', rank: 2 });
  });

  it('numbers ops that come again, around names that are taken', () => {
    const x = input.array('sum');
    const [a, b] = [ops.sum(x), ops.sum(x)];
    expect([...ComputationGraph.of({ sum_2: ops.add(a, b) }).nodes.keys()]).toEqual(['sum_3', 'sum_4', 'sum_2']);
    const named = ComputationGraph.of({ a: ops.sum(x, { name: 'node', condition: laser }) });
    expect(named.nodes.get('node')).toMatchObject({ outputs: ['a'], condition: 'laser' });
    const rest = ComputationGraph.of({ means: ops.meanByKey(ops.sum(x), delay).means });
    expect(rest.nodes.get('meanByKey')?.outputs).toEqual(['means', 'meanByKey.counts']);
  });

  it('takes any name, those of prototypes included', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '日本', 'a b"<>#'];
    for (const name of names) {
      const odd = ComputationGraph.of({
        [`${name}!`]: ops.add(input.scalar(name), ops.add(input.scalar(name), delay)),
      });
      expect(odd.validate()).toEqual([]);
      const made = ComputationGraph.empty
        .withInput('x', valueType.scalar)
        .withNode(name, { op: 'add', inputs: ['x', 'x'], outputs: [name] });
      expect(made.validate()).toEqual([]);
      expect(made.compile()({ x: 2 })).toEqual(Object.fromEntries([[name, 4]]));
      expect(made.toMermaid()).toContain('flowchart');
    }
    const unknown = ComputationGraph.empty.withNode('n', {
      op: '__proto__',
      inputs: ['constructor'],
      outputs: ['toString'],
    });
    expect(unknown.validate().map(({ kind }) => kind)).toEqual(['missing-input', 'unknown-op']);
  });

  it.each([
    ['an empty name', () => ComputationGraph.of({ '': total })],
    ['a long name', () => ComputationGraph.of({ ['x'.repeat(257)]: total })],
    ['half a character', () => ComputationGraph.of({ '\ud800': total })],
    ['an input by another name', () => ComputationGraph.of({ other: laser })],
    ['one value by two names', () => ComputationGraph.of({ a: total, b: total })],
    [
      'two nodes of a name',
      () => ComputationGraph.of({ a: ops.sum(image, { name: 'x' }), b: ops.sum(image, { name: 'x' }) }),
    ],
    ['an input of two types', () => ComputationGraph.of({ a: ops.add(laser, input.array('laser')) })],
    [
      'parameters that are no data',
      () => graph.withNode('n', { op: 'x', inputs: [], outputs: [], parameters: { f: () => 1 } }),
    ],
    [
      'parameters that are cyclic',
      () => graph.withNode('n', { op: 'x', inputs: [], outputs: [], parameters: cyclic() }),
    ],
    ['parameters of a class', () => graph.withNode('n', { op: 'x', inputs: [], outputs: [], parameters: new Date() })],
    [
      'a parameter __proto__',
      () => graph.withNode('n', { op: 'x', inputs: [], outputs: [], parameters: JSON.parse('{"__proto__":1}') }),
    ],
    ['an op without a name', () => graph.withNode('n', { op: '', inputs: [], outputs: [] })],
    ['inputs that are no list', () => graph.withNode('n', { op: 'x', inputs: 'ab' as never, outputs: [] })],
    ['an unknown type', () => graph.withInput('n', { kind: 'matrix' } as never)],
    ['a node twice', () => new ComputationGraph({ nodes: [...graph.nodes, ...graph.nodes] })],
  ])('refuses %s', (_, build) => {
    expect(thrown(build).faults.map(({ kind }) => kind)).toEqual(['build']);
  });
});

function cyclic(): unknown {
  const list: unknown[] = [];
  list.push(list);
  return list;
}

describe('editing', () => {
  it('gives new graphs and leaves the old one', () => {
    const more = graph.with({ peak: ops.max(input.array('roi')) }, { owner: 'bob' });
    expect(more.nodes.get('peak')).toEqual({
      op: 'max',
      inputs: ['roi'],
      outputs: ['peak'],
      parameters: null,
      owner: 'bob',
    });
    expect(more.inputs.has('roi')).toBe(false);
    expect(graph.nodes.has('peak')).toBe(false);
    expect(more.withoutOwner('bob').equals(graph)).toBe(true);
    expect(more.withoutNode('peak').equals(graph)).toBe(true);
    expect(graph.withoutOwner('alice').validate()).toMatchObject([{ kind: 'missing-input', node: 'filter' }]);
    expect(graph.withoutInput('laser').validate()).toMatchObject([{ kind: 'missing-input', node: 'filter' }]);
    const replaced = graph.with({ total: ops.mean(input.array('roi')) });
    expect(replaced.nodes.get('total')?.op).toBe('mean');
    expect(replaced.validate()).toEqual([]);
  });

  it('cannot be done in place', () => {
    const parameters = { start: [0, 0], stop: [1, 1] };
    const own = ComputationGraph.of({ cut: ops.roi(image, parameters) });
    const before = own.hash();
    parameters.start[0] = 99;
    const node = own.nodes.get('cut') as unknown as { op: string; inputs: string[]; parameters: { start: number[] } };
    expect(() => node.inputs.push('x')).toThrow(TypeError);
    expect(() => node.parameters.start.push(1)).toThrow(TypeError);
    expect(() => (node.op = 'x')).toThrow(TypeError);
    expect(() => Map.prototype.clear.call(own.nodes)).toThrow(TypeError);
    expect(() => ((own as { nodes: unknown }).nodes = new Map())).toThrow(TypeError);
    expect(own.hash()).toBe(before);
  });

  it('keeps the least that makes some values', () => {
    expect([...graph.subgraph(['total']).nodes.keys()].sort()).toEqual(['roi', 'total']);
    expect([...graph.subgraph(['total']).inputs.keys()]).toEqual(['image']);
    expect([...graph.subgraph(['counts', 'image']).nodes.keys()].sort()).toEqual([
      'filter',
      'meanByKey',
      'roi',
      'total',
    ]);
    expect(thrown(() => graph.subgraph(['none', 'total', 'nil'])).faults.map(({ node }) => node)).toEqual([
      'none',
      'nil',
    ]);
  });
});

describe('order, hash and equality', () => {
  it('do not depend on the order in which nodes were added', () => {
    const turned = new ComputationGraph({
      inputs: [...graph.inputs].reverse(),
      nodes: [...graph.nodes].reverse(),
      wanted: graph.wanted,
    });
    expect(turned.order()).toEqual(graph.order());
    expect(graph.order()).toEqual(['roi', 'total', 'filter', 'meanByKey']);
    expect(turned.hash()).toBe(graph.hash());
    expect(turned.equals(graph)).toBe(true);
    expect(turned.toMermaid()).toBe(graph.toMermaid());
    expect(graph.results()).toEqual(['counts', 'means', 'total']);
    expect(graph.withoutNode('total').results()).toEqual(['counts', 'means', 'roi']);
  });

  it('tell what is computed from what it is called', () => {
    const make = (name: string, stop: number, result = 'means') =>
      ComputationGraph.of({
        [result]: ops.meanByKey(ops.sum(ops.roi(image, { start: [0, 0], stop: [stop, 1] }, { name })), delay).means,
      });
    const base = make('a', 2);
    expect(make('b', 2).hash()).not.toBe(make('b', 3).hash());
    expect(make('b', 2, 'other').hash()).not.toBe(base.hash());
    expect(make('a', 2).equals(base)).toBe(true);
    expect(make('b', 2).equals(base)).toBe(false);
    expect(make('b', 2).hash()).toBe(base.hash());
    expect(base.withNode('a', { ...base.nodes.get('a')!, owner: 'alice' }).hash()).toBe(base.hash());
    expect(base.withInput('unused', valueType.any).hash()).not.toBe(base.hash());
    const conditional = base.withNode('a', { ...base.nodes.get('a')!, condition: 'delay' });
    expect(conditional.hash()).not.toBe(base.hash());
  });

  it('count as results what was named, and nodes that are there for nothing else', () => {
    const { means } = ops.meanByKey(total, delay);
    const named = ComputationGraph.of({ means });
    expect([named.wanted, named.results()]).toEqual([['means'], ['means']]);
    const more = named.withNode('n', { op: 'max', inputs: ['roi'], outputs: ['n'] });
    expect(more.results()).toEqual(['means', 'n']);
    const bare = new ComputationGraph({ inputs: named.inputs, nodes: named.nodes });
    expect(bare.results()).toEqual(['means', 'meanByKey.counts'].sort());
    expect(bare.equals(named)).toBe(false);
    expect(new ComputationGraph({ nodes: [], wanted: ['none'] }).wanted).toEqual([]);
  });

  it('of a graph with a cycle do not exist', () => {
    const cycle = graph.withNode('roi', { ...graph.nodes.get('roi')!, condition: 'total' });
    for (const call of [() => cycle.hash(), () => cycle.order()]) {
      expect(thrown(call).faults).toEqual([
        { kind: 'cycle', node: 'roi', message: 'is on a cycle: roi → total → roi', path: ['roi', 'total'] },
      ]);
    }
  });
});

it('draws itself', () => {
  expect(
    graph.withNode('odd "<1>"', { op: 'a#b', inputs: ['gone'], outputs: ['odd'], condition: 'laser' }).toMermaid(),
  ).toBe(`\
flowchart LR
  i0(["delay<br/>scalar"])
  i1(["image<br/>uint16 array of rank 2"])
  i2(["laser<br/>scalar"])
  n0["filter"]
  n1["meanByKey"]
  n2["odd #34;#60;1#62;#34;<br/>a#35;b"]
  n3["roi"]
  n4["total<br/>sum<br/>of alice"]
  n4 --> n0
  i2 --> n0
  n0 --> n1
  i0 --> n1
  m3["gone<br/>missing"]
  m3 --> n2
  i2 -.-> n2
  i1 --> n3
  n3 --> n4
  r0(("counts"))
  n1 --> r0
  r1(("means"))
  n1 --> r1
  r2(("odd"))
  n2 --> r2
  r3(("total"))
  n4 --> r3
`);
});

it('is drawn in docs/graphs.md as it draws itself', () => {
  const frame = input.array('image', { dtype: 'uint16', rank: 2 });
  const light = ops.sum(ops.roi(frame, { start: [10, 10], stop: [50, 90] }));
  const picture = ComputationGraph.of({ total: light, ...ops.meanByKey(ops.filter(light, laser), delay) }).toMermaid();
  const page = readFileSync(new URL('../../docs/graphs.md', import.meta.url), 'utf8');
  const drawn = new MarkdownIt().parse(page, {}).filter(({ type, info }) => type === 'fence' && info === 'mermaid');
  expect(drawn.map(({ content }) => content)).toContain(picture);
});
