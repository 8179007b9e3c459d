import { describe, expect, it } from 'vitest';
import { codec } from '../../src/codec/index.js';
import { GraphError } from '../../src/errors.js';
import { ComputationGraph } from '../../src/graph/computation-graph.js';
import { type Flow, input } from '../../src/graph/flow.js';
import type { GraphNodeInit } from '../../src/graph/node.js';
import { ops } from '../../src/graph/ops.js';

const LENGTH = 100_000;

function chain(length: number): ComputationGraph {
  const one = input.scalar('one');
  let end: Flow<number | boolean> = input.scalar('x');
  for (let step = 0; step < length; step++) end = ops.add(end, one);
  return ComputationGraph.of({ end });
}

describe(`a chain of ${LENGTH} nodes`, () => {
  const graph = chain(LENGTH);

  it('is validated, sorted, hashed, drawn and cut', () => {
    expect(graph.validate()).toEqual([]);
    const order = graph.order();
    expect([order.length, order[0], order.at(-1)]).toEqual([LENGTH, 'add', 'end']);
    expect(graph.hash()).toMatch(/^[0-9a-f]{64}$/);
    expect(graph.toMermaid().length).toBeGreaterThan(LENGTH);
    expect(graph.subgraph(['add_500']).nodes.size).toBe(500);
    expect(graph.equals(chain(LENGTH))).toBe(true);
  });

  it('runs', () => {
    expect(graph.compile()({ x: 5, one: 1 })).toEqual({ end: LENGTH + 5 });
  });

  it('goes through all codecs', () => {
    for (const { encode, decode } of [codec.graph, codec.auto, codec.structured]) {
      expect((decode(encode(graph)) as ComputationGraph).equals(graph)).toBe(true);
    }
  });

  it('that bites its tail is a cycle of that length', () => {
    const cycle = graph.withNode('add', { op: 'add', inputs: ['end', 'one'], outputs: ['add'] });
    const [fault, ...more] = cycle.validate();
    expect([fault?.kind, fault?.path?.length, more.length]).toEqual(['cycle', LENGTH, 0]);
    expect(fault?.message.length).toBeLessThan(200);
    expect(() => cycle.compile()).toThrow(GraphError);
    expect(codec.graph.decode(codec.graph.encode(cycle)).equals(cycle)).toBe(true);
  });
});

it('many nodes of one value, and many faults, take no more than linear time', () => {
  const nodes = Array.from({ length: 50_000 }, (_, index): [string, GraphNodeInit] => [
    `n${index}`,
    { op: 'none', inputs: [`n${index ^ 1}`, 'hub'], outputs: [index % 2 === 0 ? 'hub' : `n${index}`] },
  ]);
  const graph = new ComputationGraph({ nodes });
  const faults = graph.validate();
  expect(faults.filter(({ kind }) => kind === 'unknown-op')).toHaveLength(667); // of 1,000 that are told
  expect(() => graph.compile()).toThrow(/and \d+ more$/);
});
