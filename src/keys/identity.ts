import { hostname } from 'node:os';
import { NamespaceError } from '../errors.js';

/** The identity of a process: the three parts of the prefix of its keys. */
export interface Identity {
  /** The host on which it runs. */
  readonly hostname: string;
  /** The kind of process, such as `'worker'`. */
  readonly processType: string;
  /** Tells processes of a kind on one host apart. */
  readonly id: string;
}

/** An identity as a user gives it: the host name and the id have defaults. */
export interface IdentityOptions {
  /** The kind of process, such as `'worker'`: 1-128 of `[A-Za-z0-9._-]`. */
  readonly processType: string;
  /** Tells processes of a kind on one host apart. Default: `process.pid`. */
  readonly id?: string | number | undefined;
  /** Default: `os.hostname()`. */
  readonly hostname?: string | undefined;
}

/** Names this process whatever its identity is: `HOST:PID`. */
export function thisProcess(): string {
  return `${hostname()}:${process.pid}`;
}

const PART = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * Completes and checks an identity.
 *
 * @throws {@link NamespaceError} that names the part which is not 1-128 of `[A-Za-z0-9._-]`.
 */
export function resolveIdentity(options: IdentityOptions): Identity {
  const identity = {
    hostname: options.hostname ?? hostname(),
    processType: options.processType,
    id: typeof options.id === 'number' ? numericId(options.id) : (options.id ?? String(process.pid)),
  };
  for (const [part, value] of Object.entries(identity)) {
    if (typeof value !== 'string' || !PART.test(value)) {
      throw new NamespaceError(`${part} must be 1-128 characters of [A-Za-z0-9._-], not ${describe(value)}`);
    }
  }
  return Object.freeze(identity);
}

/**
 * Checks an identity of which no part has a default.
 *
 * @throws {@link NamespaceError} as {@link resolveIdentity}, and when a part is missing.
 */
export function expectWhole({ hostname: host, processType, id }: Identity): Identity {
  if (host === undefined || id === undefined) throw new NamespaceError('The identity lacks its hostname or its id');
  return resolveIdentity({ hostname: host, processType, id });
}

function numericId(id: number): string {
  if (!Number.isSafeInteger(id)) throw new NamespaceError('id must be a whole number, or text');
  return String(id);
}

function describe(value: unknown): string {
  if (typeof value !== 'string') return value === null ? 'null' : `a value of type ${typeof value}`;
  return value.length > 140 ? `text of ${value.length} characters` : JSON.stringify(value);
}
