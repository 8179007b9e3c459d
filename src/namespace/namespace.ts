import { randomUUID } from 'node:crypto';
import { CONTEXT } from '../collections/context.js';
import { NamespaceError } from '../errors.js';
import type { RedisClient } from '../executor/ioredis/redis-client.js';
import { expectWhole, type Identity, type IdentityOptions, resolveIdentity } from '../keys/identity.js';
import { prefixOf } from '../keys/keys.js';
import { loadProcesses } from './load-processes.js';
import { type CallOptions, NamespaceBase } from './namespace-base.js';
import type { KnownPeer, PeersOptions, WaitForPeersOptions } from './peers.js';
import type { AnnounceOptions, Presence } from './presence.js';
import { SharedNamespace, type SharedNamespaceOptions } from './shared-namespace.js';

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
  /** The token of an announcement that is not known to have succeeded. */
  #token: string | undefined;

  /**
   * @param client A client from `connect`, or your own of ioredis or ioredis-mock. It is never closed by the namespace.
   * @throws {@link NamespaceError} when a part of the identity is not 1-128 of `[A-Za-z0-9._-]`, or the client has
   * ioredis' `keyPrefix` set, or `connect` or another namespace on it has set another `maxPendingBytes` or `onFull`.
   */
  constructor(client: RedisClient, options: NamespaceOptions) {
    const identity = resolveIdentity(options);
    super(client, identity, options, prefixOf(identity).slice(0, -1));
  }

  /**
   * Opens a namespace that belongs to no process: all that open it write there. Nothing is sent.
   *
   * @param client As for the constructor.
   * @throws {@link NamespaceError} as the constructor, and without an `id`, which has no default here.
   * @example
   * ```ts
   * const control = Namespace.shared(redis, { hostname: 'beamline-7', processType: 'control', id: 'main' });
   * const requests = control.list<string>('requests');
   * ```
   */
  static shared(client: RedisClient, options: SharedNamespaceOptions): SharedNamespace {
    return new SharedNamespace(client, options);
  }

  /**
   * Announces that this process is alive, and claims its identity: no other live process can announce the same, not
   * even another `Namespace` object of this process. The claim is renewed every third of the TTL until the presence is
   * stopped. A second call on this object returns the presence of the first while that lasts.
   *
   * After an outage, or FLUSHALL, the next renewal claims the identity again, unless another process has taken it: then
   * `presence.signal` is aborted.
   *
   * Cost: two scripts in two round trips, at first and for each renewal.
   *
   * @throws {@link IdentityTakenError} while another live process has the identity. That of a process that crashed is
   *   free when its TTL is over.
   * @example
   * ```ts
   * await using presence = await me.announce({ ttl: 5_000 });
   * presence.signal.addEventListener('abort', () => process.exit(1)); // another process has taken the identity
   * ```
   */
  announce(options: AnnounceOptions = {}): Promise<Presence> {
    const start = (): Promise<Presence> => this.#announce(options);
    this.#presence = this.#presence?.then((known) => (known.active ? known : start()), start) ?? start();
    return this.#presence;
  }

  /**
   * Returns the live processes: those which announced themselves, and did not miss to renew that within their TTL.
   * Shared namespaces are none.
   *
   * With `dead: true`, it also returns those that are gone and have left keys behind; `state` tells which is which.
   *
   * Cost: a script and a read of each presence, O(processes of the type): in two round trips, and one more if some have
   * crashed since anybody looked. With `dead: true`, another script, and if any are gone, SCAN: O(keys on the server).
   *
   * @param processType Only those of this type. Default: all.
   * @param options `hostname`: only those on this host. Default: all.
   * @throws {@link NamespaceError} for a type or host that is not well-formed.
   * @example
   * ```ts
   * const onThisNode = await me.peers('worker', { hostname: me.hostname });
   * const dead = (await me.peers('worker', { dead: true })).filter(({ state }) => state !== 'live');
   * ```
   */
  peers(processType?: string, options?: PeersOptions & { readonly dead?: false | undefined }): Promise<Identity[]>;
  peers(processType: string | undefined, options: PeersOptions & { readonly dead: true }): Promise<KnownPeer[]>;
  peers(processType?: string, options?: PeersOptions): Promise<Identity[] | KnownPeer[]>;
  async peers(processType?: string, { hostname, dead = false }: PeersOptions = {}): Promise<Identity[]> {
    const { allPeers, livePeers } = await loadProcesses();
    return (dead ? allPeers : livePeers)(this[CONTEXT], { processType, hostname });
  }

  /**
   * Waits until there are as many live processes of a type, and returns them. This one counts if it is of the type. It
   * is woken when processes come; where notices of the server cannot be had, it looks again at an interval.
   *
   * Cost: each look is that of {@link peers}.
   *
   * @throws The reason of the signal, when it is aborted; RangeError for a count that is no whole number.
   * @example
   * ```ts
   * const workers = await me.waitForPeers('worker', { count: 4, signal: AbortSignal.timeout(60_000) });
   * ```
   */
  async waitForPeers(processType: string, options: WaitForPeersOptions = {}): Promise<Identity[]> {
    const { count = 1, hostname, signal } = options;
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError('count must be a whole number');
    signal?.throwIfAborted();
    const { waitForPeers } = await loadProcesses();
    return waitForPeers(this[CONTEXT], { processType, hostname }, { count, signal });
  }

  /**
   * Removes all collections of a process that is dead, with all that belongs to them, and returns how many keys that
   * were. The process cannot come back meanwhile: its identity is claimed for as long as it takes. What is not there
   * any more is not counted: calling it again does nothing.
   *
   * It returns 0, and removes nothing, for an identity that no process announced: of such a one nobody knows whether it
   * lives. For that reason no shared namespace is cleared by it.
   *
   * Cost: O(keys on the server), SCAN, and a script for every 1,000 keys, on a cluster UNLINK by slot. Not atomic.
   *
   * @throws {@link IdentityTakenError} while the process lives, or another one reaps it; {@link NamespaceError} for a
   *   shared namespace.
   * @example
   * ```ts
   * for (const peer of await me.peers('worker', { dead: true })) if (peer.state === 'expired') await me.reap(peer);
   * ```
   */
  async reap(identity: Identity): Promise<number> {
    if (identity instanceof SharedNamespace) {
      throw new NamespaceError('A shared namespace belongs to no process that could be dead: it has a clear() itself');
    }
    const whole = expectWhole(identity);
    const { reap } = await loadProcesses();
    return reap(this[CONTEXT], whole);
  }

  async #announce(options: AnnounceOptions): Promise<Presence> {
    const { Presence } = await loadProcesses();
    // The next attempt after one that failed, nobody knows how far it came, is by the same owner.
    this.#token ??= randomUUID();
    const presence = await Presence.start(this[CONTEXT], this, options, this.#token);
    this.#token = undefined;
    return presence;
  }
}
