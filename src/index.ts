export type { AnyKey, Codec, CompressedOptions, Decoded, JsonValue, KeyCodec, StateOptions } from './codec/index.js';
export { codec, keyCodec } from './codec/index.js';
export type { ReadonlyRedisList, RedisListOptions, MoveOptions } from './collections/redis-list.js';
export { RedisList } from './collections/redis-list.js';
export type { CreationOptions, IfExists } from './collections/creation.js';
export type { CollectionOptions } from './collections/redis-collection.js';
export type { EntryData, EntrySource, ReadonlyRedisMap, RedisMapOptions } from './collections/redis-map.js';
export { RedisMap } from './collections/redis-map.js';
export type { ReadonlyRedisValue, RedisValueOptions } from './collections/redis-value.js';
export { RedisValue } from './collections/redis-value.js';
export type { TakeOptions } from './collections/list-queue.js';
export type { ClusterNodeAddress, DeadlineOptions } from './connect.js';
export { connect } from './connect.js';
export type { ErrorCode, ErrorDetails } from './errors.js';
export {
  CodecError,
  ConflictError,
  ConnectionError,
  NamespaceError,
  ReadonlyError,
  RedimapError,
  ServerError,
  UnknownOutcomeError,
  UnsupportedError,
  WrongTypeError,
} from './errors.js';
export type { RedisClient } from './executor/client.js';
export type { DiagnosticsEvents } from './executor/diagnostics.js';
export type { KeyedMapOptions, NamespaceOptions, StringMapOptions } from './facade/namespace.js';
export { Namespace } from './facade/namespace.js';
export type { KeyedMapCodecs, Peer, StringMapCodecs } from './facade/peer.js';
export type { AnnounceOptions, Presence } from './facade/presence.js';
export type { DType, NdArray } from './graph/nd-array.js';
export { isNdArray, ndarray } from './graph/nd-array.js';
export type { Identity, IdentityOptions } from './namespace/identity.js';
export type { ParsedKey } from './namespace/keys.js';
