import type { Argument, Command } from './command.js';
import * as readers from './readers.js';
import type { RedisType } from './key.js';
import { create } from './scripts.gen.js';

/** Options of {@link createAt}. */
export interface CreateOptions {
  /** Whether to replace an existing collection; otherwise nothing is done if the key exists. */
  readonly replace?: boolean;
  /** Milliseconds that a new collection lives. */
  readonly ttl: number | undefined;
  /** Whether it does not matter to the caller who made the collection. */
  readonly idempotent: boolean;
}

/**
 * Runs a command that adds to a collection if its key does not exist or is to be replaced, and replies whether it ran.
 * A key of another type is refused, as everywhere.
 *
 * @param keys All keys that the collection may have, of one slot.
 * @param add A command such as HSET, SADD, RPUSH or ZADD, whose arguments can be split into chunks of 1,000, or a
 *   transaction of these, one for each key; undefined when there is nothing to add.
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
