import type { Place } from '../executor/connections.js';

/** Events of its channel that one subscription hears of. */
export interface ChannelListener {
  /** The server has confirmed it: for the first time, or again after a time without. */
  subscribed(): void;
  message(bytes: Buffer): void;
  /** It cannot go on. It is told nothing after that. */
  failed(error: unknown): void;
}

/** A channel with its subscriptions. */
export class Channel {
  readonly name: string;
  readonly listeners = new Set<ChannelListener>();
  place: Place | undefined;
  feed: { readonly server: object; remove(channel: Channel): void } | undefined;
  /** Whether the server has confirmed it, on the connection that there is now. */
  isSubscribed = false;

  constructor(name: string) {
    this.name = name;
  }
}
