import { CONTEXT } from '../collections/context.js';
import type { RedisClient } from '../executor/ioredis/redis-client.js';
import { type Identity, type IdentityOptions, resolveIdentity } from '../keys/identity.js';
import { type CallOptions, NamespaceBase } from './namespace-base.js';
import { type AnnounceOptions, livePeers, Presence } from './presence.js';

/** The identity of this process, its deadline and its bound of pending bytes. */
export interface NamespaceOptions extends IdentityOptions, CallOptions {}

/**
 * The place of this process in Redis: its collections have keys `HOSTNAME:PROCESS_TYPE:ID:NAME`, and it can write
 * nowhere else.
 *
 * Namespaces on one client share its connection: their calls are combined, and kept in order per key.
 *
 * @example
 * ```ts
 * const redis = connect('redis://127.0.0.1:6379');
 * const me = new Namespace(redis, { processType: 'worker', id: 3 });
 * const counts = me.map('counts', { value: codec.int });
 * ```
 */
export class Namespace extends NamespaceBase {
  #presence: Promise<Presence> | undefined;

  /**
   * @param client A client from `connect`, or your own of ioredis or ioredis-mock. It is never closed by the namespace.
   * @throws {@link NamespaceError} when a part of the identity is not 1-128 of `[A-Za-z0-9._-]`, or the client has
   * ioredis' `keyPrefix` set, or `connect` or another namespace on it has set another `maxPendingBytes` or `onFull`.
   */
  constructor(client: RedisClient, options: NamespaceOptions) {
    super(client, resolveIdentity(options), options);
  }

  /**
   * Returns the live processes: those which announced themselves within their TTL.
   *
   * Cost: O(keys on the server), one SCAN in steps of 1,000 keys on each master.
   *
   * @param processType Only those of this type. Default: all.
   * @param options `hostname`: only those on this host. Default: all.
   * @example
   * ```ts
   * const onThisNode = await me.peers('worker', { hostname: me.hostname });
   * ```
   */
  peers(processType?: string, { hostname }: { readonly hostname?: string } = {}): Promise<Identity[]> {
    return livePeers(this[CONTEXT], processType, hostname);
  }

  /**
   * Announces that this process is alive, every third of the TTL until the presence is stopped. A second call returns
   * the presence of the first while that lasts.
   *
   * Cost: one SET each time.
   */
  announce(options: AnnounceOptions = {}): Promise<Presence> {
    const start = (): Promise<Presence> => Presence.start(this[CONTEXT], this, options);
    this.#presence = this.#presence?.then((known) => (known.active ? known : start()), start) ?? start();
    return this.#presence;
  }
}
