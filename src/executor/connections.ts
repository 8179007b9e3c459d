/**
 * Events of a connection of its own. A connection ends with its loss: whoever needs another one opens it.
 */
export interface ConnectionEvents {
  /** The connection is lost, or its server is silent. It is called once, and not after `close`. */
  lost(error: unknown): void;
}

/** Events of a subscribed connection. */
export interface SubscriberEvents extends ConnectionEvents {
  /** A message on a channel. Those of the server itself may be several byte strings, or null. */
  message(channel: Buffer, message: Buffer | readonly Buffer[] | null): void;
}

/** A connection of its own to one server that receives messages of channels. */
export interface Subscriber {
  /**
   * Subscribes to channels; resolves when the server has confirmed it. Messages that come before are passed on.
   *
   * @param sharded Whether they are shard channels, of a slot that this server serves.
   */
  subscribe(channels: readonly string[], sharded?: boolean): Promise<void>;
  unsubscribe(channels: readonly string[], sharded?: boolean): Promise<void>;
  /** Returns whether it leads to the server that the client itself is connected to, as far as is known. */
  readonly isCurrent: boolean;
  close(): void;
}

/** Reports of a server about keys. */
export interface TrackerEvents extends ConnectionEvents {
  /** Keys of which `arm` was called have changed; null for all of them. None of these is armed any more. */
  changed(keys: readonly string[] | null): void;
}

/** Connections of their own to one server that receive a notice of the next change of keys. */
export interface Tracker {
  /**
   * Asks for one notice of the next change of each key. It resolves when each later change will be noticed; notices may
   * come before that. On a cluster, the keys are of one slot.
   *
   * @throws The error of the client: see `failureKind`.
   */
  arm(keys: readonly string[]): Promise<void>;
  /** Returns whether it leads to the server that the client itself is connected to, as far as is known. */
  readonly isCurrent: boolean;
  close(): void;
}

/** The keys that one server serves together: all of them, or those of one slot of a cluster. */
export interface Place {
  /** The server that serves them now, always the same object for one server; undefined as long as it is unknown. */
  readonly server: object | undefined;
}

/** Opens connections of their own to the servers behind a client. None of them keeps the process alive. */
export interface Connections {
  /** Returns the place of a key or a shard channel: the same object for keys of one slot. */
  placeOf(key: string): Place;
  /** Begins to look whether keys have moved to other servers. */
  refresh(): void;
  /** Returns whether the client itself is connected to a server. If not, it begins to connect. */
  isLive(server: object): boolean;
  /**
   * Opens a connection for messages.
   *
   * @param patience Milliseconds to wait for the server.
   */
  subscriber(server: object, events: SubscriberEvents, patience: number): Promise<Subscriber>;
  /**
   * Opens what hears of changes.
   *
   * @param patience Milliseconds to wait for the server.
   * @throws `UnsupportedError` where a server cannot send notices.
   */
  tracker(server: object, events: TrackerEvents, patience: number): Promise<Tracker>;
}
