import { codec, keyCodec } from '../../../src/codec/index.js';
import { ComputationGraph } from '../../../src/graph/computation-graph.js';
import type { CompiledGraph, GraphState } from '../../../src/graph/compile.js';
import { input } from '../../../src/graph/flow.js';
import { ops } from '../../../src/graph/ops.js';

/** A graph with each of the reductions. */
export function reducing(): CompiledGraph {
  const array = input.array('array');
  const [key, scalar] = [input.scalar('key'), input.scalar('scalar')];
  const means = ops.meanByKey(array, key);
  return ComputationGraph.of({
    total: ops.accumulator(array).sum,
    ...means,
    least: ops.reduceByKey(array, key, { reduce: 'min' }),
    some: ops.pickN(array, { n: 2 ** 24 }),
    first: ops.sumN(scalar, { n: 2 ** 24 }).sum,
    bins: ops.binning1D(scalar, { bins: 4, from: 0, to: 1 }),
    plane: ops.binning2D(scalar, scalar, { bins: [2, 2], from: [0, 0], to: [1, 1] }),
    fading: ops.exponentialAverage(array, { alpha: 0.5 }),
  }).compile();
}

/** What reads documents, by name, with one that it reads to begin with. */
export const READERS: Readonly<
  Record<string, { readonly read: (bytes: Buffer) => unknown; readonly first: () => Buffer }>
> = {
  auto: { read: codec.auto.decode, first: () => codec.auto.encode([{}]) },
  structured: { read: codec.structured.decode, first: () => codec.structured.encode([{}]) },
  graph: { read: codec.graph.decode, first: () => codec.graph.encode(ComputationGraph.empty) },
  json: { read: codec.json.decode, first: () => codec.json.encode([{}]) },
  'keyCodec.any': { read: (bytes) => keyCodec.any.decode(bytes.toString()), first: () => Buffer.from('[{}]') },
  'compressed auto': {
    read: codec.compressed(codec.auto).decode,
    first: () => codec.compressed(codec.auto).encode([{}]),
  },
  'compressed json': {
    read: codec.compressed(codec.json).decode,
    first: () => codec.compressed(codec.json).encode([{}]),
  },
  compile: {
    read: (bytes) => codec.graph.decode(bytes).compile(),
    first: () => codec.graph.encode(ComputationGraph.empty),
  },
  merge: {
    read: (bytes) => {
      const run = reducing();
      run.merge(codec.auto.decode(bytes) as GraphState);
      return run.results();
    },
    first: () => codec.auto.encode(reducing().state()),
  },
};
