import type { Command } from './command.js';
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
 * @param add Such as HSET, SADD, RPUSH or ZADD, whose arguments can be dealt out in chunks of 1,000; undefined when
 * there is nothing to add.
 */
export function createAt(
  key: string,
  type: RedisType,
  add: Command<unknown> | undefined,
  { replace = false, ttl, idempotent }: CreateOptions,
): Command<boolean> {
  const args = [
    type,
    replace ? 1 : 0,
    add === undefined ? 0 : (ttl ?? 0),
    add?.name ?? '',
    ...(add?.args ?? []),
  ] as const;
  return create.command([key], [...args], readers.flag).with({ idempotent });
}
