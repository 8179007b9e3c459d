import type { Command } from '../command/command.js';
import { ConflictError } from '../errors.js';
import { createAt } from '../command/create.js';
import type { RedisType } from '../command/key.js';
import { thenExpire } from './lifetime.js';

/**
 * What happens to initial data when the collection exists: `'fail'` rejects with a ConflictError, `'attach'` uses the
 * existing collection, `'merge'` adds the data to it, `'replace'` replaces it. A key that holds another type is a
 * WrongTypeError in any case.
 */
export type IfExists = 'attach' | 'merge' | 'replace' | 'fail';

/** Initial data of a collection. */
export interface CreationOptions<Data> {
  /** The initial data of the collection. It is written at once; await {@link RedisCollection.ready} for that. */
  readonly data?: Data | undefined;
  /** What happens to `data` when the collection exists. Default: `'fail'`. */
  readonly ifExists?: IfExists | undefined;
}

/**
 * Makes the command that creates a collection with data. A key of another type is refused in any case.
 *
 * @param keys All keys that the collection may have, of one slot.
 * @param add The command that adds the data; undefined when there is none.
 */
export function creation(
  keys: readonly [string, ...string[]],
  type: RedisType,
  add: Command<unknown> | undefined,
  ifExists: IfExists,
  ttl: number | undefined,
): Command<void> {
  // Without data there is nothing to merge.
  if (ifExists === 'merge' && add !== undefined) {
    return (ttl === undefined ? add : thenExpire(add, keys, type, ttl)).map(() => undefined);
  }
  switch (ifExists) {
    case 'merge':
    case 'attach':
      return createAt(keys, type, add, { ttl, idempotent: true }).map(() => undefined);
    case 'replace':
      return createAt(keys, type, add, { replace: true, ttl, idempotent: true }).map(() => undefined);
    case 'fail':
      return createAt(keys, type, add, { ttl, idempotent: add === undefined }).map((made) => {
        if (!made)
          throw new ConflictError('The collection exists already: say with ifExists what to do', { key: keys[0] });
      });
    default:
      throw new TypeError("ifExists must be 'attach', 'merge', 'replace' or 'fail'");
  }
}
