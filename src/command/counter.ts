import {
  type Command,
  CommandKind,
  type Family,
  type RawReply,
  type Refusal,
  type ReplyReader,
  transaction,
} from './command.js';
import { get } from './hash.js';
import * as readers from './readers.js';
import { CodecError, OverflowError } from '../errors.js';
import { hashIncrement } from './scripts.gen.js';

/** Combines increments of several callers, each of which gets its own reply. */
const INCREMENT: Family = {
  name: 'hash-increment',
  access: 'write',
  scope: 'fields of a hash',
  stride: 2,
  combine: ({ key, args }) => hashIncrement.command([key], [0, ...(args as readonly string[])], readers.nothing),
  distribute: (raw) => readers.array(raw),
};

/** Combines increments whose replies are those of HINCRBY and HGET. */
const EXACT_INCREMENT: Family = {
  ...INCREMENT,
  name: 'exact-hash-increment',
  distribute: (raw) => readers.array(raw).map((count) => [null, count]),
};

/** The largest number that a client reads off the wire exactly: near 2^53, ioredis 6 rounds even safe integers. */
const MAX_EXACT_REPLY = 2 ** 53 - 64;

/** Reads the reply to an increment: the new value in decimal, or the message of an error. */
function readCount(raw: RawReply, key: string): bigint {
  if (typeof raw === 'number' && Math.abs(raw) > MAX_EXACT_REPLY) {
    throw new OverflowError('The count is beyond 2^53, or next to it: ask for the option bigint', { key });
  }
  const reply = typeof raw === 'number' ? String(raw) : readers.text(raw);
  if (/^-?\d{1,20}$/.test(reply)) return BigInt(reply);
  throw /overflow|integer/.test(reply) ? countError(reply, key) : new readers.UnexpectedReply(raw, 'a count');
}

/** Matches the errors of HINCRBY about the amount and the stored value; other errors are not about counts. */
const NOT_COUNTED = /^ERR .*(overflow|not an integer)/;

/** Maps an error reply of HINCRBY to an error of this library. */
export function countError(message: string, key: string): Error {
  if (/overflow/.test(message)) return new OverflowError('The count would leave the range of 64 bits', { key });
  return new CodecError('What is counted is not an integer', { key });
}

const refusal: Refusal = (message, { keys: [key] }) =>
  NOT_COUNTED.test(message) ? countError(message, key) : undefined;

const HINCRBY = CommandKind.writing('hincrby', { family: INCREMENT, refusal });

/**
 * Makes a reader of the new count from the reply to an increment.
 *
 * @param read Converts the count to the caller's type.
 */
export function countReader<N>(key: string, read: (count: bigint) => N): ReplyReader<N> {
  return (raw) => read(readCount(raw, key));
}

/**
 * Adds to one count, and replies the new one, as {@link countReader} reads it.
 *
 * This is HINCRBY, or a script with HGET as well if the reply has to be exact beyond 53 bits, which ioredis would
 * round. https://redis.io/docs/latest/commands/hincrby/
 */
export function increment<N>(
  key: string,
  field: string,
  amount: bigint,
  exact: boolean,
  reply: ReplyReader<N>,
): Command<N> {
  const args = [field, String(amount)];
  const add = HINCRBY.of(key, args, reply);
  if (!exact) return add;
  return transaction([add, get(key, field, readers.bytes)], ([, count]) => reply(count ?? null)).with({
    args,
    family: EXACT_INCREMENT,
    refusal,
  });
}

/** Adds to several counts, or to none if one of them is refused. */
export function incrementMany(key: string, pairs: readonly string[]): Command<void> {
  return hashIncrement.command([key], [1, ...pairs], (raw) => {
    for (const reply of readers.array(raw)) readCount(reply, key);
  });
}
