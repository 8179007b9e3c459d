import { randomUUID } from 'node:crypto';
import { NamespaceError } from '../errors.js';
import type { Identity } from './identity.js';
import { resolveIdentity } from './identity.js';

/** The longest name of a collection, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 512;

/** What a key says: whose it is, which collection, and the suffix of a derived key. */
export interface ParsedKey extends Identity {
  /** The name of the collection. */
  readonly name: string;
  /** What follows the hash tag of a derived key; absent for a collection's own key. */
  readonly suffix?: string;
}

/**
 * The key of a collection, `HOSTNAME:PROCESS_TYPE:ID:NAME`.
 *
 * @throws {@link NamespaceError} when the name is empty, longer than 512 bytes, not well-formed, or has a brace.
 */
export function collectionKey(identity: Identity, name: string): string {
  if (typeof name !== 'string') throw new NamespaceError('The name of a collection must be a string');
  if (name === '') throw new NamespaceError('The name of a collection must not be empty');
  if (/[{}]/.test(name)) {
    throw new NamespaceError(`The name of a collection must not contain { or }: ${JSON.stringify(name.slice(0, 80))}`);
  }
  if (!name.isWellFormed()) throw new NamespaceError('The name of a collection must be well-formed Unicode');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw new NamespaceError(`The name of a collection must be at most ${MAX_NAME_BYTES} bytes`);
  }
  return `${prefixOf(identity)}${name}`;
}

/**
 * A key that lives in the slot of `base`: `{base}suffix`. Redis Cluster hashes what is in the braces only.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function derivedKey(base: string, suffix: string): string {
  return `{${base}}${suffix}`;
}

const STAGED = 'staged:';

/** A key of its own beside `base`, for what is on its way there. */
export function stagedKey(base: string): string {
  return derivedKey(base, STAGED + randomUUID());
}

/** The key, or the same text for all that are staged beside one: who may use one of them may use all. */
export function withoutStage(key: string): string {
  const end = key.startsWith('{') ? key.indexOf('}') + 1 : 0;
  return end > 0 && key.startsWith(STAGED, end) ? key.slice(0, end + STAGED.length) : key;
}

/** What every key of a process begins with: `HOSTNAME:PROCESS_TYPE:ID:`. */
export function prefixOf(identity: Identity): string {
  return `${identity.hostname}:${identity.processType}:${identity.id}:`;
}

/** The key that exists while a process is alive. Collections cannot have it: it has no collection name. */
export function presenceKey(identity: Identity): string {
  return derivedKey(prefixOf(identity), PRESENCE);
}

const PRESENCE = 'presence';

/** Glob patterns for SCAN which together match the keys of one process and no others. */
export function ownKeyPatterns(identity: Identity): readonly string[] {
  // The parts hold no glob characters, so they stand for themselves.
  return [`${prefixOf(identity)}*`, `{${prefixOf(identity)}*`];
}

/** A glob pattern for SCAN that matches presence keys: of all processes, or of those of a type or a host. */
export function presencePattern(processType: string | undefined, hostname: string | undefined): string {
  // Checked, so that they hold no glob characters.
  const known = resolveIdentity({ processType: processType ?? 'any', hostname: hostname ?? 'any' });
  const host = hostname === undefined ? '*' : known.hostname;
  const type = processType === undefined ? '*' : known.processType;
  return `{${host}:${type}:*:}${PRESENCE}`;
}

/** Reads a key made by this library back into its parts; undefined for any other key. */
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

/** The identity of a process from its presence key; undefined for any other key. */
export function parsePresenceKey(key: string): Identity | undefined {
  const parsed = parseKey(key);
  if (parsed === undefined || parsed.name !== '' || parsed.suffix !== PRESENCE) return undefined;
  const { hostname, processType, id } = parsed;
  return { hostname, processType, id };
}
