import fc from 'fast-check';
import { encode as foreignEncode } from 'msgpackr';
import { describe, expect, expectTypeOf, it, test } from 'vitest';
import { codec, type Codec } from '../../src/codec/index.js';
import { CodecError, GraphError } from '../../src/errors.js';
import { Namespace } from '../../src/namespace/namespace.js';
import { ComputationGraph } from '../../src/graph/computation-graph.js';
import { input } from '../../src/graph/flow.js';
import { ndarray } from '../../src/graph/nd-array.js';
import type { GraphNodeInit } from '../../src/graph/node.js';
import { ops } from '../../src/graph/ops.js';
import { type ValueType, valueType } from '../../src/graph/value-type.js';
import { describeEachBackend, useBackend } from '../support/matrix.js';
import { anyString, attempt, python, pythonMissing, unaligned } from './support.js';

const total = ops.sum(ops.roi(input.array('image', { dtype: 'uint16', rank: 2 }), { start: [0, 0], stop: [2, 2] }));
const { means, counts } = ops.meanByKey(total, input.scalar('delay'), {
  owner: 'alice',
  condition: input.scalar('laser'),
});
const graph = ComputationGraph.of({ means, counts });
const cyclic = graph.withNode('roi', { op: 'none', inputs: ['sum'], outputs: ['roi'] });

const name = fc.oneof(
  anyString.filter((text) => text !== '' && text.length <= 256 && text.isWellFormed()),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'a', 'b'),
);
const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.double(), fc.integer(), fc.boolean(), fc.constant(null), fc.constantFrom(-0, 2 ** 60, 'x', '')),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '7', 'constructor', 'é'), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const type = fc.oneof(
  fc.constantFrom(valueType.scalar, valueType.any, valueType.array()),
  fc.nat(4).map((rank): ValueType => valueType.array({ dtype: 'float32', rank })),
);
const anyNode: fc.Arbitrary<GraphNodeInit> = fc.record(
  {
    op: name,
    inputs: fc.array(name, { maxLength: 3 }),
    outputs: fc.array(name, { maxLength: 2 }),
    parameters: plain,
    owner: name,
    condition: name,
  },
  { requiredKeys: ['op', 'inputs', 'outputs'] },
);
/** Graphs of all kinds, most of which make no sense. */
const anyGraph = fc
  .record({
    inputs: fc.uniqueArray(fc.tuple(name, type), { selector: ([key]) => key, maxLength: 4 }),
    nodes: fc.uniqueArray(fc.tuple(name, anyNode), { selector: ([key]) => key, maxLength: 6 }),
    wanted: fc.array(name, { maxLength: 3 }),
  })
  .map((init) => new ComputationGraph(init));

/** A document as another program would write it: the marker of a graph, and what follows. */
function documentOf(...rest: unknown[]): Buffer {
  const plainBytes = Buffer.from(foreignEncode([null, ...rest]));
  return Buffer.concat([plainBytes.subarray(0, 1), Buffer.from('c702741067', 'hex'), plainBytes.subarray(2)]);
}

describe('codec.graph', () => {
  it('gives back any graph, and itself inside of others', () => {
    expectTypeOf(codec.graph).toEqualTypeOf<Codec<ComputationGraph>>();
    fc.assert(
      fc.property(anyGraph, (given) => {
        const bytes = codec.graph.encode(given);
        const back = codec.graph.decode(unaligned(bytes));
        expect(back.equals(given)).toBe(true);
        expect(codec.graph.encode(back).equals(bytes)).toBe(true);
        expect(codec.auto.encode(given).equals(bytes)).toBe(true);
        for (const { encode, decode } of [codec.auto, codec.structured]) {
          const value = { graph: given, ['__proto__']: new Map([[1, [given, -0]]]) };
          const other = decode(encode(value)) as typeof value;
          expect(other.graph.equals(given)).toBe(true);
          expect((other['__proto__'].get(1)?.[0] as ComputationGraph).equals(given)).toBe(true);
        }
        expect(() => [back.validate(), back.toMermaid()]).not.toThrow();
        expect(compiles(back)).toBe(back.validate().length === 0);
      }),
      { numRuns: 300 },
    );
  });

  it('writes equal graphs as equal bytes', () => {
    const turned = new ComputationGraph({
      inputs: [...graph.inputs].reverse(),
      nodes: [...graph.nodes].reverse(),
      wanted: graph.wanted,
    });
    expect(codec.graph.encode(turned).equals(codec.graph.encode(graph))).toBe(true);
    const ordered = (parameters: object) => graph.withNode('n', { op: 'x', inputs: [], outputs: [], parameters });
    expect(codec.graph.encode(ordered({ a: 1, b: -0 })).equals(codec.graph.encode(ordered({ b: 0, a: 1 })))).toBe(true);
  });

  it('gives back states of reductions', () => {
    const run = graph.compile();
    const event = { image: ndarray(new Uint16Array(9).fill(3), [3, 3]), delay: 1, laser: true };
    run(event);
    const other = codec.graph.decode(codec.graph.encode(graph)).compile();
    other.merge(codec.auto.decode(codec.auto.encode(run.state())) as never);
    expect(other.results()).toEqual({ means: new Map([[1, 12]]), counts: new Map([[1, 1]]) });
  });

  it('reads version 1, which had no types', () => {
    const nodes = [
      ['sum', 'sum', ['image'], ['sum'], null, null, null],
      ['by', 'meanByKey', ['sum', 'delay'], ['means', 'counts'], null, 'alice', 'laser'],
    ];
    const old = codec.graph.decode(documentOf(1, ['image', 'delay', 'laser'], nodes));
    expect([...old.inputs]).toEqual([
      ['image', { kind: 'any' }],
      ['delay', { kind: 'any' }],
      ['laser', { kind: 'any' }],
    ]);
    expect(old.validate()).toEqual([]);
    const run = old.compile();
    run({ image: ndarray(new Uint8Array([1, 2])), delay: 'early', laser: 1 });
    expect(run.results()['means']).toEqual(new Map([['early', 3]]));
    expect(codec.graph.decode(codec.graph.encode(old)).equals(old)).toBe(true);
  });

  it('reads version 2 as another program writes it', () => {
    const nodes = [['n', 'roi', ['image'], ['cut'], { stop: [1], start: [0] }, null, null]];
    const decoded = codec.graph.decode(documentOf(2, [['image', 'array', 'uint8', 1]], nodes, []));
    expect(
      decoded.equals(
        ComputationGraph.empty.withInput('image', valueType.array({ dtype: 'uint8', rank: 1 })).withNode('n', {
          op: 'roi',
          inputs: ['image'],
          outputs: ['cut'],
          parameters: { start: [0], stop: [1] },
        }),
      ),
    ).toBe(true);
  });

  it('reads graphs that make no sense, which do not run', () => {
    const back = codec.graph.decode(codec.graph.encode(cyclic));
    expect(back.validate().map(({ kind }) => kind)).toEqual(['cycle', 'unknown-op']);
    expect(() => back.compile()).toThrow(GraphError);
  });

  it('refuses values and bytes that are none', () => {
    for (const value of [null, {}, { inputs: new Map(), nodes: new Map() }, new Map()]) {
      expect(() => codec.graph.encode(value as never)).toThrow(CodecError);
      expect(() => codec.graph.decode(codec.auto.encode(value))).toThrow(CodecError);
    }
  });
});

/** Whether a graph runs; anything but a GraphError is thrown. */
function compiles(given: ComputationGraph): boolean {
  try {
    given.compile();
    return true;
  } catch (error) {
    if (error instanceof GraphError) return false;
    throw error;
  }
}

describe('hostile bytes of a graph', () => {
  const fine: unknown[] = ['n', 'sum', ['a'], ['b'], null, null, null];
  const node = (place: number, value: unknown) => documentOf(2, [], [fine.with(place, value)], []);
  it.each<[string, Buffer]>([
    ['without a version', documentOf()],
    ['of version 0', documentOf(0, [], [])],
    ['of a version to come', documentOf(3, [], [])],
    ['of a version that is none', documentOf('2', [], [])],
    ['without nodes', documentOf(2, [])],
    ['without wanted values', documentOf(2, [], [])],
    ['with wanted values that are none', documentOf(2, [], [], [1])],
    ['with more behind', documentOf(2, [], [], [], null)],
    ['of version 1 with more behind', documentOf(1, [], [], [])],
    ['of which the inputs are no list', documentOf(2, {}, [], [])],
    ['with an input that is none', documentOf(2, ['image'], [], [])],
    ['with an input of no type', documentOf(2, [['image', 'matrix', null, null]], [], [])],
    ['with an input of no dtype', documentOf(2, [['image', 'array', '__proto__', null]], [], [])],
    ['with an input of no rank', documentOf(2, [['image', 'array', null, -1]], [], [])],
    ['with an input of a rank too high', documentOf(2, [['image', 'array', null, 1e9]], [], [])],
    ['with an input without a name', documentOf(2, [[null, 'any', null, null]], [], [])],
    [
      'with an input twice',
      documentOf(
        2,
        [
          ['a', 'any', null, null],
          ['a', 'any', null, null],
        ],
        [],
        [],
      ),
    ],
    ['with a node twice', documentOf(2, [], [fine, fine], [])],
    ['with a node that is too short', documentOf(2, [], [fine.slice(1)], [])],
    ['with a node that is none', documentOf(2, [], ['n'], [])],
    ['with a name that is none', node(0, { toString: 1 })],
    ['with a name that is empty', node(0, '')],
    ['with a long name', node(0, 'x'.repeat(257))],
    ['with an op that is none', node(1, 5)],
    ['with inputs that are none', node(2, 'a')],
    ['with an input name that is none', node(2, [['a']])],
    ['with outputs that are none', node(3, null)],
    ['with an owner that is none', node(5, 7)],
    ['with a condition that is none', node(6, ['x'])],
    ['with a Date for parameters', node(4, new Date())],
    ['with bytes in parameters', node(4, [Buffer.from('x')])],
    ['with a property __proto__', node(4, new Map([['__proto__', 1]]))],
    ['with a property that is no text', node(4, new Map([[1, 1]]))],
    [
      'with deep parameters',
      node(
        4,
        Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], 1),
      ),
    ],
    ['with bigints in parameters', node(4, 2n ** 63n)],
  ])('%s are a CodecError', (_, bytes) => {
    for (const { decode } of [codec.graph, codec.auto, codec.structured])
      expect(() => decode(bytes)).toThrow(CodecError);
  });

  it('never show names in the error', () => {
    expect(() =>
      codec.graph.decode(
        documentOf(
          2,
          [
            ['secret', 'any', null, null],
            ['secret', 'any', null, null],
          ],
          [],
          [],
        ),
      ),
    ).toThrow(/^not a ComputationGraph: a name or parameters that no graph can have, or a name twice$/);
  });

  it('damaged or cut anywhere are a graph, another value or a CodecError', () => {
    for (const sample of [graph, cyclic, ComputationGraph.empty]) {
      const bytes = codec.graph.encode(sample);
      const survives = (damaged: Buffer): void => {
        const result = attempt(() => codec.graph.decode(unaligned(damaged)));
        if (result === undefined) return;
        const decoded = result.value as ComputationGraph;
        expect(() => [decoded.validate(), decoded.toMermaid(), codec.graph.encode(decoded)]).not.toThrow();
      };
      for (let bit = 0; bit < 8 * bytes.length; bit++) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        survives(flipped);
      }
      for (let length = 0; length < bytes.length; length++) {
        expect(() => codec.graph.decode(bytes.subarray(0, length))).toThrow(CodecError);
      }
    }
    expect(({} as { parameters?: unknown }).parameters).toBeUndefined();
  });
});

const missing = pythonMissing();
it.skipIf(missing !== undefined)(`is read from Python${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const program = 'import sys, json, msgpack; d = msgpack.unpackb(sys.stdin.buffer.read()); print(json.dumps(d[1:]))';
  expect(JSON.parse(python(program, codec.graph.encode(graph)).toString())).toEqual([
    2,
    [
      ['delay', 'scalar', null, null],
      ['image', 'array', 'uint16', 2],
      ['laser', 'scalar', null, null],
    ],
    [
      ['meanByKey', 'meanByKey', ['sum', 'delay'], ['means', 'counts'], null, 'alice', 'laser'],
      ['roi', 'roi', ['image'], ['roi'], { start: [0, 0], stop: [2, 2] }, null, null],
      ['sum', 'sum', ['roi'], ['sum'], null, null, null],
    ],
    ['counts', 'means'],
  ]);
});

describeEachBackend('graphs in Redis', {}, (backend) => {
  const session = useBackend(backend);

  test('come back equal, run there, and their states merge', async () => {
    const manager = new Namespace(session.client, { hostname: session.host, processType: 'manager', id: 1 });
    await manager.value('graph', { value: codec.graph }).set(graph);
    const workers = [1, 2, 3].map(
      (id) => new Namespace(session.client, { hostname: session.host, processType: 'worker', id }),
    );
    for (const [share, me] of workers.entries()) {
      const run = (await me.peer(manager).value('graph', { value: codec.graph }).get())?.compile();
      for (let event = share; event < 60; event += workers.length) {
        run?.({ image: ndarray(new Uint16Array(4).fill(event), [2, 2]), delay: event % 2, laser: event % 3 });
      }
      await me.value('state').set(run?.state());
    }
    const stored = await manager.map('graphs').set('current', graph);
    expect((await stored.get('current')) as ComputationGraph).toSatisfy((back: ComputationGraph) => back.equals(graph));
    const reducer = graph.compile();
    for (const me of workers.toReversed()) reducer.merge((await me.value('state').get()) as never);
    const alone = graph.compile();
    for (let event = 0; event < 60; event++) {
      alone({ image: ndarray(new Uint16Array(4).fill(event), [2, 2]), delay: event % 2, laser: event % 3 });
    }
    expect(reducer.results()).toEqual(alone.results());
    expect(reducer.results()['counts']).toEqual(
      new Map([
        [0, 20],
        [1, 20],
      ]),
    );
    for (const me of [manager, ...workers]) await me.clear();
  });
});
