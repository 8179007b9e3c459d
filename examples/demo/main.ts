import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Namespace } from '../../src/index.js';
import { computeExpected, findFault } from './check.js';
import { drawContactSheet } from './contact-sheet.js';
import { type Crew, startCrew } from './crew.js';
import { type DigitResult, Reducer } from './reducer.js';
import { formatTable, showProgress } from './report.js';
import { chooseRedis } from './server.js';
import { DIGITS, PIXELS, Source } from './source.js';

const WORKERS = 4;

const HELP = `The detector pipeline in small: ${WORKERS} workers fetch a computation graph from Redis and run it on images of
handwritten digits, a reducer combines what they have, and the outcome is compared with plain arrays, bit for bit.

  npm run demo -- [--memory] [--image PATH]

  --memory      use the embedded client, even where there is a Redis
  --image PATH  where the picture of the mean digits goes (output/mean-digits.png)

REDIS_URL names the server to use, or the nodes of a cluster with commas in between. Without it, the demo starts a
redis-server of its own.`;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort(new Error(`Interrupted by ${signal}: everything is tidied up`)));
}
try {
  process.exitCode = await main();
} catch (error) {
  console.error(describe(error));
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
}

async function main(): Promise<number> {
  const { values: options } = parseArgs({
    options: {
      memory: { type: 'boolean', default: false },
      image: { type: 'string', default: 'output/mean-digits.png' },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const begin = performance.now();
  const source = await Source.open();
  const results = await run(source, options.memory);

  const expected = computeExpected(source);
  const rows = DIGITS.map((digit) => {
    const result = results.get(digit);
    const { count = 0, light = 0 } = result ?? {};
    const wanted = expected.get(digit);
    const fault = wanted === undefined ? 'nothing is expected' : findFault(result, wanted);
    return { digit, frames: count, meanLight: light / (count * PIXELS), fault };
  });
  console.log(formatTable(rows));
  if (rows.some(({ fault }) => fault !== undefined)) {
    console.error('FAILED: what Redis holds is not what plain arrays give');
    return 1;
  }
  console.log('All counts, light and mean images equal those of plain arrays, bit for bit.');

  await mkdir(dirname(options.image), { recursive: true });
  await writeFile(options.image, drawContactSheet(DIGITS.flatMap((digit) => results.get(digit)?.mean ?? [])));
  console.log(`Mean digits: ${options.image}`);
  console.log(`Took ${((performance.now() - begin) / 1_000).toFixed(1)} s`);
  return 0;
}

/** Runs workers and reducer once, and leaves nothing in Redis. */
async function run(source: Source, memory: boolean): Promise<Map<number, DigitResult>> {
  await using redis = await chooseRedis(memory);
  console.log(`${source.length} frames, ${WORKERS} ${redis.shared ? 'worker processes' : 'workers'}, one reducer`);
  console.log(`Redis: ${redis.title}`);

  // A host name for this run keeps two runs on one server apart.
  const hostname = `demo-${process.pid}-${Date.now().toString(36)}`;
  const me = new Namespace(redis.client, { hostname, processType: 'reducer' });
  const reducer = new Reducer(me);
  await using _presence = await me.announce();
  await using _keys = { [Symbol.asyncDispose]: () => me.clear() };
  await reducer.publishGraph();
  await using crew = startCrew(redis, hostname, WORKERS, source);
  await follow(reducer, crew, source.length);
  await reducer.reduce(await reducer.findWorkers());
  return await reducer.results();
}

/** Reads the progress of the workers from Redis until they are done. */
async function follow(reducer: Reducer, crew: Crew, total: number): Promise<void> {
  using progress = showProgress(total);
  let workers = await reducer.findWorkers();
  for (;;) {
    interrupted.signal.throwIfAborted();
    if (workers.length < WORKERS) workers = await reducer.findWorkers();
    const events = await reducer.countEvents(workers);
    progress.update(events);
    if (events === total) return;
    await Promise.race([crew.failure, pause(20)]);
  }
}

/** Describes the first error and its causes. */
function describe(error: unknown): string {
  // Tidying up after a failure may fail as well: `await using` keeps the first error below the second.
  if (error instanceof Error && 'suppressed' in error) return describe(error.suppressed);
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n  because: ${describe(error.cause)}`;
}
