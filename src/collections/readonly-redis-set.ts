import type { ReadsOf } from './kinds.js';
import type { RedisSet } from './redis-set.js';

/** Everything that reads, for a set that belongs to another process. */
export type ReadonlyRedisSet<T> = ReadsOf<RedisSet<T>, 'set'>;
