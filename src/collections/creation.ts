import type { Command } from '../command/command.js';
import { ConflictError } from '../errors.js';
import { createAt } from '../command/create.js';
import type { RedisType } from '../command/key.js';
import { thenExpire } from './lifetime.js';

/**
 * What becomes of initial data when the collection exists: `'fail'` refuses with a ConflictError, `'attach'` takes
 * what is there instead, `'merge'` adds to it, `'replace'` puts the data in its place. A key that holds another type is
 * a WrongTypeError in any case.
 */
export type IfExists = 'attach' | 'merge' | 'replace' | 'fail';

/** Initial data of a collection. */
export interface CreationOptions<Data> {
  /** What the collection holds at first. It is written at once; {@link RedisCollection.ready} tells when. */
  readonly data?: Data | undefined;
  /** What becomes of `data` when the collection exists. Default: `'fail'`. */
  readonly ifExists?: IfExists | undefined;
}

/**
 * The one command that creates a collection with data. Whatever is to become of data, a key of another type is refused.
 *
 * @param keys All keys that the collection may have, of one slot.
 * @param add Adds the data; undefined when there is none.
 */
export function creation(
  keys: readonly [string, ...string[]],
  type: RedisType,
  add: Command<unknown> | undefined,
  ifExists: IfExists,
  ttl: number | undefined,
): Command<void> {
  // Nothing to add is nothing to merge.
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
