import { Budget, within } from '../codec/limits.js';
import { readLoading } from '../codec/not-loaded.js';
import type { Command } from '../command/command.js';
import * as stream from '../command/stream.js';
import { ConnectionError, type StreamGap, StreamGapError } from '../errors.js';
import { holdProcess, inTime, pause } from '../executor/waiting.js';
import { Bell } from './bell.js';
import type { CollectionContext } from './context.js';
import type { EndingIterator } from './later-iterator.js';
import type { Watching } from './link.js';
import { type Page, PagedIterator, PageSize } from './paged-iterator.js';
import type { FollowedEntry, StreamEntry } from './stream-entries.js';
import { StreamPosition } from './stream-position.js';

/** A stream to follow, and how. */
export interface Followed<T> {
  readonly key: string;
  readonly context: CollectionContext;
  readonly decode: (entry: stream.RawEntry) => StreamEntry<T>;
  readonly run: <R>(build: () => Command<R>) => Promise<R>;
  readonly from: string;
  /** The state of the stream at the call, behind which `'now'` follows. */
  readonly end: Promise<stream.StreamFacts | undefined> | undefined;
  readonly onGap: 'throw' | 'yield';
  readonly signal: AbortSignal | undefined;
}

/** One result of reading: an entry, or that there are missing ones. */
type Item = stream.RawEntry | { readonly gap: StreamGap };

/**
 * A follower of a stream: see `RedisStream.follow`. It watches the stream, and reads a page when something has changed
 * and the page before it is taken. After any error it no longer watches, because a `for await` ends by that and tells
 * nobody; `next` begins to watch again, and goes on from the same place.
 */
export class StreamFollower<T> implements EndingIterator<FollowedEntry<T>> {
  readonly #followed: Followed<T>;
  readonly #changes: Changes;
  readonly #items: PagedIterator<FollowedEntry<T>, Item>;
  readonly #size = new PageSize();
  #end: Promise<stream.StreamFacts | undefined> | undefined;
  #position: StreamPosition | undefined;
  /** Whether there may be more to read although nothing has changed. */
  #more = true;
  /** The memory budget of the values of a page. */
  #budget = new Budget();

  constructor(followed: Followed<T>) {
    this.#followed = followed;
    this.#end = followed.end;
    this.#changes = new Changes(followed);
    this.#items = new PagedIterator(
      () => this.#nextPage(),
      (item) => this.#read(item),
    );
  }

  next(): Promise<IteratorResult<FollowedEntry<T>, undefined>> {
    return this.#items.next();
  }

  return(): Promise<IteratorResult<FollowedEntry<T>, undefined>> {
    this.#changes.end();
    return this.#items.return();
  }

  #read(item: Item): FollowedEntry<T> | Promise<FollowedEntry<T>> {
    const { decode, onGap, key } = this.#followed;
    try {
      if (!('gap' in item)) return readLoading(() => within(this.#budget, () => decode(item)));
      if (onGap === 'yield') return item;
      throw new StreamGapError(item.gap, { key });
    } catch (error) {
      this.#changes.stop();
      throw error;
    }
  }

  /** Returns the next page as soon as there is something in it; the last one is empty. */
  async #nextPage(): Promise<Page<Item>> {
    const release = holdProcess();
    try {
      for (;;) {
        if (this.#changes.ended) return { items: [], last: true };
        const items = await this.#attempt();
        if (items !== undefined && items.length > 0) return { items, last: false };
      }
    } catch (error) {
      this.#changes.stop();
      throw error;
    } finally {
      release();
    }
  }

  /** Waits for a change, and reads; undefined when no server was reached, which may be otherwise the next time. */
  async #attempt(): Promise<readonly Item[] | undefined> {
    const { context, key, signal } = this.#followed;
    signal?.throwIfAborted();
    try {
      this.#position ??= await this.#begin();
      await this.#changes.start();
      if (!this.#more) await this.#changes.next();
      return this.#changes.ended ? undefined : await this.#readPage(this.#position);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      // Throws unless this is an outage.
      context.executor.expectOpen(key);
      this.#more = true;
      await pause(PAUSE, signal);
      return undefined;
    }
  }

  async #begin(): Promise<StreamPosition> {
    const { from, key } = this.#followed;
    if (from === 'start') return StreamPosition.atStart();
    if (from !== 'now') return StreamPosition.behind(from);
    const end = this.#end ?? this.#run(() => stream.facts(key));
    this.#end = undefined;
    return StreamPosition.atEnd(await end);
  }

  async #readPage(position: StreamPosition): Promise<readonly Item[]> {
    const { key } = this.#followed;
    const limit = this.#size.count;
    this.#changes.take();
    const found = await this.#run(() => stream.follow(key, position.after, limit));
    const { gap, entries, more } = position.take(found, limit);
    if (entries.length > 0) this.#size.learnEntries(entries);
    this.#more = more;
    this.#budget = new Budget();
    return gap === undefined ? entries : [{ gap }, ...entries];
  }

  #run<R>(build: () => Command<R>): Promise<R> {
    const { run, signal } = this.#followed;
    const reply = run(build);
    return signal === undefined ? reply : inTime(reply, Number.POSITIVE_INFINITY, signal, never);
  }
}

/** Milliseconds between two attempts to reach a server, each of which lasts as long as its deadline. */
const PAUSE = 100;

function never(): Error {
  return new Error('There is no limit');
}

/** Whether a stream may have changed, by the link of its client. */
class Changes {
  readonly #followed: Pick<Followed<unknown>, 'key' | 'context' | 'signal'>;
  readonly #bell = new Bell();
  #watching: Watching | undefined;
  #ended = false;

  constructor(followed: Pick<Followed<unknown>, 'key' | 'context' | 'signal'>) {
    this.#followed = followed;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Watches the stream, unless it does already. What was changed before counts as a change. */
  async start(): Promise<void> {
    if (this.#watching !== undefined) return;
    const { key, context, signal } = this.#followed;
    const watching = await context.link.watch(key, this.#bell.ring, { signal, deadline: context.deadline });
    if (this.#ended) watching[Symbol.dispose]();
    else this.#watching = watching;
    this.#bell.ring();
  }

  /** Notes that the stream is read now: only later changes count. */
  take(): void {
    this.#bell.quiet();
  }

  /**
   * Waits for a change, or the end.
   *
   * @throws The reason of the signal.
   */
  async next(): Promise<void> {
    const { signal } = this.#followed;
    await this.#bell.rings(Number.POSITIVE_INFINITY, signal);
    signal?.throwIfAborted();
  }

  /** Watches no longer. */
  stop(): void {
    this.#watching?.[Symbol.dispose]();
    this.#watching = undefined;
  }

  end(): void {
    this.#ended = true;
    this.stop();
    this.#bell.ring();
  }
}
