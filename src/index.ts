export type {
  AnyKey,
  Codec,
  CompressedOptions,
  DecodeLimits,
  Decoded,
  JsonValue,
  KeyCodec,
  StateOptions,
} from './codec/index.js';
export { codec, keyCodec } from './codec/index.js';
export type { ReadonlyRedisCounter, RedisCounterOptions } from './collections/redis-counter.js';
export type { Counts, CountSource } from './command/counts.js';
export type { LocalCounter } from './sync/local/local-counter.js';
export type { LocalDeque } from './sync/local/local-deque.js';
export type { LocalDefaultMap } from './sync/local/local-map.js';
export type { LocalSortedSetCounter } from './sync/local/local-sorted-set-counter.js';
export type { LocalValue } from './sync/local/local-value.js';
export { RedisCounter } from './collections/redis-counter.js';
export type { RedisDefaultMapOptions } from './collections/redis-default-map.js';
export { RedisDefaultMap } from './collections/redis-default-map.js';
export type { ReadonlyRedisDeque, RedisDequeOptions } from './collections/redis-deque.js';
export { RedisDeque } from './collections/redis-deque.js';
export type { MemberSource, RedisSetOptions, SetOperand } from './collections/redis-set.js';
export type { ReadonlyRedisSet } from './collections/readonly-redis-set.js';
export { RedisSet } from './collections/redis-set.js';
export type { RemoteMembers, SetLike } from './collections/set-operand.js';
export type { ReadonlyRedisList, RedisListOptions, MoveOptions } from './collections/redis-list.js';
export { RedisList } from './collections/redis-list.js';
export type { LinkMode } from './collections/link.js';
export type { CreationOptions, IfExists } from './collections/creation.js';
export type { CollectionOptions } from './collections/redis-collection.js';
export type { EntryData, EntrySource, RedisHashOptions } from './collections/redis-hash.js';
export type { ReadonlyRedisMap, RedisMapOptions } from './collections/redis-map.js';
export { RedisMap } from './collections/redis-map.js';
export type { HeldLease } from './collections/held-lease.js';
export type { AcquireOptions, LeaseOptions, ReadonlyLease } from './collections/lease.js';
export { Lease } from './collections/lease.js';
export type { LeaseHolder } from './command/lease.js';
export type {
  FollowOptions,
  ReadonlyRedisStream,
  RedisStreamOptions,
  StreamBounds,
  StreamFieldsOptions,
  StreamRange,
  StreamTrim,
  StreamValueOptions,
} from './collections/redis-stream.js';
export { RedisStream } from './collections/redis-stream.js';
export type { DeadLetter } from './collections/group/dead-letter.js';
export type {
  ConsumeOptions,
  GroupItem,
  GroupOptions,
  GroupStats,
  PendingItem,
  ProcessOptions,
} from './collections/group/group-types.js';
export { StreamGroup } from './collections/stream-group.js';
export type { FollowedEntry, StreamEntry, StreamFieldCodecs } from './collections/stream-entries.js';
export type { ReadonlyRedisTopic, RedisTopicOptions, SubscribeOptions } from './collections/redis-topic.js';
export { RedisTopic } from './collections/redis-topic.js';
export type { TopicSubscription } from './collections/topic-subscription.js';
export type { ReadonlyRedisValue, RedisValueOptions, WatchValueOptions } from './collections/redis-value.js';
export { RedisValue } from './collections/redis-value.js';
export type { ItemsOptions, RankWindow, ScoreWindow } from './command/score-window.js';
export type {
  ReadonlySortedSetCounter,
  ScoreData,
  SortedSetCounterOptions,
} from './collections/sorted-set-counter.js';
export { SortedSetCounter } from './collections/sorted-set-counter.js';
export type { TakeOptions } from './collections/list-queue.js';
export type { ClusterNodeAddress, DeadlineOptions } from './connect.js';
export { connect } from './connect.js';
export type { Conflict, ErrorCode, ErrorDetails, GraphFault, IdentityHolder, StreamGap } from './errors.js';
export {
  BackpressureError,
  CodecError,
  ConflictError,
  ConnectionError,
  GraphError,
  IdentityTakenError,
  LeaseLostError,
  LeaseTakenError,
  NamespaceError,
  OpError,
  OverflowError,
  ReadonlyError,
  RedimapError,
  ScopeEndedError,
  ServerError,
  StreamGapError,
  SubscriberOverflowError,
  UnknownOutcomeError,
  UnsupportedError,
  WrongTypeError,
} from './errors.js';
export type { OnFull, Pending, PendingOptions } from './executor/coalesce/backlog.js';
export type { RedisClient } from './executor/ioredis/redis-client.js';
export type { DiagnosticsEvents } from './executor/diagnostics.js';
export type { NamespaceOptions } from './namespace/namespace.js';
export type { CallOptions, NamespaceBase } from './namespace/namespace-base.js';
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
} from './namespace/collection-options.js';
export { Namespace } from './namespace/namespace.js';
export type { Peer } from './namespace/peer.js';
export type { KnownPeer, PeersOptions, WaitForPeersOptions } from './namespace/peers.js';
export type { AnnounceOptions, Presence } from './namespace/presence.js';
export type { SharedNamespace, SharedNamespaceOptions } from './namespace/shared-namespace.js';
// By way of their own entry, not module by module: then bundlers load the class later where nobody names it.
export type {
  CompiledGraph,
  GraphEvent,
  GraphOutputs,
  GraphState,
  CompileOptions,
  GraphInit,
  WithOptions,
  Placement,
  DType,
  NdArray,
  GraphNode,
  GraphNodeInit,
  AnyOp,
  Op,
  OpOptions,
  Plain,
  ReductionOptions,
  GroupKey,
  ArrayTypeOptions,
  OptionalType,
  ValueType,
} from './graph/index.js';
export {
  ComputationGraph,
  Flow,
  input,
  isNdArray,
  ndarray,
  defineOp,
  builtinOps,
  ops,
  defineReduction,
  OpRegistry,
  valueType,
} from './graph/index.js';
export type { Identity, IdentityOptions } from './keys/identity.js';
export type { ParsedKey } from './keys/keys.js';
export type {
  BlindSyncOptions,
  ConflictPolicy,
  EntrySyncOptions,
  KeysSyncOptions,
  Synced,
  SyncScope,
  WholeSyncOptions,
} from './sync/scope-options.js';
export type { Syncable } from './sync/tracker.js';
export type { Batch, Batchable, Batched, BatchResult } from './namespace/batch.js';
export type { Locals, SyncManyOptions } from './sync/sync.js';
export { sync } from './sync/sync.js';
export type { ReadonlyLRUDict } from './near/lru-dict.js';
export { LRUDict } from './near/lru-dict.js';
export type { LRUDictOptions, LRULimits } from './near/lru-options.js';
