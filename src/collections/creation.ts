import { type Command, transaction } from '../command/command.js';
import * as keys from '../command/key.js';
import * as readers from '../command/readers.js';
import { ConflictError } from '../errors.js';
import { createUnlessExists } from '../script/create.js';
import type { RedisType } from '../script/key.js';
import { thenExpire } from './lifetime.js';

/**
 * What becomes of initial data when the collection exists: `'fail'` refuses with a ConflictError, `'attach'` takes
 * what is there instead, `'merge'` adds to it, `'replace'` puts the data in its place.
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
 * The one command that creates a collection with data.
 *
 * @param add Adds the data; undefined when there is none.
 */
export function creation(
  key: string,
  type: RedisType,
  add: Command<unknown> | undefined,
  ifExists: IfExists,
  ttl: number | undefined,
): Command<void> {
  switch (ifExists) {
    case 'merge':
      return add === undefined ? nothing(key) : thenExpire(add, type, ttl).map(() => undefined);
    case 'replace':
      if (add === undefined) return keys.clear(key);
      return transaction([keys.clear(key), ...(thenExpire(add, type, ttl).parts ?? [add])], readers.nothing);
    case 'attach':
      return add === undefined ? nothing(key) : createUnlessExists(add, true, ttl).map(() => undefined);
    case 'fail':
      return (add === undefined ? keys.exists(key).map((exists) => !exists) : createUnlessExists(add, false, ttl)).map(
        (made) => {
          if (!made) throw new ConflictError('The collection exists already: say with ifExists what to do', { key });
        },
      );
  }
}

/** Empty data changes nothing; it still tells whether the server can be reached. */
function nothing(key: string): Command<void> {
  return keys.exists(key).map(() => undefined);
}
