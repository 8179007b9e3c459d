import { type Command, CommandKind, type ReplyReader } from '../command/command.js';
import * as readers from '../command/readers.js';
import { ReadonlyError } from '../errors.js';
import { timers } from '../timers.js';
import type { CollectionContext } from './context.js';

/** How long to wait for an item. */
export interface TakeOptions {
  /** Milliseconds at most; 0 for not at all. Default: for ever. */
  readonly timeout?: number | undefined;
  /** Ends the wait early. */
  readonly signal?: AbortSignal | undefined;
}

/** How often the embedded client looks for an item, in milliseconds. */
const INTERVAL = 10;

const BLPOP = CommandKind.writing('blpop');

/** BLPOP, with its timeout in milliseconds. https://redis.io/docs/latest/commands/blpop/ */
function blockingPop<T>(
  key: string,
  timeout: number | undefined,
  reply: ReplyReader<T | undefined>,
): Command<Taken<T> | undefined> {
  const seconds = timeout === undefined ? '0' : String(Math.max(1, Math.ceil(timeout)) / 1_000);
  return BLPOP.of(key, [seconds], (raw) => {
    if (!readers.present(raw)) return undefined;
    const [, item = null] = readers.arrayOf(raw, 2);
    return { item: reply(readers.buffer(item)) };
  });
}

/** What was handed out: an item may itself be undefined. */
export interface Taken<T> {
  readonly item: T | undefined;
}

/** The first item of a list, as soon as there is one. */
export async function takeItem<T>(
  context: CollectionContext,
  key: string,
  reply: ReplyReader<T | undefined>,
  { timeout, signal }: TakeOptions,
  takeNow: () => Promise<Taken<T> | undefined>,
): Promise<T | undefined> {
  if (!context.writable) throw new ReadonlyError('Only the process that a list belongs to takes from it', { key });
  if (timeout !== undefined && !(timeout >= 0)) throw new RangeError('timeout must be 0 or more milliseconds');
  signal?.throwIfAborted();
  if (timeout === 0) return (await takeNow())?.item;
  const limit = timeout === Number.POSITIVE_INFINITY ? undefined : timeout;
  if (context.executor.kind === 'embedded') return poll(takeNow, limit, signal);
  return block(context, blockingPop(key, limit, reply), limit, signal);
}

async function block<T>(
  { executor, deadline }: CollectionContext,
  command: Command<Taken<T> | undefined>,
  timeout: number | undefined,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  const connection = await executor.dedicated(command.keys[0], deadline);
  const listener = (): void => connection.unblock();
  try {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', listener, { once: true });
    const taken = await connection.run(command, timeout);
    // An item that was handed out before the abort arrived must not be lost.
    if (taken === undefined) signal?.throwIfAborted();
    return taken?.item;
  } finally {
    signal?.removeEventListener('abort', listener);
    connection.release();
  }
}

async function poll<T>(
  takeNow: () => Promise<Taken<T> | undefined>,
  timeout: number | undefined,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  const end = timeout === undefined ? Number.POSITIVE_INFINITY : timers.now() + timeout;
  for (;;) {
    const taken = await takeNow();
    if (taken !== undefined) return taken.item;
    signal?.throwIfAborted();
    const left = end - timers.now();
    if (left <= 0) return undefined;
    await timers.pause(Math.min(INTERVAL, left));
  }
}
