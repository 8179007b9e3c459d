import { ConnectionError } from '../errors.js';
import type { Connections } from '../executor/connections.js';
import type { Executor } from '../executor/executor.js';
import { timers } from '../timers.js';
import { Channel, type ChannelListener } from './topic-channel.js';
import { TopicFeed } from './topic-feed.js';

/** Milliseconds between two looks whether channels have moved, and while one has no server. */
const LOOK = 1_000;
const QUICK_LOOK = 50;

/** The looks without a channel after which connections are closed. */
const IDLE_LOOKS = 5;

/** The channels of a client: one connection to each server, for all its subscriptions. */
class TopicHub {
  readonly #executor: Executor;
  readonly #channels = new Map<string, Channel>();
  readonly #feeds = new Map<object, TopicFeed>();
  #connections: Connections | undefined;
  #timer: NodeJS.Timeout | undefined;
  #idleLooks = 0;
  #forgetClose: (() => void) | undefined;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  /** Adds a subscription; returns what ends it. */
  join(name: string, listener: ChannelListener): () => void {
    this.#forgetClose ??= this.#executor.onClose(() => this.#end());
    let channel = this.#channels.get(name);
    if (channel === undefined) this.#channels.set(name, (channel = new Channel(name)));
    channel.listeners.add(listener);
    // Its caller does not have what ends it yet.
    if (channel.isSubscribed) void this.#tellLater(channel, listener);
    else void this.#look();
    return () => this.#leave(channel, listener);
  }

  async #tellLater(channel: Channel, listener: ChannelListener): Promise<void> {
    await Promise.resolve();
    // If it is lost by then, it is told with the others.
    if (channel.isSubscribed && channel.listeners.has(listener)) listener.subscribed();
  }

  #leave(channel: Channel, listener: ChannelListener): void {
    if (!channel.listeners.delete(listener) || channel.listeners.size > 0) return;
    this.#channels.delete(channel.name);
    channel.feed?.remove(channel);
  }

  /** Finds the servers of channels: of new ones, and of those that have moved. */
  async #look(): Promise<void> {
    timers.clearTimeout(this.#timer);
    try {
      this.#connections ??= await this.#executor.connections();
    } catch (error) {
      this.#fail(error);
      return;
    }
    let isHomeless = false;
    for (const channel of this.#channels.values()) {
      channel.place ??= this.#connections.placeOf(channel.name);
      const { server } = channel.place;
      if (server === undefined) isHomeless = true;
      else if (channel.feed?.server !== server) this.#move(channel, server);
    }
    if (isHomeless) this.#connections.refresh();
    for (const feed of this.#feeds.values()) feed.look();
    this.#idleLooks = this.#channels.size > 0 ? 0 : this.#idleLooks + 1;
    timers.clearTimeout(this.#timer);
    if (this.#idleLooks > IDLE_LOOKS) this.#rest();
    else this.#timer = timers.setTimeout(() => this.#lookAgain(), isHomeless ? QUICK_LOOK : LOOK).unref();
  }

  #lookAgain(): void {
    if (this.#executor.isCluster) this.#connections?.refresh();
    void this.#look();
  }

  #move(channel: Channel, server: object): void {
    channel.feed?.remove(channel);
    let feed = this.#feeds.get(server);
    if (feed === undefined) {
      const connections = this.#connections as Connections;
      feed = new TopicFeed(connections, server, this.#executor.isCluster, () => void this.#strayed());
      this.#feeds.set(server, feed);
    }
    feed.add(channel);
  }

  /** A server does not serve a channel any more. */
  #strayed(): void {
    this.#connections?.refresh();
    timers.clearTimeout(this.#timer);
    this.#timer = timers.setTimeout(() => void this.#look(), QUICK_LOOK).unref();
  }

  #end(): void {
    this.#fail(new ConnectionError('The client was closed'));
    this.#rest();
  }

  #fail(error: unknown): void {
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const { listeners } of channels) for (const listener of [...listeners]) listener.failed(error);
  }

  #rest(): void {
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
    timers.clearTimeout(this.#timer);
    this.#idleLooks = 0;
    this.#forgetClose?.();
    this.#forgetClose = undefined;
  }
}

const hubs = new WeakMap<Executor, TopicHub>();

/** Subscribes to a channel; returns what ends that. */
export function joinChannel(executor: Executor, name: string, listener: ChannelListener): () => void {
  let hub = hubs.get(executor);
  if (hub === undefined) hubs.set(executor, (hub = new TopicHub(executor)));
  return hub.join(name, listener);
}
