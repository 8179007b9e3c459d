import type { Argument, Command } from './command.js';
import * as readers from './readers.js';
import type { RedisType } from './key.js';
import { create } from './scripts.gen.js';

/** How {@link createAt} makes a collection. */
export interface CreateOptions {
  /** Whether what the key holds is to go; else nothing is done where it holds anything. */
  readonly replace?: boolean;
  /** Milliseconds that the collection lives, if it is made. */
  readonly ttl: number | undefined;
  /** Whether the caller does not mind who made it. */
  readonly idempotent: boolean;
}

/**
 * Runs a command that adds to a collection, where its key does not exist or is to be replaced: whether it did. A key of
 * another type is refused, as everywhere.
 *
 * @param keys All keys that the collection may have, of one slot.
 * @param add Such as HSET, SADD, RPUSH or ZADD, whose arguments can be dealt out in chunks of 1,000, or a transaction of
 * such, one for each key that is added to; undefined when there is nothing to add.
 */
export function createAt(
  keys: readonly [string, ...string[]],
  type: RedisType,
  add: Command<unknown> | undefined,
  { replace = false, ttl, idempotent }: CreateOptions,
): Command<boolean> {
  const parts: readonly Command<unknown>[] = add === undefined ? [] : (add.parts ?? [add]);
  const args: Argument[] = [];
  for (const key of keys) {
    const added = parts.find((part) => part.keys[0] === key)?.args ?? [];
    args.push(String(added.length));
    for (const argument of added) args.push(argument);
  }
  const { name = '' } = parts[0] ?? {};
  const lifetime = parts.length === 0 ? 0 : (ttl ?? 0);
  return create
    .command([keys[0]], [type, replace ? 1 : 0, lifetime, name, ...args], readers.flag)
    .with({ keys, idempotent });
}
