import type { Command } from './command.js';
import { read, write } from './command.js';
import * as readers from './readers.js';

/** EXISTS. https://redis.io/docs/latest/commands/exists/ */
export function exists(key: string): Command<boolean> {
  return read('exists', key, [], readers.flag);
}

/** UNLINK, saying whether there was anything: a second run would say otherwise, so it is not idempotent. */
export function unlink(key: string): Command<boolean> {
  return write('unlink', key, [], readers.flag);
}

/** UNLINK, saying nothing: it can be repeated. https://redis.io/docs/latest/commands/unlink/ */
export function clear(key: string): Command<void> {
  return write('unlink', key, [], readers.nothing, { idempotent: true });
}

/** UNLINK of several keys of one slot. */
export function clearMany(keys: readonly [string, ...string[]]): Command<void> {
  return write('unlink', keys, [], readers.nothing, { idempotent: true });
}

/** PEXPIRE, in milliseconds; false when the key does not exist. https://redis.io/docs/latest/commands/pexpire/ */
export function expire(key: string, milliseconds: number): Command<boolean> {
  return write('pexpire', key, [String(milliseconds)], readers.flag, { idempotent: true });
}

/** PTTL in milliseconds: null when the key lives for ever, undefined when it does not exist. */
export function ttl(key: string): Command<number | null | undefined> {
  return read('pttl', key, [], (raw) => {
    const milliseconds = readers.integer(raw);
    return milliseconds === -2 ? undefined : milliseconds === -1 ? null : milliseconds;
  });
}

/** PERSIST; false when there was no time to live to remove. https://redis.io/docs/latest/commands/persist/ */
export function persist(key: string): Command<boolean> {
  return write('persist', key, [], readers.flag);
}
