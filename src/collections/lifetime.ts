import { type Command, type Refusal, transaction } from '../command/command.js';
import { expireIfType, type RedisType } from '../command/key.js';

/**
 * Checks a lifetime.
 *
 * @throws RangeError unless it is whole milliseconds, at least one.
 */
export function expectTtl(ttl: number): number {
  if (!Number.isSafeInteger(ttl) || ttl < 1) {
    throw new RangeError('ttl must be a whole number of milliseconds, 1 or more');
  }
  return ttl;
}

/** Returns the refusal of a command, or of its parts: it has the same meaning in the transaction with PEXPIRE. */
function refusalOf(command: Command<unknown>): Refusal | null {
  const { refusal } = command;
  return refusal === null ? null : (message) => refusal(message, command);
}

/** Returns a command that also sets the lifetime of these keys, in one atomic step. */
export function thenExpire<R>(
  command: Command<R>,
  keys: readonly [string, ...string[]],
  type: RedisType,
  ttl: number,
): Command<R> {
  const parts = command.parts ?? [command];
  const [first = command] = parts;
  const { idempotent } = command;
  const expirations = keys.map((key) => expireIfType(key, type, ttl));
  return (
    transaction([first, ...parts.slice(1), ...expirations], (raws) => {
      for (const [i, expiration] of expirations.entries()) expiration.reply(raws[parts.length + i] ?? null);
      return command.reply(command.parts === null ? (raws[0] ?? null) : raws.slice(0, parts.length));
    })
      // Errors name the first key.
      .with({ keys: withMore(command.keys, keys), idempotent, refusal: refusalOf(command) })
  );
}

function withMore(keys: readonly [string, ...string[]], more: readonly string[]): readonly [string, ...string[]] {
  return [...keys, ...more.filter((key) => !keys.includes(key))];
}
