import type { Link, LinkMode, Notice, Watching, WatchOptions } from '../collections/link.js';
import { ConnectionError } from '../errors.js';
import type { Connections } from '../executor/connections.js';
import { withLastWord } from '../executor/deliver/server-errors.js';
import type { Executor } from '../executor/executor.js';
import { timers } from '../timers.js';
import { Feed } from './feed.js';
import { Poll } from './poll.js';
import { Waiter } from './waiter.js';
import { WatchedKey } from './watched-key.js';

/** Milliseconds between two looks whether keys have moved to other servers. */
const LOOK = 2_000;

/** The looks without a key after which connections are closed. */
const IDLE_LOOKS = 3;

/** The link of a client: all watched keys, the feeds of their servers, and who is told. */
export class SharedLink implements Link {
  readonly #executor: Executor;
  readonly #connections: Connections;
  readonly #keys = new Map<string, WatchedKey>();
  readonly #feeds = new Map<object, Feed>();
  /** The feed of each key whose server is known. */
  readonly #feedOf = new Map<WatchedKey, Feed>();
  /** The keys of which no notice would come. */
  readonly #polled = new Set<WatchedKey>();
  readonly #poll = new Poll(() => this.#round());
  /** The keys that are told at the end of this tick. */
  #due: WatchedKey[] = [];
  #timer: NodeJS.Timeout | undefined;
  #forgetClose: (() => void) | undefined;

  constructor(executor: Executor, connections: Connections) {
    this.#executor = executor;
    this.#connections = connections;
  }

  get mode(): LinkMode {
    if (this.#keys.size === 0) return 'idle';
    return this.#polled.size > 0 ? 'polling' : 'tracking';
  }

  watch(key: string, listener: (notice: Notice) => void, options: WatchOptions = {}): Promise<Watching> {
    const { signal, deadline = this.#executor.deadline } = options;
    const watched = this.#open(key);
    const late = (): Error => this.#late(watched);
    const waiter = new Waiter({ listener, early: options.early }, deadline, signal, late, () => {
      watched.waiters.delete(waiter);
      this.#forgetUnwatched(watched);
    });
    watched.waiters.add(waiter);
    const isPolledOnly = this.#feedOf.get(watched)?.isRefused === true || watched.refusedUntil > timers.now();
    if (watched.state === 'armed' || isPolledOnly) this.#settle(watched);
    return waiter.promise;
  }

  #open(key: string): WatchedKey {
    this.#forgetClose ??= this.#executor.onClose(() => this.#end());
    this.#timer ??= timers.setInterval(() => this.#look(), LOOK).unref();
    let watched = this.#keys.get(key);
    if (watched === undefined) {
      watched = new WatchedKey(key, this.#connections.placeOf(key));
      this.#keys.set(key, watched);
      this.#setPolled(watched);
      this.#place(watched);
    }
    return watched;
  }

  /** Has the server of a key watch it, if that is known. */
  #place(watched: WatchedKey): void {
    const { server } = watched.place;
    if (server === undefined) return;
    const feed = this.#feeds.get(server) ?? this.#newFeed(server);
    this.#feedOf.set(watched, feed);
    feed.add(watched);
  }

  #newFeed(server: object): Feed {
    const feed: Feed = new Feed(this.#connections, server, {
      heard: (watched) => watched.hear(),
      armed: (watched) => {
        this.#polled.delete(watched);
        if (watched.afterwards !== undefined) this.#notify(watched, watched.afterwards);
        watched.afterwards = undefined;
        this.#settle(watched);
      },
      polled: (watched, isReached) => {
        this.#notify(watched, 'doubt');
        this.#setPolled(watched);
        if (isReached) this.#settle(watched);
      },
      strayed: (watched) => this.#feedOf.delete(watched),
    });
    this.#feeds.set(server, feed);
    return feed;
  }

  #setPolled(watched: WatchedKey): void {
    this.#polled.add(watched);
    this.#poll.start();
  }

  /** Answers those who wait for a key: from now on no change of it is missed. */
  #settle(watched: WatchedKey): void {
    for (const waiter of watched.waiters) {
      waiter.succeed(watched.listen(waiter.ears, () => this.#forgetUnwatched(watched)));
    }
    watched.waiters.clear();
  }

  #late(watched: WatchedKey): ConnectionError {
    const told = 'The key is not watched: its server was not reached in time';
    return withLastWord(ConnectionError, told, this.#feedOf.get(watched)?.trouble, { key: watched.key });
  }

  #forgetUnwatched(watched: WatchedKey): void {
    if (!watched.isUnwatched || this.#keys.get(watched.key) !== watched) return;
    this.#keys.delete(watched.key);
    this.#polled.delete(watched);
    this.#feedOf.get(watched)?.remove(watched);
    this.#feedOf.delete(watched);
  }

  /** Tells the listeners of a key at the end of this tick, once. */
  #notify(watched: WatchedKey, notice: Notice): void {
    if (watched.due === undefined) {
      if (this.#due.length === 0) timers.atEndOfTick(() => this.#tell());
      this.#due.push(watched);
    }
    if (watched.due !== 'doubt') watched.due = notice;
  }

  #tell(): void {
    const due = this.#due;
    this.#due = [];
    for (const watched of due) watched.tell();
  }

  /** Tells of all keys that are polled, and tries again to place those that have no server. */
  #round(): number {
    const homeless = [...this.#polled].filter((watched) => !this.#feedOf.has(watched));
    if (homeless.length > 0) this.#connections.refresh();
    for (const watched of this.#polled) this.#notify(watched, 'doubt');
    for (const watched of homeless) this.#place(watched);
    return this.#polled.size;
  }

  /** Looks whether keys have moved. A key that does not exist moves without a notice. */
  #look(): void {
    if (this.#keys.size > 0) this.#connections.refresh();
    for (const [watched, feed] of this.#feedOf) {
      const { server } = watched.place;
      if (server !== undefined && server !== feed.server) this.#move(watched, feed);
    }
    for (const [server, feed] of this.#feeds) {
      feed.look();
      if (feed.idleLooks < IDLE_LOOKS) continue;
      feed.close();
      this.#feeds.delete(server);
    }
    if (this.#feeds.size === 0 && this.#keys.size === 0) this.#rest();
  }

  #move(watched: WatchedKey, from: Feed): void {
    from.remove(watched);
    this.#feedOf.delete(watched);
    watched.state = 'polled';
    watched.isChanged = false;
    watched.afterwards = 'doubt';
    this.#notify(watched, 'doubt');
    this.#setPolled(watched);
    this.#place(watched);
  }

  /** Ends all, because the client was closed. */
  #end(): void {
    for (const watched of this.#keys.values()) {
      for (const waiter of watched.waiters) waiter.fail(this.#closed(watched.key));
      watched.waiters.clear();
      this.#notify(watched, 'doubt');
    }
    this.#keys.clear();
    this.#polled.clear();
    this.#feedOf.clear();
    this.#rest();
  }

  #closed(key: string): unknown {
    try {
      this.#executor.expectOpen(key);
    } catch (error) {
      return error;
    }
    return new ConnectionError('The client was closed', { key });
  }

  #rest(): void {
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
    this.#poll.stop();
    timers.clearInterval(this.#timer);
    this.#timer = undefined;
    this.#forgetClose?.();
    this.#forgetClose = undefined;
  }
}
