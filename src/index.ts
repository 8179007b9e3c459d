export type { AnyKey, Codec, CompressedOptions, Decoded, JsonValue, KeyCodec, StateOptions } from './codec/index.js';
export { codec, keyCodec } from './codec/index.js';
export type {
  CountSource,
  Counts,
  ReadonlyRedisCounter,
  RedisCounterOptions,
} from './collections/redis-counter.js';
export { RedisCounter } from './collections/redis-counter.js';
export type { RedisDefaultMapOptions } from './collections/redis-default-map.js';
export { RedisDefaultMap } from './collections/redis-default-map.js';
export type { ReadonlyRedisDeque, RedisDequeOptions } from './collections/redis-deque.js';
export { RedisDeque } from './collections/redis-deque.js';
export type { MemberSource, ReadonlyRedisSet, RedisSetOptions } from './collections/redis-set.js';
export { RedisSet } from './collections/redis-set.js';
export type { SetLike } from './collections/set-operand.js';
export type { ReadonlyRedisList, RedisListOptions, MoveOptions } from './collections/redis-list.js';
export { RedisList } from './collections/redis-list.js';
export type { CreationOptions, IfExists } from './collections/creation.js';
export type { CollectionOptions } from './collections/redis-collection.js';
export type { EntryData, EntrySource, RedisHashOptions } from './collections/redis-hash.js';
export type { ReadonlyRedisMap, RedisMapOptions } from './collections/redis-map.js';
export { RedisMap } from './collections/redis-map.js';
export type { ReadonlyRedisValue, RedisValueOptions } from './collections/redis-value.js';
export { RedisValue } from './collections/redis-value.js';
export type { RankWindow, ScoreWindow } from './collections/score-window.js';
export type {
  ItemsOptions,
  ReadonlySortedSetCounter,
  ScoreData,
  SortedSetCounterOptions,
} from './collections/sorted-set-counter.js';
export { SortedSetCounter } from './collections/sorted-set-counter.js';
export type { TakeOptions } from './collections/list-queue.js';
export type { ClusterNodeAddress, DeadlineOptions } from './connect.js';
export { connect } from './connect.js';
export type { ErrorCode, ErrorDetails } from './errors.js';
export {
  CodecError,
  ConflictError,
  ConnectionError,
  NamespaceError,
  OverflowError,
  ReadonlyError,
  RedimapError,
  ServerError,
  UnknownOutcomeError,
  UnsupportedError,
  WrongTypeError,
} from './errors.js';
export type { RedisClient } from './executor/client.js';
export type { DiagnosticsEvents } from './executor/diagnostics.js';
export type { NamespaceOptions } from './facade/namespace.js';
export type {
  DefaultFactory,
  KeyedCounterCodec,
  KeyedCounterOptions,
  KeyedMapCodecs,
  KeyedMapOptions,
  MemberScoreOptions,
  MemberSetOptions,
  StringCounterCodec,
  StringCounterOptions,
  StringMapCodecs,
  StringMapOptions,
  StringScoreOptions,
  StringSetOptions,
} from './facade/collection-options.js';
export { Namespace } from './facade/namespace.js';
export type { Peer } from './facade/peer.js';
export type { AnnounceOptions, Presence } from './facade/presence.js';
export type { DType, NdArray } from './graph/nd-array.js';
export { isNdArray, ndarray } from './graph/nd-array.js';
export type { Identity, IdentityOptions } from './namespace/identity.js';
export type { ParsedKey } from './namespace/keys.js';
export type { ReadonlyLRUDict } from './near/lru-dict.js';
export { LRUDict } from './near/lru-dict.js';
export type { LRUDictOptions, LRULimits } from './near/lru-options.js';
