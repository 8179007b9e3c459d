import { randomUUID } from 'node:crypto';
import { NamespaceError } from '../errors.js';
import type { Identity } from './identity.js';

/** The longest name of a collection, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 512;

/** The parts of a key: the identity of its process, the name of the collection, and the suffix of a derived key. */
export interface ParsedKey extends Identity {
  /** The name of the collection. */
  readonly name: string;
  /** The text after the hash tag of a derived key; absent for a collection's own key. */
  readonly suffix?: string;
}

/**
 * Returns the key of a collection, `HOSTNAME:PROCESS_TYPE:ID:NAME`.
 *
 * @throws {@link NamespaceError} when the name is empty, longer than 512 bytes, not well-formed, or has a brace.
 */
export function collectionKey(identity: Identity, name: string): string {
  return `${prefixOf(identity)}${expectPlainName(name, 'collection')}`;
}

/**
 * Checks a name that becomes part of a key.
 *
 * @param what What has the name, for the error.
 * @throws {@link NamespaceError} when the name is empty, longer than 512 bytes, not well-formed, or has a brace.
 */
export function expectPlainName(name: string, what: string): string {
  if (typeof name !== 'string') throw new NamespaceError(`The name of a ${what} must be a string`);
  if (name === '') throw new NamespaceError(`The name of a ${what} must not be empty`);
  if (/[{}]/.test(name)) {
    throw new NamespaceError(`The name of a ${what} must not contain { or }: ${JSON.stringify(name.slice(0, 80))}`);
  }
  if (!name.isWellFormed()) throw new NamespaceError(`The name of a ${what} must be well-formed Unicode`);
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw new NamespaceError(`The name of a ${what} must be at most ${MAX_NAME_BYTES} bytes`);
  }
  return name;
}

/**
 * Returns a key in the slot of `base`: `{base}suffix`. Redis Cluster hashes only the text in the braces.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function derivedKey(base: string, suffix: string): string {
  return `{${base}}${suffix}`;
}

const STAGED = 'staged:';

/** Returns a new key beside `base`, for a value that will be moved there. */
export function stagedKey(base: string): string {
  return derivedKey(base, STAGED + randomUUID());
}

/** Returns the key, or one text for all keys staged beside the same key: a user may use all of them or none. */
export function withoutStage(key: string): string {
  const end = key.startsWith('{') ? key.indexOf('}') + 1 : 0;
  return end > 0 && key.startsWith(STAGED, end) ? key.slice(0, end + STAGED.length) : key;
}

/** Returns the keys of a lease: the lease, its last grant, its waiters by arrival, and their places by expiry. */
export function leaseKeys(base: string): readonly [string, string, string, string] {
  return [base, derivedKey(base, 'token'), derivedKey(base, 'waiters'), derivedKey(base, 'places')];
}

/** The consumer in whose name items wait to be delivered again. No other one may have it. */
export const PARKED = '(retry)';

/** The keys of a consumer group, all in the slot of its stream. */
export interface GroupKeys {
  /** The stream. */
  readonly stream: string;
  /** A hash of the lease of each consumer, and until when it counts as alive. */
  readonly leases: string;
  /** A sorted set of the items that wait to be delivered again, by the time when they are due. */
  readonly retries: string;
  /** The stream of the dead letters. */
  readonly dead: string;
}

/** Returns the keys of a consumer group of a stream. */
export function groupKeys(stream: string, group: string, deadLetters: string): GroupKeys {
  return {
    stream,
    leases: derivedKey(stream, `group:${group}:leases`),
    retries: derivedKey(stream, `group:${group}:retries`),
    dead: derivedKey(stream, `dead:${deadLetters}`),
  };
}

/** Returns the prefix of all keys of a process: `HOSTNAME:PROCESS_TYPE:ID:`. */
export function prefixOf(identity: Identity): string {
  return `${identity.hostname}:${identity.processType}:${identity.id}:`;
}

/** Returns the key that exists while a process is alive. It has no collection name, so no collection has this key. */
export function presenceKey(identity: Identity): string {
  return derivedKey(prefixOf(identity), PRESENCE);
}

const PRESENCE = 'presence';

/**
 * Returns glob patterns for SCAN that together match the keys of a process. Parts that are left out match anything,
 * colons included, so that keys have to be parsed.
 */
export function keyPatterns({ hostname = '*', processType = '*', id = '*' }: Partial<Identity>): readonly string[] {
  // The parts contain no glob characters, so they need no escaping.
  const prefix = prefixOf({ hostname, processType, id });
  return [`${prefix}*`, `{${prefix}*`];
}

/** Parses the key of a collection, or one derived from it; undefined for any other key, a presence too. */
export function parseCollectionKey(key: string): ParsedKey | undefined {
  const parsed = parseKey(key);
  return parsed?.name === '' && parsed.suffix === PRESENCE ? undefined : parsed;
}

/** Parses a key that this library made; undefined for any other key. */
export function parseKey(key: string): ParsedKey | undefined {
  let base = key;
  let suffix: string | undefined;
  if (key.startsWith('{')) {
    const end = key.indexOf('}');
    if (end < 0) return undefined;
    base = key.slice(1, end);
    suffix = key.slice(end + 1);
  }
  const match = /^([A-Za-z0-9._-]{1,128}):([A-Za-z0-9._-]{1,128}):([A-Za-z0-9._-]{1,128}):([^{}]*)$/s.exec(base);
  if (match === null) return undefined;
  const [, hostname = '', processType = '', id = '', name = ''] = match;
  if ((name === '' && suffix === undefined) || !name.isWellFormed()) return undefined;
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return undefined;
  return { hostname, processType, id, name, ...(suffix === undefined ? {} : { suffix }) };
}
