/**
 * A compiled graph of the demo's size beside the same computation written by hand: events per second, side by side.
 *
 *   npx tsx bench/graph.ts [--rounds N]
 *
 * Both take the demo's events, frames of 28x28 bytes with a digit, and keep sums and counts per digit and the light of
 * all frames. Each round runs both, in turn first and second, on all events; the medians are compared. The results are
 * compared as well, bit for bit.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { ComputationGraph, input, ndarray, ops } from '../src/index.js';
import type { GroupKey, NdArray } from '../src/index.js';

const EVENTS = 10_000;
const [ROWS, COLUMNS] = [28, 28];
const PIXELS = ROWS * COLUMNS;

interface Event {
  readonly digit: number;
  readonly frame: NdArray<'uint8'>;
  readonly [name: string]: unknown;
}

interface Outcome {
  readonly means: ReadonlyMap<GroupKey, NdArray>;
  readonly light: ReadonlyMap<GroupKey, number>;
}

/** Frames whose pixels look random but are the same in every run, a fifth of them lit as in handwriting. */
function makeEvents(): Event[] {
  let seed = 12_345;
  const next = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff);
  return Array.from({ length: EVENTS }, (_, index) => {
    const pixels = Uint8Array.from({ length: PIXELS }, () => ((next() >> 8) % 5 === 0 ? (next() >> 8) & 0xff : 0));
    return { digit: index % 10, frame: ndarray(pixels, [ROWS, COLUMNS]) };
  });
}

function byHand(events: readonly Event[]): Outcome {
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

const frame = input.array('frame', { dtype: 'uint8', rank: 2 });
const digit = input.scalar('digit');
const { means, counts } = ops.meanByKey(frame, digit);
const light = ops.reduceByKey(ops.sum(frame), digit);
const graph = ComputationGraph.of({ means, counts, light });
const run = graph.compile();

function byGraph(events: readonly Event[]): Outcome {
  run.reset();
  for (const event of events) run(event);
  return run.results() as unknown as Outcome;
}

function checkSame(a: Outcome, b: Outcome): void {
  for (const [key, mean] of a.means) {
    const other = b.means.get(key);
    const same = mean.data.every((value, index) => Object.is(value, other?.data[index]));
    if (!same || a.light.get(key) !== b.light.get(key)) throw new Error(`The results differ for ${String(key)}`);
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '41' } } });
const events = makeEvents();
checkSame(byHand(events), byGraph(events));

const subjects = [
  { name: 'by hand', work: byHand, speeds: [] as number[] },
  { name: 'compiled graph', work: byGraph, speeds: [] as number[] },
];
const rounds = Number(options.rounds);
for (let round = -5; round < rounds; round += 1) {
  for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
    const begin = performance.now();
    subject.work(events);
    const speed = EVENTS / ((performance.now() - begin) / 1_000);
    if (round >= 0) subject.speeds.push(speed); // the rounds before are for the compiler
  }
}

console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}, ${rounds} rounds of ${EVENTS} events of 28x28`,
);
for (const { name, speeds } of subjects) {
  const [low, high] = [Math.min(...speeds), Math.max(...speeds)].map((speed) => Math.round(speed).toLocaleString('en'));
  console.log(
    `${name.padEnd(15)} ${Math.round(median(speeds)).toLocaleString('en').padStart(10)} events/s (${low} to ${high})`,
  );
}
const [hand = Number.NaN, compiled = Number.NaN] = subjects.map(({ speeds }) => median(speeds));
console.log(`graph / by hand ${(compiled / hand).toFixed(2)}x`);
