import type { Command } from '../command/command.js';
import * as readers from '../command/readers.js';
import { expireIfType as expireScript } from './scripts.gen.js';

/** What a key holds, as TYPE names it. https://redis.io/docs/latest/commands/type/ */
export type RedisType = 'string' | 'hash' | 'list' | 'set' | 'zset';

/**
 * PEXPIRE of a key that holds this type, and of no other. Where the user may not, the write before it has been done all
 * the same, so that this fails nobody's call: it is said once, as a warning of the process.
 */
export function expireIfType(key: string, type: RedisType, milliseconds: number): Command<boolean> {
  return expireScript.command([key], [type, milliseconds], (raw) => {
    if (readers.integer(raw) < 0) warn(key);
    return readers.flag(raw);
  });
}

let hasWarned = false;

function warn(key: string): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    `The server refused to give ${JSON.stringify(key)} its lifetime (option ttl): PEXPIRE is not allowed`,
    {
      type: 'RedimapWarning',
      code: 'REDIMAP_LIFETIME',
    },
  );
}
