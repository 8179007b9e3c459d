/** Runs the modules it is given, in order, and reports how each ended. Started by run.ts. */
import type { Report } from './run.js';

/** How long one program may take, in milliseconds. */
const DEADLINE = 60_000;

for (const [index, file] of process.argv.slice(2).entries()) {
  const error = await run(file);
  await report({ index, error: error === undefined ? null : describe(error) });
}
process.exit(0);

/** Resolves to what went wrong: an error thrown, a rejection nobody handled, or no end. */
async function run(file: string): Promise<unknown> {
  let stop = (_error: unknown): void => {};
  const stray = new Promise<unknown>((resolve) => {
    stop = resolve;
  });
  process.on('unhandledRejection', stop).on('uncaughtException', stop);
  const timer = setTimeout(stop, DEADLINE, new Error(`not done after ${DEADLINE / 1000} seconds`));
  // Node tells of an unhandled rejection after the microtasks: a turn of the event loop lets it speak.
  const done = import(file).then(
    () => new Promise<undefined>((resolve) => setImmediate(resolve, undefined)),
    (error: unknown) => error ?? new Error('threw nothing'),
  );
  const error = await Promise.race([done, stray]);
  clearTimeout(timer);
  process.off('unhandledRejection', stop).off('uncaughtException', stop);
  return error;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}`;
}

function report(message: Report): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => resolve());
  });
}
