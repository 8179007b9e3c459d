import { setImmediate } from 'node:timers/promises';
import type { ComputationGraph, Namespace } from '../../src/index.js';
import { toEvent } from './graph.js';
import { EVENTS, GRAPH, STATE } from './results.js';
import type { DetectorEvent } from './source.js';

/** The number of events between two writes to Redis. */
const BATCH = 25;

/**
 * Fetches the graph and runs it on each event. Its state grows in this process, and is written to the worker's own keys
 * after each batch, where the reducer can read it.
 */
export async function work(me: Namespace, events: Iterable<DetectorEvent>, signal: AbortSignal): Promise<void> {
  const run = (await fetchGraph(me)).compile();
  const state = me.value(...STATE);
  const done = me.value(...EVENTS);
  let seen = 0;

  const publish = async (): Promise<void> => {
    await state.set(run.state());
    // Written last, so that a reader finds at least as many events in the state.
    await done.set(seen);
  };

  for (const event of events) {
    run(toEvent(event));
    seen += 1;
    if (seen % BATCH !== 0) continue;
    await publish();
    if (signal.aborted) return;
    // On the embedded client no call waits for a server, so let others have a turn here.
    await setImmediate();
  }
  await publish();
}

/** Fetches the graph of this run from the reducer of the same host. */
async function fetchGraph(me: Namespace): Promise<ComputationGraph> {
  const [reducer] = await me.peers('reducer', { hostname: me.hostname });
  const graph =
    reducer === undefined
      ? undefined
      : await me
          .peer(reducer)
          .value(...GRAPH)
          .get();
  if (graph === undefined) throw new Error('There is no reducer with a graph to run');
  return graph;
}
