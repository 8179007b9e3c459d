import { type Command, CommandKind, type ReplyReader } from '../command/command.js';
import * as readers from '../command/readers.js';
import { ConnectionError, ReadonlyError } from '../errors.js';
import { inTime } from '../executor/waiting.js';
import { timers } from '../timers.js';
import type { CollectionContext } from './context.js';

/** Options of `take`. */
export interface TakeOptions {
  /** The most milliseconds to wait; 0 for not at all. Default: for ever. */
  readonly timeout?: number | undefined;
  /** Ends the wait early. */
  readonly signal?: AbortSignal | undefined;
}

const BLPOP = CommandKind.writing('blpop');

/** BLPOP, with its timeout in milliseconds. https://redis.io/docs/latest/commands/blpop/ */
function blockingPop<T>(
  key: string,
  timeout: number | undefined,
  read: ReplyReader<Taken<T> | undefined>,
): Command<Taken<T> | undefined> {
  const seconds = timeout === undefined ? '0' : String(timeout / 1_000);
  return BLPOP.of(key, [seconds], (raw) => {
    if (!readers.present(raw)) return undefined;
    const [, item = null] = readers.arrayOf(raw, 2);
    return read(readers.buffer(item));
  });
}

/** An item that was popped, in an object because the item itself may be undefined. */
export interface Taken<T> {
  readonly item: T | undefined;
}

/** A list to take from. */
export interface Queue<T> {
  readonly context: CollectionContext;
  readonly key: string;
  /** The creation with initial data, while that is in flight. */
  readonly creating: Promise<void> | undefined;
  /** The command that renews its lifetime. */
  readonly renewal: Command<unknown> | undefined;
  readonly read: ReplyReader<Taken<T> | undefined>;
  readonly takeNow: () => Promise<Taken<T> | undefined>;
}

/** The longest timeout in milliseconds: Redis counts them in 64 bits, and refuses longer ones. */
const LONGEST_TIMEOUT = Number.MAX_SAFE_INTEGER;

/** Pops the first item of a list, as soon as there is one. */
export async function takeItem<T>(queue: Queue<T>, { timeout, signal }: TakeOptions): Promise<T | undefined> {
  const { context, key, creating, renewal, read } = queue;
  if (!context.writable) throw new ReadonlyError('Only the process that a list belongs to takes from it', { key });
  if (timeout !== undefined && !(timeout >= 0)) throw new RangeError('timeout must be 0 or more milliseconds');
  signal?.throwIfAborted();
  // Without initial data nothing is awaited here, so that the call keeps its order in the tick.
  if (timeout === 0) return (await queue.takeNow())?.item;
  const patience = timeout === undefined || timeout > LONGEST_TIMEOUT ? Number.POSITIVE_INFINITY : timeout;
  const end = timers.now() + patience;
  if (creating !== undefined) await inTime(creating, patience, signal, () => notMade(key));
  const left = end === Number.POSITIVE_INFINITY ? undefined : Math.max(1, end - timers.now());
  const { deadline } = context;
  const how = { timeout: left, signal, deadline, follower: renewal };
  const taken = await context.executor.block(key, (milliseconds) => blockingPop(key, milliseconds, read), how);
  return taken?.item;
}

function notMade(key: string): ConnectionError {
  return new ConnectionError('The initial data of the list was not written in the time that there was to wait', {
    key,
  });
}
