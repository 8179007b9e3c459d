import { expect, it } from 'vitest';
import { Bench } from '../../bench/harness/bench.js';
import { summarizeRows } from '../../bench/harness/results.js';

it('a race gives a figure for everyone, and tells of those who are not there', async () => {
  const bench = new Bench({ quick: true, port: 0, cluster: [] });
  const calls = { redimap: 0, peer: 0 };
  let closed = 0;
  const absent = { subject: 'absent', package: 'absent', open: () => Promise.reject(new Error('not installed')) };
  const present = {
    subject: 'peer',
    package: 'peer',
    open: async () => ({ client: 'client', version: '1.2.3', close: () => (closed += 1) }),
  };
  expect(await bench.open(absent)).toBeUndefined();
  expect(await bench.open(present)).toBe('client');
  await bench.race(
    [
      { subject: 'redimap', run: () => (calls.redimap += 1) },
      { subject: 'peer', run: async () => (calls.peer += 1) },
    ],
    { operations: 10 },
  );
  const output = await bench.finish();
  expect(closed).toBe(1);
  expect(output.missing).toEqual({ absent: 'not installed' });
  expect(output.versions).toEqual({ peer: '1.2.3' });
  expect(Math.min(calls.redimap, calls.peer)).toBeGreaterThanOrEqual(4);
  const [measure] = summarizeRows(output.rows);
  expect(measure?.figures.map(({ subject, rounds }) => [subject, rounds])).toEqual([
    ['redimap', 3],
    ['peer', 3],
  ]);
  expect(measure?.figures.every(({ median }) => median > 0)).toBe(true);
});
