import type { Connections, Place, Tracker } from '../executor/connections.js';
import { failureKind } from '../executor/deliver/server-errors.js';
import { isRefusal, StandingConnection } from '../executor/standing-connection.js';
import { timers } from '../timers.js';
import type { WatchedKey } from './watched-key.js';

/** The most keys of one command. */
const BATCH = 500;

/** Milliseconds until a key is asked for again that the server refused. */
const REFUSED = 10_000;

/** Events of the keys of a feed. */
export interface FeedEvents {
  /** A notice of the key has arrived; the server is asked for the next one. */
  heard(watched: WatchedKey): void;
  /** The server sends a notice of the next change of the key. */
  armed(watched: WatchedKey): void;
  /**
   * The server does not do so any more, or does not yet.
   *
   * @param isReached Whether the server was reached, so that looking at an interval will do.
   */
  polled(watched: WatchedKey, isReached: boolean): void;
  /** The server cannot serve the key now: it may be another one's. The feed has given it up. */
  strayed(watched: WatchedKey): void;
}

/** The watched keys of one server, and the connection that hears of them. */
export class Feed {
  readonly server: object;
  readonly keys = new Map<string, WatchedKey>();
  readonly #events: FeedEvents;
  readonly #standing: StandingConnection<Tracker>;
  #trouble: unknown;
  #idleLooks = 0;
  /** The keys for which the server is asked at the end of this tick. */
  #queue: WatchedKey[] = [];

  constructor(connections: Connections, server: object, events: FeedEvents) {
    this.server = server;
    this.#events = events;
    this.#standing = new StandingConnection<Tracker>(
      (lost, patience) => connections.tracker(server, { changed: (keys) => this.#hear(keys), lost }, patience),
      () => connections.isLive(server),
      {
        opened: () => this.#arm(this.keys.values()),
        lost: (error) => this.#doubt(error),
        failed: (error) => this.#doubt(error),
      },
    );
  }

  /** Whether its server sends notices. */
  get isOpen(): boolean {
    return this.#standing.current !== undefined;
  }

  /** Whether the server was reached, but refused to send notices. */
  get isRefused(): boolean {
    return !this.isOpen && this.#trouble !== undefined && isRefusal(this.#trouble);
  }

  /** The last reason why there was no connection. */
  get trouble(): unknown {
    return this.#trouble;
  }

  add(watched: WatchedKey): void {
    this.keys.set(watched.key, watched);
    this.#arm([watched]);
  }

  /** Forgets a key. A notice that still comes is ignored. */
  remove(watched: WatchedKey): void {
    if (this.keys.get(watched.key) === watched) this.keys.delete(watched.key);
  }

  /** The number of looks since it had a key. */
  get idleLooks(): number {
    return this.#idleLooks;
  }

  /** Asks again for keys that were refused, and checks that the connection leads to where the client's own does. */
  look(): void {
    this.#idleLooks = this.keys.size > 0 ? 0 : this.#idleLooks + 1;
    const { current } = this.#standing;
    if (current === undefined) return;
    if (!current.isCurrent) {
      this.#standing.reopen(new Error('The client is connected to another server'));
      return;
    }
    const now = timers.now();
    this.#arm([...this.keys.values()].filter((one) => one.state === 'polled' && one.refusedUntil <= now));
  }

  close(): void {
    this.#standing.close();
  }

  #hear(keys: readonly string[] | null): void {
    for (const watched of keys === null ? this.keys.values() : this.#known(keys)) {
      this.#events.heard(watched);
      if (watched.state === 'arming') watched.isChanged = true;
      if (watched.state !== 'armed') continue;
      watched.afterwards ??= 'changed';
      this.#arm([watched]);
    }
  }

  *#known(keys: readonly string[]): Iterable<WatchedKey> {
    for (const key of keys) {
      const watched = this.keys.get(key);
      if (watched !== undefined) yield watched;
    }
  }

  #arm(all: Iterable<WatchedKey>): void {
    if (!this.isOpen) return;
    for (const watched of all) {
      if (watched.state === 'queued' || watched.state === 'arming') continue;
      watched.state = 'queued';
      if (this.#queue.length === 0) timers.atEndOfTick(() => this.#flush());
      this.#queue.push(watched);
    }
  }

  #flush(): void {
    const queue = this.#queue;
    this.#queue = [];
    const tracker = this.#standing.current;
    if (tracker === undefined) return;
    for (const group of groupByPlace(queue)) {
      for (let at = 0; at < group.length; at += BATCH) void this.#ask(tracker, group.slice(at, at + BATCH));
    }
  }

  async #ask(tracker: Tracker, batch: readonly WatchedKey[]): Promise<void> {
    const asked = batch.filter((one) => one.state === 'queued' && this.keys.get(one.key) === one);
    if (asked.length === 0) return;
    for (const watched of asked) watched.state = 'arming';
    let refusal: unknown;
    try {
      await tracker.arm(asked.map(({ key }) => key));
    } catch (error) {
      refusal = error;
    }
    // The keys of a lost connection were told when it was lost.
    if (this.#standing.current !== tracker) return;
    const left = asked.filter((one) => one.state === 'arming' && this.keys.get(one.key) === one);
    if (refusal === undefined) for (const watched of left) this.#armed(watched);
    else this.#refused(tracker, left, refusal);
  }

  #armed(watched: WatchedKey): void {
    const { isChanged } = watched;
    watched.isChanged = false;
    watched.state = 'armed';
    this.#events.armed(watched);
    if (!isChanged) return;
    // The notice was that of this request, so it is told after another one: as long as the server notes nothing, the
    // key may change again after the listeners have read it.
    watched.afterwards ??= 'changed';
    this.#arm([watched]);
  }

  #refused(tracker: Tracker, batch: readonly WatchedKey[], error: unknown): void {
    const kind = failureKind(error);
    // The connection is about to be lost.
    if (kind === 'lost') return;
    for (const watched of batch) watched.state = 'queued';
    if (kind === 'refused' && batch.length > 1) {
      // One key that the user may not read is enough for a refusal.
      const half = Math.ceil(batch.length / 2);
      void this.#ask(tracker, batch.slice(0, half));
      void this.#ask(tracker, batch.slice(half));
      return;
    }
    for (const watched of batch) {
      if (kind === 'refused') watched.refusedUntil = timers.now() + REFUSED;
      this.#poll(watched, true);
      if (kind === 'not-run') {
        this.remove(watched);
        this.#events.strayed(watched);
      }
    }
  }

  /** There is no connection, and so nothing that the server noted for it. */
  #doubt(error: unknown): void {
    this.#trouble = error;
    for (const watched of this.keys.values()) this.#poll(watched, this.isRefused);
  }

  #poll(watched: WatchedKey, isReached: boolean): void {
    watched.state = 'polled';
    watched.isChanged = false;
    watched.afterwards = 'doubt';
    this.#events.polled(watched, isReached);
  }
}

function groupByPlace(all: readonly WatchedKey[]): Iterable<readonly WatchedKey[]> {
  const groups = new Map<Place, WatchedKey[]>();
  for (const watched of all) {
    const group = groups.get(watched.place);
    if (group === undefined) groups.set(watched.place, [watched]);
    else group.push(watched);
  }
  return groups.values();
}
