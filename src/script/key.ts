import type { Command } from '../command/command.js';
import * as readers from '../command/readers.js';
import { expireIfType as expireScript } from './scripts.gen.js';

/** What a key holds, as TYPE names it. https://redis.io/docs/latest/commands/type/ */
export type RedisType = 'string' | 'hash' | 'list' | 'set' | 'zset';

/** PEXPIRE of a key that holds this type, and of no other. */
export function expireIfType(key: string, type: RedisType, milliseconds: number): Command<boolean> {
  return expireScript.command([key], [type, milliseconds], readers.flag);
}
