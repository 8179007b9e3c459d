import { type Command, type Refusal, transaction } from '../command/command.js';
import { expireIfType, type RedisType } from '../command/key.js';

/**
 * A lifetime that Redis takes.
 *
 * @throws RangeError unless it is whole milliseconds, at least one.
 */
export function expectTtl(ttl: number): number {
  if (!Number.isSafeInteger(ttl) || ttl < 1) {
    throw new RangeError('ttl must be a whole number of milliseconds, 1 or more');
  }
  return ttl;
}

/** What a refusal of any part of the transaction means is what it meant for the command alone. */
function refusalOf(command: Command<unknown>): Refusal | null {
  const { refusal } = command;
  return refusal === null ? null : (message) => refusal(message, command);
}

/** The same command, after which the key has a new lifetime, in one atomic step. */
export function thenExpire<R>(command: Command<R>, type: RedisType, ttl: number): Command<R> {
  const parts = command.parts ?? [command];
  const [first = command] = parts;
  const { keys, idempotent } = command;
  const expire = expireIfType(keys[0], type, ttl);
  return (
    transaction([first, ...parts.slice(1), expire], (raws) => {
      expire.reply(raws.at(-1) ?? null);
      return command.reply(command.parts === null ? (raws[0] ?? null) : raws.slice(0, -1));
    })
      // The first key is the one that errors name.
      .with({ keys, idempotent, refusal: refusalOf(command) })
  );
}
