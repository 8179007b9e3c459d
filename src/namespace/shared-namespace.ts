import type { RedisClient } from '../executor/ioredis/redis-client.js';
import { NamespaceError } from '../errors.js';
import { resolveIdentity, thisProcess } from '../keys/identity.js';
import { type CallOptions, NamespaceBase } from './namespace-base.js';

/** The identity of a shared namespace, the deadline of its calls and their bound of pending bytes. */
export interface SharedNamespaceOptions extends CallOptions {
  /** Its purpose, such as `'control'`: 1-128 of `[A-Za-z0-9._-]`. */
  readonly processType: string;
  /** Tells shared namespaces of a kind apart. It has no default: all who share it must say the same. */
  readonly id: string | number;
  /** The place that it belongs to, such as the name of a beamline. Default: `os.hostname()`, for processes of one host. */
  readonly hostname?: string | undefined;
}

/**
 * A place in Redis that belongs to no process: `Namespace.shared(redis, { hostname, processType, id })`. All that open
 * it write there. Queues, control state and results are kept in one.
 *
 * It has the collections of a {@link Namespace}. Nobody announces it, `peers` never lists it, and no `reap` clears it.
 *
 * @example
 * ```ts
 * const control = Namespace.shared(redis, { hostname: 'beamline-7', processType: 'control', id: 'main' });
 * await control.list<string>('requests').push('calibrate'); // any process takes it
 * ```
 */
export class SharedNamespace extends NamespaceBase {
  /** @internal Made by `Namespace.shared`. */
  constructor(client: RedisClient, options: SharedNamespaceOptions) {
    if ((options as Partial<SharedNamespaceOptions>).id === undefined) {
      throw new NamespaceError('A shared namespace needs an id: all who share it must say the same');
    }
    super(client, resolveIdentity(options), options, thisProcess());
  }
}
