import type { RedisSet } from './redis-set.js';

/** Everything that reads, for a set that belongs to another process. */
export type ReadonlyRedisSet<T> = Pick<
  RedisSet<T>,
  | 'name'
  | 'key'
  | 'size'
  | 'has'
  | 'hasMany'
  | 'sample'
  | 'toSet'
  | 'forEach'
  | 'keys'
  | 'values'
  | 'entries'
  | 'union'
  | 'intersection'
  | 'difference'
  | 'symmetricDifference'
  | 'isSubsetOf'
  | 'isSupersetOf'
  | 'isDisjointFrom'
  | 'ttl'
  | 'toJSON'
  | typeof Symbol.asyncIterator
>;
