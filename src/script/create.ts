import type { Command } from '../command/command.js';
import * as readers from '../command/readers.js';
import { create } from './scripts.gen.js';

/**
 * Runs a command that adds to a collection if its key does not exist: whether it did.
 *
 * @param add Such as HSET, SADD, RPUSH or ZADD, whose arguments can be dealt out in chunks of 1,000.
 * @param ttl Milliseconds that the collection lives, if it was made.
 * @param idempotent Whether the caller does not mind who made it.
 */
export function createUnlessExists(
  add: Command<unknown>,
  idempotent: boolean,
  ttl: number | undefined,
): Command<boolean> {
  return create.command([add.keys[0]], [add.name, ttl ?? 0, ...add.args], readers.flag).with({ idempotent });
}
