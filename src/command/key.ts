import { decimal } from './argument.js';
import { type Command, CommandKind, transaction } from './command.js';
import * as readers from './readers.js';
import { expireIfType as expireScript } from './scripts.gen.js';

const EXISTS = CommandKind.reading('exists');
const PTTL = CommandKind.reading('pttl');
const PERSIST = CommandKind.writing('persist');
const PEXPIRE = CommandKind.writing('pexpire', { idempotent: true });
const UNLINK = CommandKind.writing('unlink');
/** UNLINK whose reply is ignored. */
const CLEAR = UNLINK.with({ idempotent: true });

/** EXISTS. https://redis.io/docs/latest/commands/exists/ */
export function exists(key: string): Command<boolean> {
  return EXISTS.of(key, [], readers.flag);
}

/** UNLINK: whether the key existed. A second run would reply otherwise, so it is not idempotent. */
export function unlink(key: string): Command<boolean> {
  return UNLINK.of(key, [], readers.flag);
}

/** UNLINK of keys of one slot, without a reply and so idempotent. https://redis.io/docs/latest/commands/unlink/ */
export function clear(keys: string | readonly [string, ...string[]]): Command<void> {
  return CLEAR.of(keys, [], readers.counted);
}

/** PEXPIRE, in milliseconds: false when the key does not exist. https://redis.io/docs/latest/commands/pexpire/ */
export function expire(key: string, milliseconds: number): Command<boolean> {
  return PEXPIRE.of(key, [decimal(milliseconds)], readers.flag);
}

/** PTTL in milliseconds: null when the key lives for ever, undefined when it does not exist. */
export function ttl(key: string): Command<number | null | undefined> {
  return PTTL.of(key, [], (raw) => {
    const milliseconds = readers.integer(raw);
    return milliseconds === -2 ? undefined : milliseconds === -1 ? null : milliseconds;
  });
}

/** PERSIST: false when the key had no time to live. https://redis.io/docs/latest/commands/persist/ */
export function persist(key: string): Command<boolean> {
  return PERSIST.of(key, [], readers.flag);
}

/** Combines a command for each of several keys of one slot to one step, and joins their replies. */
export function onAll<R>(
  keys: readonly [string, ...string[]],
  build: (key: string) => Command<R>,
  join: (a: R, b: R) => R,
): Command<R> {
  const [first, ...others] = keys;
  if (others.length === 0) return build(first);
  const commands = [build(first), ...others.map(build)] as const;
  return transaction(commands, (raws) => commands.map((command, i) => command.reply(raws[i] ?? null)).reduce(join));
}

/** The type of a key, as TYPE names it. https://redis.io/docs/latest/commands/type/ */
export type RedisType = 'string' | 'hash' | 'list' | 'set' | 'zset' | 'stream';

/** PEXPIRE if the key holds this type. */
export function expireIfType(key: string, type: RedisType, milliseconds: number): Command<boolean> {
  return expireScript.command([key], [type, milliseconds], readers.flag);
}
