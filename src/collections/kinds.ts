import { auto } from '../codec/auto/auto.js';
import { textKey } from '../codec/keys.js';
import type { RedisType } from '../command/key.js';
import type { ScopeTraits } from '../sync/tracker.js';

/** The codecs of a collection, by their options. */
export interface Codecs {
  readonly key?: object | undefined;
  readonly value?: object | undefined;
  readonly member?: object | undefined;
}

/** The properties of one kind of collection. */
export interface Kind<Read extends PropertyKey = PropertyKey, Batched extends PropertyKey = PropertyKey> {
  /** The Redis type of its key. */
  readonly redisType: RedisType;
  /** The default codecs. */
  readonly codecs: Codecs;
  /** The options that a scope has for it; undefined where there are no scopes. */
  readonly scope: ScopeTraits | undefined;
  /** The members that only read: those of a peer's collection. */
  readonly reads: readonly Read[];
  /** The methods that are always one command each: those that a batch takes. */
  readonly batched: readonly Batched[];
}

/** Infers the names of the members, and widens the rest, so that kinds with the same members are interchangeable. */
function kind<const Read extends PropertyKey, const Batched extends PropertyKey>(
  facts: Kind<Read, Batched>,
): Kind<Read, Batched> {
  return facts;
}

const COLLECTION_READS = ['name', 'key', 'ttl', 'toJSON'] as const;
/** A constant, because the type of a symbol written in place is not inferred as that unique symbol. */
const ITERATION = [Symbol.asyncIterator] as const;
const DISPOSAL = [Symbol.asyncDispose] as const;
const COLLECTION_BATCHED = ['expire', 'persist'] as const;

const ENTRIES: ScopeTraits = { merges: true, someKeys: false, blind: true };
const HASH: ScopeTraits = { ...ENTRIES, someKeys: true };
const WHOLE: ScopeTraits = { merges: false, someKeys: false, blind: false };

const HASH_READS = [
  ...COLLECTION_READS,
  'size',
  'get',
  'getMany',
  'has',
  'forEach',
  'keys',
  'values',
  'entries',
  'toMap',
  ...ITERATION,
] as const;
const HASH_BATCHED = [...COLLECTION_BATCHED, 'clear', 'delete', 'deleteMany', 'set', 'setMany'] as const;

const SEQUENCE_READS = [
  ...COLLECTION_READS,
  'length',
  'at',
  'slice',
  'indexOf',
  'lastIndexOf',
  'includes',
  'count',
  'toArray',
  ...ITERATION,
] as const;
const SEQUENCE_BATCHED = [
  ...COLLECTION_BATCHED,
  'clear',
  'insert',
  'pop',
  'push',
  'remove',
  'reverse',
  'set',
  'shift',
  'unshift',
] as const;

const map = kind({
  redisType: 'hash',
  codecs: { key: textKey, value: auto },
  scope: HASH,
  reads: HASH_READS,
  // `update` is left out because it calls back.
  batched: [...HASH_BATCHED, 'compareAndSet', 'getOrInsert', 'pop', 'swap'],
});

/**
 * Every kind of collection, by the name of the method that makes one: `me.map('images')`, `peer.map('images')`.
 * Namespace, Peer, batches and scopes read the properties of a kind here; a new kind is a new row.
 */
export const KINDS = {
  value: kind({
    redisType: 'string',
    codecs: { value: auto },
    scope: WHOLE,
    reads: [...COLLECTION_READS, 'get', 'exists', 'watch'],
    batched: [...COLLECTION_BATCHED, 'compareAndSet', 'delete', 'set', 'swap'],
  }),
  map,
  // Its `get` inserts missing entries: that of a peer cannot, and a scope has to load the existing ones.
  defaultMap: { ...map, scope: { ...HASH, blind: false } },
  counter: kind({
    redisType: 'hash',
    codecs: { key: textKey },
    scope: HASH,
    reads: [...HASH_READS, 'mostCommon', 'total', 'elements', 'plus', 'minus', 'max', 'min'],
    batched: [...HASH_BATCHED, 'decrement', 'increment', 'subtract', 'update'],
  }),
  list: kind({
    redisType: 'list',
    codecs: { value: auto },
    scope: WHOLE,
    reads: SEQUENCE_READS,
    batched: [...SEQUENCE_BATCHED, 'splice'],
  }),
  deque: kind({
    redisType: 'list',
    codecs: { value: auto },
    scope: WHOLE,
    reads: [...SEQUENCE_READS, 'maxLength'],
    batched: [...SEQUENCE_BATCHED, 'extend', 'extendLeft', 'rotate'],
  }),
  set: kind({
    redisType: 'set',
    codecs: { member: textKey },
    scope: ENTRIES,
    reads: [
      ...COLLECTION_READS,
      'size',
      'has',
      'hasMany',
      'sample',
      'toSet',
      'forEach',
      'keys',
      'values',
      'entries',
      'union',
      'intersection',
      'difference',
      'symmetricDifference',
      'isSubsetOf',
      'isSupersetOf',
      'isDisjointFrom',
      ...ITERATION,
    ],
    batched: [
      ...COLLECTION_BATCHED,
      'add',
      'addAll',
      'addMany',
      'clear',
      'delete',
      'deleteAll',
      'pop',
      'retainAll',
      'toggleAll',
    ],
  }),
  sortedSetCounter: kind({
    redisType: 'zset',
    codecs: { member: textKey },
    scope: ENTRIES,
    reads: [
      ...COLLECTION_READS,
      'size',
      'get',
      'getMany',
      'has',
      'rank',
      'items',
      'countBetween',
      'toMap',
      'entries',
      ...ITERATION,
    ],
    batched: [...COLLECTION_BATCHED, 'clear', 'delete', 'deleteBetween', 'getOrInsert', 'increment', 'set', 'update'],
  }),
  stream: kind({
    redisType: 'stream',
    codecs: { value: auto },
    // Entries never change, and nobody knows the next id: a local twin could only guess.
    scope: undefined,
    reads: [
      ...COLLECTION_READS,
      'length',
      'first',
      'last',
      'get',
      'range',
      'toArray',
      'follow',
      'maxLength',
      'maxAge',
      ...ITERATION,
    ],
    batched: [...COLLECTION_BATCHED, 'add', 'addMany', 'clear', 'delete', 'trim'],
  }),
  lru: kind({
    redisType: 'hash',
    codecs: { key: textKey, value: auto },
    scope: HASH,
    reads: [
      'name',
      'key',
      'size',
      'peek',
      'get',
      'getMany',
      'has',
      'forEach',
      'keys',
      'values',
      'entries',
      'refresh',
      ...ITERATION,
      ...DISPOSAL,
    ],
    // Its writes go through the local entries.
    batched: [],
  }),
  lease: kind({
    redisType: 'string',
    codecs: {},
    scope: undefined,
    reads: ['name', 'key', 'toJSON', 'holder'],
    // Each of its methods may wait.
    batched: [],
  }),
} as const satisfies Readonly<Record<string, Kind>>;

/** The rows of the table. */
export type Kinds = typeof KINDS;

/** The name of a kind: that of the method that makes such a collection. */
export type KindName = keyof Kinds;

/** The reading part of a collection, as a peer has it. */
export type ReadsOf<C, N extends KindName> = Pick<C, Extract<Kinds[N]['reads'][number], keyof C>>;

/** The property of a collection with its kind. */
export const KIND = Symbol('redimap.kind');
