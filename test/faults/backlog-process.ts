/** A process whose server hangs, and that makes calls without waiting for them; see backpressure.test.ts. */
import { codec, connect, Namespace } from '../../src/index.js';
import { startRedisServer } from '../support/redis-server.js';

/** What it found out; sizes in bytes. */
export interface BacklogReport {
  readonly accepted: number;
  readonly refused: number;
  /** By how much what it holds grew at most, garbage left out: how much of that there is, is for V8 to choose. */
  readonly grown: number;
  readonly others: readonly unknown[];
}

const [max = '', calls = '', size = ''] = process.argv.slice(2);
const value = Buffer.alloc(Number(size), 7);

await using server = await startRedisServer();
const client = connect(server.url, { deadline: 60_000, maxPendingBytes: Number(max) });
client.on('error', () => {});
const me = new Namespace(client, { processType: 'test', id: 1 });
const map = me.map('map', { value: codec.bytes });
// What this process takes without a backlog, garbage included.
for (let i = 0; i < 20; i += 1)
  await Promise.all(Array.from({ length: 2_000 }, (_, k) => map.set(`${k}`, value.subarray(0, 8))));
await server.kill('SIGSTOP');
const before = held();

let refused = 0;
let accepted = 0;
let highest = 0;
const others = new Set<unknown>();
const count = (error: unknown): void => {
  const { code } = error as { code?: unknown };
  if (code === 'BACKPRESSURE') refused += 1;
  else others.add(code);
};
for (let i = 0; i < Number(calls); i += 1) {
  map.set(`key-${i}`, value).catch(count);
  if (i % 10_000 !== 9_999) continue;
  await new Promise(setImmediate);
  if (i % Math.ceil(Number(calls) / 10) > 10_000) continue;
  highest = Math.max(highest, held());
}
await new Promise(setImmediate);
highest = Math.max(highest, held());
accepted = me.pending.calls;
const report: BacklogReport = { accepted, refused, grown: highest - before, others: [...others] };
client.disconnect();
process.stdout.write(JSON.stringify(report));

function held(): number {
  if (global.gc === undefined) throw new Error('run with --expose-gc');
  global.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
