// A computation as a value: built here, stored in Redis, fetched and run elsewhere, and merged exactly.
import assert from 'node:assert/strict';
import { z } from 'zod';
import { builtinOps, codec, ComputationGraph, connect, defineOp, type GraphState } from '../src/index.js';
import { input, Namespace, ndarray, ops, valueType } from '../src/index.js';

const redis = connect(process.env['REDIS_URL'] ?? 'memory:');
const manager = new Namespace(redis, { processType: 'example-graph-manager', id: 1 });
const workers = [1, 2].map((id) => new Namespace(redis, { processType: 'example-graph-worker', id }));

// A custom op. Only its name is stored; every process that runs the graph has to know it.
const clip = defineOp({
  name: 'clip',
  inputs: [valueType.scalar],
  parameters: z.object({ top: z.number() }),
  outputs: valueType.number,
  run: (value, { top }) => Math.min(Number(value), top),
});
const registry = builtinOps.with(clip);

const light = clip(ops.sum(ops.roi(input.array('image', { rank: 2 }), { start: [1, 1], stop: [3, 3] })), { top: 30 });
const { means, counts } = ops.meanByKey(ops.filter(light, input.scalar('laser')), input.scalar('delay'));
await manager.value('graph', { value: codec.graph }).set(ComputationGraph.of({ means, counts }));

// Each worker fetches the graph, runs it on its share of the events, and publishes its state.
for (const [share, me] of workers.entries()) {
  const graph = await me.peer(manager).value('graph', { value: codec.graph }).get();
  assert.ok(graph !== undefined && graph.validate(registry).length === 0);
  const run = graph.compile(registry);
  for (let event = share; event < 100; event += workers.length) {
    const image = ndarray(new Float64Array(16).fill((event % 9) + 0.1), [4, 4]);
    run({ image, laser: event % 4 < 2, delay: event % 5 });
  }
  await me.value<GraphState>('state').set(run.state());
}

// The reducer merges the states of the workers. The split of the events does not change a bit of the result.
const reducer = (await manager.value('graph', { value: codec.graph }).get())?.compile(registry);
for (const me of workers) reducer?.merge((await me.value<GraphState>('state').get()) as GraphState);
const results = reducer?.results();
console.log('counts by delay', results?.['counts']);
assert.deepEqual(results?.['counts'], new Map([0, 1, 2, 3, 4].map((delay) => [delay, 10])));

// An invalid graph is refused before it runs, with all of its faults.
const broken = ComputationGraph.empty.withNode('a', { op: 'sun', inputs: ['a', 'image'], outputs: ['a'] });
console.log(
  broken
    .validate()
    .map(({ kind }) => kind)
    .sort()
    .join(', '),
);
assert.throws(() => broken.compile(), { code: 'GRAPH' });
for (const me of [manager, ...workers]) await me.clear();
redis.disconnect();
