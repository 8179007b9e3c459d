import type { ReadsOf } from './kinds.js';
import type { RedisSet } from './redis-set.js';

/** The reading part of a set, for one that belongs to another process. */
export type ReadonlyRedisSet<T> = ReadsOf<RedisSet<T>, 'set'>;
