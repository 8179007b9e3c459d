import { type Command, transaction } from '../command/command.js';
import { expireIfType, type RedisType } from '../script/key.js';

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

/** The same command, after which the key has a new lifetime, in one atomic step; without one, the command itself. */
export function thenExpire<R>(command: Command<R>, type: RedisType, ttl: number | undefined): Command<R> {
  if (ttl === undefined) return command;
  const parts = command.parts ?? [command];
  const [first = command] = parts;
  return {
    ...transaction([first, ...parts.slice(1), expireIfType(command.keys[0], type, ttl)], (raws) =>
      command.reply(command.parts === null ? (raws[0] ?? null) : raws.slice(0, -1)),
    ),
    // The first of them is the one that errors name.
    keys: command.keys,
    idempotent: command.idempotent,
    refusal: command.refusal,
  };
}
