import type { Argument, Command, RawReply } from '../../command/command.js';
import { hashIncrement } from '../../command/scripts.gen.js';
import type { Call } from './embedded-commands.js';

type Answer = (call: Call, command: Command<unknown>) => Promise<RawReply>;

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** Adds as a server does, in 64 bits; the embedded client has 53, and accepts anything as a number. */
function sum(before: Buffer | null, amount: string): bigint {
  const text = before === null ? '0' : before.toString('latin1');
  const count = /^(0|-?[1-9]\d{0,18})$/.test(text) ? BigInt(text) : undefined;
  if (count === undefined || count > INT64_MAX || count < INT64_MIN)
    throw new Error('ERR hash value is not an integer');
  const after = count + BigInt(amount);
  if (after > INT64_MAX || after < INT64_MIN) throw new Error('ERR increment or decrement would overflow');
  return after;
}

async function stored(call: Call, key: string, field: Argument): Promise<Buffer | null> {
  // A member of Object.prototype is not a stored value.
  const value = await call('hget', key, field);
  return Buffer.isBuffer(value) ? value : null;
}

/** HINCRBY with a reply in decimal, as of a client that keeps large numbers exact. */
const hincrby: Answer = async (call, { keys: [key], args: [field = '', amount] }) => {
  const after = String(sum(await stored(call, key, field), String(amount)));
  await call('hset', key, field, after);
  return after;
};

/** The script that adds to several counts, or, with `together`, to all or none. */
const incrementMany: Answer = async (call, { keys: [key], args: [together, ...pairs] }) => {
  const counts = new Map<string, Buffer | null>();
  const replies: string[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const field = String(pairs[i]);
    if (!counts.has(field)) counts.set(field, await stored(call, key, field));
    try {
      const after = String(sum(counts.get(field) ?? null, String(pairs[i + 1])));
      counts.set(field, Buffer.from(after));
      replies.push(after);
    } catch (error) {
      const { message } = error as Error;
      if (String(together) === '1') return [message];
      replies.push(message);
    }
  }
  const changed = [...counts].filter((entry): entry is [string, Buffer] => entry[1] !== null);
  if (changed.length > 0) await call('hset', key, ...changed.flat());
  return replies;
};

/** Returns the replacement of a command on counts, which the embedded client gets wrong; undefined for others. */
export function countAnswerOf({ name, source }: Command<unknown>): Answer | undefined {
  if (name === 'hincrby') return hincrby;
  return source === hashIncrement.source ? incrementMany : undefined;
}
