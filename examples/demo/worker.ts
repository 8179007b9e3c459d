import { setImmediate } from 'node:timers/promises';
import { type Namespace, ndarray } from '../../src/index.js';
import { COUNTS, EVENTS, LIGHT, SUMS } from './results.js';
import { COLUMNS, type DetectorEvent, PIXELS, ROWS } from './source.js';

/** Events between two writes to Redis. */
const BATCH = 25;

interface Total {
  readonly sum: Float64Array;
  count: number;
  light: number;
}

/**
 * Adds up frames per digit. The sums grow in plain arrays here; after each batch, those that changed go to the worker's
 * own part of Redis, where others can read them.
 */
export async function work(me: Namespace, events: Iterable<DetectorEvent>, signal: AbortSignal): Promise<void> {
  const sums = me.map(...SUMS);
  const counts = me.map(...COUNTS);
  const light = me.map(...LIGHT);
  const done = me.value(...EVENTS);
  const totals = new Map<number, Total>();
  const changed = new Map<number, Total>();
  let seen = 0;

  const publish = async (): Promise<void> => {
    // Called together, these become one HSET for each of the three maps, whatever the number of digits.
    await Promise.all(
      [...changed].flatMap(([digit, { sum, count, light: lit }]): Promise<unknown>[] => [
        sums.set(digit, ndarray(sum, [ROWS, COLUMNS])),
        counts.set(digit, count),
        light.set(digit, lit),
      ]),
    );
    changed.clear();
    // Said last: who reads it finds at least as many events in the maps.
    await done.set(seen);
  };

  for (const { digit, frame } of events) {
    const total = totals.get(digit) ?? { sum: new Float64Array(PIXELS), count: 0, light: 0 };
    totals.set(digit, total);
    changed.set(digit, total);
    add(total, frame);
    seen += 1;
    if (seen % BATCH !== 0) continue;
    await publish();
    if (signal.aborted) return;
    // On the embedded client nothing ever waits for a server: here others have their turn.
    await setImmediate();
  }
  await publish();
}

function add(total: Total, frame: Uint8Array): void {
  const { sum } = total;
  let light = 0;
  for (let i = 0; i < PIXELS; i += 1) {
    const value = frame[i] ?? 0;
    sum[i] = (sum[i] ?? 0) + value;
    light += value;
  }
  total.count += 1;
  total.light += light;
}
