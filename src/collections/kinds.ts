import { auto } from '../codec/auto/auto.js';
import { textKey } from '../codec/keys.js';
import type { RedisType } from '../command/key.js';
import type { ScopeTraits } from '../sync/tracker.js';

/** The codecs of a collection, by the options that give them. */
export interface Codecs {
  readonly key?: object | undefined;
  readonly value?: object | undefined;
  readonly member?: object | undefined;
}

/** What is true of one kind of collection. */
export interface Kind<Read extends PropertyKey = PropertyKey, Batched extends PropertyKey = PropertyKey> {
  /** What its key holds. */
  readonly redisType: RedisType;
  /** The codecs of a collection that is given none. */
  readonly codecs: Codecs;
  /** What a scope may do with it. */
  readonly scope: ScopeTraits;
  /** The members that only read: all that a peer's collection has. */
  readonly reads: readonly Read[];
  /** The methods that are one command each, whatever they are given: all that a batch takes. */
  readonly batched: readonly Batched[];
}

/** Infers the names of the members, and forgets the rest: of two kinds with the same members one may stand in for the other. */
function kind<const Read extends PropertyKey, const Batched extends PropertyKey>(
  facts: Kind<Read, Batched>,
): Kind<Read, Batched> {
  return facts;
}

const COLLECTION_READS = ['name', 'key', 'ttl', 'toJSON'] as const;
/** A constant of its own: where a symbol is written in place, its type is not inferred as this one symbol. */
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
  // Not `update`, which calls back.
  batched: [...HASH_BATCHED, 'compareAndSet', 'getOrInsert', 'pop', 'swap'],
});

/**
 * Every kind of collection, by the name of the method that makes one: `me.map('images')`, `peer.map('images')`. What
 * Namespace, Peer, batches and scopes have to know of a kind they read here; a new kind is a new row.
 */
export const KINDS = {
  value: kind({
    redisType: 'string',
    codecs: { value: auto },
    scope: WHOLE,
    reads: [...COLLECTION_READS, 'get', 'exists'],
    batched: [...COLLECTION_BATCHED, 'compareAndSet', 'delete', 'set', 'swap'],
  }),
  map,
  // Its `get` inserts what is missing: a peer's cannot, and a scope has to know what is there.
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
    // What it writes goes through its local entries.
    batched: [],
  }),
} as const satisfies Readonly<Record<string, Kind>>;

/** The rows of the table. */
export type Kinds = typeof KINDS;

/** What a collection is called by the method that makes it. */
export type KindName = keyof Kinds;

/** The part of a collection that only reads, as a peer's has it. */
export type ReadsOf<C, N extends KindName> = Pick<C, Extract<Kinds[N]['reads'][number], keyof C>>;

/** Where a collection says of which kind it is. */
export const KIND = Symbol('redimap.kind');
