import type { GraphOutputs, NdArray } from '../../src/index.js';
import { defineCase } from '../harness/case.js';
import { loadRedimap, type Redimap } from '../subjects/redimap.js';

const EVENTS = 10_000;
const [ROWS, COLUMNS] = [28, 28];
const PIXELS = ROWS * COLUMNS;

interface Event {
  readonly digit: number;
  readonly frame: NdArray<'uint8'>;
  readonly [name: string]: unknown;
}

interface Outcome {
  readonly means: ReadonlyMap<unknown, NdArray>;
  readonly light: ReadonlyMap<unknown, number>;
}

/** Makes frames with pseudo-random pixels, the same in every run, a fifth of them lit as in handwriting. */
function makeEvents(ndarray: Redimap['ndarray']): Event[] {
  let seed = 12_345;
  const next = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff);
  return Array.from({ length: EVENTS }, (_, index) => {
    const pixels = Uint8Array.from({ length: PIXELS }, () => ((next() >> 8) % 5 === 0 ? (next() >> 8) & 0xff : 0));
    return { digit: index % 10, frame: ndarray(pixels, [ROWS, COLUMNS]) };
  });
}

function byHand(events: readonly Event[], ndarray: Redimap['ndarray']): Outcome {
  const totals = new Map<number, { readonly sum: Float64Array; count: number; light: number }>();
  for (const { digit, frame } of events) {
    let total = totals.get(digit);
    if (total === undefined) totals.set(digit, (total = { sum: new Float64Array(PIXELS), count: 0, light: 0 }));
    const { sum } = total;
    const { data } = frame;
    let light = 0;
    for (let i = 0; i < PIXELS; i += 1) {
      const value = data[i] ?? 0;
      sum[i] = (sum[i] ?? 0) + value;
      light += value;
    }
    total.count += 1;
    total.light += light;
  }
  return {
    means: new Map([...totals].map(([digit, { sum, count }]) => [digit, ndarray(sum.map((value) => value / count))])),
    light: new Map([...totals].map(([digit, { light }]) => [digit, light])),
  };
}

function checkSame(a: Outcome, b: Outcome): void {
  for (const [key, mean] of a.means) {
    const other = b.means.get(key);
    const same = mean.data.every((value, index) => Object.is(value, other?.data[index]));
    if (!same || a.light.get(key) !== b.light.get(key)) throw new Error(`The results differ for ${String(key)}`);
  }
}

/** A compiled graph of the demo's size beside the same computation written by hand. */
export const graph = defineCase({
  name: 'graph',
  title: 'a compiled graph: sums and light of 28x28 frames by digit',
  needs: 'nothing',
  bars: [{ against: 'by hand', atLeast: 0.8 }],
  async run(bench) {
    const { ComputationGraph, input, ndarray, ops } = await loadRedimap();
    const frame = input.array('frame', { dtype: 'uint8', rank: 2 });
    const digit = input.scalar('digit');
    const { means, counts } = ops.meanByKey(frame, digit);
    const light = ops.reduceByKey(ops.sum(frame), digit);
    const run = ComputationGraph.of({ means, counts, light }).compile();
    const events = makeEvents(ndarray);
    const byGraph = (): GraphOutputs => {
      run.reset();
      for (const event of events) run(event);
      return run.results();
    };
    checkSame(byHand(events, ndarray), byGraph() as unknown as Outcome);
    await bench.race(
      [
        { subject: 'redimap', run: byGraph },
        { subject: 'by hand', run: () => byHand(events, ndarray) },
      ],
      { operations: EVENTS },
    );
  },
});
