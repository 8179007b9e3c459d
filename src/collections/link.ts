/**
 * The content of a notice of a key: `changed`, or `doubt`: changes may have been missed, so look again and trust no copy.
 */
export type Notice = 'changed' | 'doubt';

/**
 * How a client learns of changes: `tracking`, by notices of the server; `polling`, by looking again at an interval;
 * `idle` while nothing is watched.
 */
export type LinkMode = 'tracking' | 'polling' | 'idle';

/** One listener at one key. */
export interface Watching extends Disposable {
  /** Ends it: the listener is not called any more. Nothing is sent. */
  [Symbol.dispose](): void;
}

/** Options of {@link Link.watch}. */
export interface WatchOptions {
  /**
   * Is called as soon as a notice of the key arrives, a round trip before `listener`: that is called when the next
   * change will be noticed as well. For whoever expects one change, and reads in vain if it is another. It must not
   * throw.
   */
  readonly early?: (() => void) | undefined;
  /** Gives up before the key is watched. Afterwards it has no effect. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the key must be watched. Default: 10,000. */
  readonly deadline?: number | undefined;
}

/** The notices of a server: who wants to know of changes of a key asks here. There is one link for each client. */
export interface Link {
  /** How changes are noticed now. While some servers of a cluster are tracked and others are not, it is `polling`. */
  readonly mode: LinkMode;
  /**
   * Watches a key, any key of the server. Once it has resolved, each later change by anybody is followed by a call of
   * `listener` with `changed` or `doubt`. To miss nothing, watch first and then read.
   *
   * A key is told once a tick at most, and calls may be spurious. Watching does not keep the process alive. When the
   * client is closed, `listener` is called with `doubt` for the last time: the read that follows rejects.
   *
   * @param listener It must not throw.
   * @throws `ConnectionError` when the client is closed, or no server was reached before the deadline; the reason of
   *   the signal, when it is aborted before.
   */
  watch(key: string, listener: (notice: Notice) => void, options?: WatchOptions): Promise<Watching>;
}
