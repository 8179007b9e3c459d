import * as commands from '../../command/stream-group.js';
import type { Command } from '../../command/command.js';
import { UnknownOutcomeError } from '../../errors.js';
import { onAbort, pause } from '../../executor/waiting.js';
import { timers } from '../../timers.js';
import type { Consuming } from './consuming.js';
import { backoff, isNoGroup, isTransient, reasonOf } from './failures.js';
import { expectWritable } from './group-calls.js';
import { type Read, reading } from './reading.js';
import type { GroupSource } from './group-source.js';
import { HeldItem, type Holder } from './held-item.js';
import { Leases } from './leases.js';

/** How often an acknowledgement whose reply was lost is sent again. */
const REPEATS = 3;

/** A call that waits for an item. */
interface Waiter<T> {
  readonly resolve: (item: HeldItem<T> | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One consumer of a group, from its first read until it has left.
 *
 * New entries come by a read that blocks, on a connection of its own: one that is added goes to one waiting consumer
 * at once, where a notice would wake all of them, who then would race for it. Everything else comes by the sign of
 * life ({@link Leases}): renewals, items that are due again, and what the dead have left, among that what the server gave
 * out to this consumer in a reply that was lost.
 */
export class Consumption<T> implements Holder<T> {
  readonly #source: GroupSource<T>;
  readonly #options: Consuming;
  readonly #acknowledge: commands.Acknowledge;
  readonly #entryOf: commands.EntryReader<Read<T>>;
  readonly #leases: Leases<T>;
  /** Items that are ready to be handed out. */
  readonly #ready: HeldItem<T>[] = [];
  /** How many items are handed out and not settled. */
  #active = 0;
  readonly #waiters: Waiter<T>[] = [];
  #reading: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  #joining: Promise<void> | undefined;
  /** The last id that the group is known to have given out. */
  #known: string | undefined;
  #failures = 0;
  #stopping: Promise<void> | undefined;
  /** The error that the next call is to throw. */
  #failure: { readonly error: unknown } | undefined;
  readonly #ignoreSignal: () => void;

  constructor(source: GroupSource<T>, options: Consuming) {
    expectWritable(source);
    this.#source = source;
    this.#options = options;
    const { place } = source;
    this.#entryOf = reading(source.decode);
    this.#acknowledge = commands.acknowledging(place, options.consumer);
    this.#leases = new Leases<T>({
      lease: options.lease,
      beat: (lease, held) => this.#beat(lease, held),
      wants: () => this.#room > 0,
      lost: (item) => this.#forget(item),
    });
    this.#ignoreSignal = onAbort(options.signal, () => this.#fail(options.signal?.reason));
  }

  /** Iterates over the items. With `concurrency: 1`, an item ends with the body of the loop. */
  async *[Symbol.asyncIterator](): AsyncGenerator<HeldItem<T>, undefined, undefined> {
    try {
      for (;;) {
        const item = await this.take();
        if (item === undefined) return undefined;
        try {
          yield item;
        } finally {
          if (this.#options.concurrency === 1) this.#forget(item);
        }
      }
    } finally {
      await this.stop();
    }
  }

  /** Returns the next item when there is one, and room for it; undefined once it is stopped. */
  take(): Promise<HeldItem<T> | undefined> {
    if (this.#stopping !== undefined) return this.#stopping.then(() => this.#last());
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#pump();
    });
  }

  /** Takes nothing more, and gives back what was not handed out. What was can still be settled. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#shutDown());
  }

  /** Stops it with an error for whoever waits for an item. */
  #fail(error: unknown): void {
    if (this.#stopping === undefined) this.#failure = { error };
    void this.stop();
  }

  async ack(item: HeldItem<T>): Promise<boolean> {
    this.#forget(item);
    return this.#settle(this.#acknowledge(item.id));
  }

  retry(item: HeldItem<T>, delay: number, error: unknown): Promise<boolean> {
    this.#forget(item);
    const { place } = this.#source;
    const settled = this.#settle(commands.retry(place, this.#options.consumer, item.id, delay, reasonOf(error)));
    return settled.finally(() => this.#leases.expect(delay));
  }

  async extend(item: HeldItem<T>, milliseconds: number): Promise<boolean> {
    return this.#leases.extend(item, milliseconds);
  }

  /** How many more items it could hold. */
  get #room(): number {
    const { batch, concurrency } = this.#options;
    if (this.#stopping !== undefined) return 0;
    if (batch !== undefined) return Math.max(0, batch - this.#ready.length);
    return this.#waiters.length === 0 ? 0 : Math.max(0, concurrency - this.#active - this.#ready.length);
  }

  /** Hands out what is ready, and reads more. */
  #pump(): void {
    while (this.#waiters.length > 0 && this.#ready.length > 0 && this.#active < this.#options.concurrency) {
      const item = this.#ready.shift() as HeldItem<T>;
      this.#active += 1;
      item.isActive = true;
      this.#waiters.shift()?.resolve(item);
    }
    if (this.#ready.length > 0 || this.#room === 0) return;
    this.#leases.look();
    if (this.#reading === undefined) {
      const stop = new AbortController();
      this.#reading = { stop, ended: this.#read(stop) };
    }
  }

  /** Reads new entries, and waits for them. */
  async #read({ signal }: AbortController): Promise<void> {
    const { place, context } = this.#source;
    const { consumer } = this.#options;
    try {
      await (this.#joining ??= this.#join());
      signal.throwIfAborted();
      const sent = timers.now();
      const { deadline, executor } = context;
      const entries = await executor.block(
        place.keys.stream,
        (milliseconds) => commands.readNew(place, consumer, Math.max(1, this.#room), milliseconds, this.#entryOf),
        { timeout: undefined, signal, deadline },
      );
      this.#failures = 0;
      this.#known = entries?.at(-1)?.id ?? this.#known;
      this.#accept(entries ?? [], sent);
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) await this.#survive(error, signal);
    }
    this.#reading = undefined;
    this.#pump();
  }

  /** Makes the group, and registers the consumer. */
  async #join(): Promise<void> {
    const { place, from } = this.#source;
    const { consumer: name, lease } = this.#options;
    try {
      const { last } = await this.#run(commands.join(place, { name, lease }, from, this.#known));
      this.#known ??= last;
      this.#leases.start();
    } catch (error) {
      this.#joining = undefined;
      throw error;
    }
  }

  /** Gives a sign of life, and takes what others have let go. */
  async #beat(lease: number, held: readonly HeldItem<T>[]): Promise<commands.Beat<unknown> | undefined> {
    const { place } = this.#source;
    const sent = timers.now();
    const ids = held.map(({ id }) => id);
    try {
      const result = await this.#run(
        commands.beat(place, { name: this.#options.consumer, lease }, ids, this.#room, this.#entryOf),
      );
      this.#accept(result.taken, sent);
      return result;
    } catch (error) {
      if (isNoGroup(error)) {
        for (const item of held) this.#leases.lose(item, 'the group was deleted');
        this.#joining = undefined;
        // The read would not notice before something is added.
        if (this.#stopping === undefined) await (this.#joining = this.#join()).catch(() => {});
      } else this.#passes(error);
      return undefined;
    }
  }

  #accept(entries: readonly commands.Delivered<Read<T>>[], since: number): void {
    for (const { id, deliveries, entry } of entries) {
      const value = 'value' in entry ? entry.value : (undefined as T);
      const item = new HeldItem<T>(this, id, value, deliveries, 0);
      this.#leases.add(item, since);
      if ('value' in entry) this.#ready.push(item);
      else item.retry(backoff(deliveries), entry.error).catch((error: unknown) => this.noteLoss(error));
    }
    if (this.#options.batch === undefined && this.#room === 0) this.#reading?.stop.abort();
    this.#pump();
  }

  /** Goes on after an error that passes; otherwise ends with it. */
  async #survive(error: unknown, signal: AbortSignal): Promise<void> {
    this.#failures += 1;
    if (isNoGroup(error)) this.#joining = undefined;
    else if (!this.#passes(error)) return;
    await pause(backoff(this.#failures), signal);
  }

  /** Ends with the error of a call that nobody waits for, unless it passes: then the item comes again. */
  noteLoss(error: unknown): void {
    this.#passes(error);
  }

  /** Returns whether an error passes by itself; otherwise ends with it, or with that of a closed client. */
  #passes(error: unknown): boolean {
    let failure: unknown = error;
    if (isTransient(error)) {
      try {
        this.#source.context.executor.expectOpen(this.#source.key);
        return true;
      } catch (closed) {
        failure = closed;
      }
    }
    this.#leases.abandon('the consumer has failed');
    this.#fail(failure);
    return false;
  }

  /** Renews the item no longer, and makes room for the next. */
  #forget(item: HeldItem<T>): void {
    this.#leases.delete(item);
    if (!item.isActive) return;
    item.isActive = false;
    this.#active -= 1;
    this.#pump();
  }

  async #settle(command: Command<commands.Outcome>): Promise<boolean> {
    try {
      for (let repeats = 0; ; repeats += 1) {
        try {
          const outcome = await this.#run(command);
          // An item that an earlier attempt settled is not pending any more.
          return outcome === 'done' || (repeats > 0 && outcome === 'not pending');
        } catch (error) {
          if (!(error instanceof UnknownOutcomeError) || repeats === REPEATS) throw error;
        }
      }
    } finally {
      if (this.#stopping !== undefined) void this.#stopping.then(() => this.#leave([]));
    }
  }

  async #shutDown(): Promise<void> {
    this.#ignoreSignal();
    const reading = this.#reading;
    reading?.stop.abort();
    await reading?.ended;
    await this.#leases.quiet;
    const unseen = this.#ready.splice(0);
    for (const item of unseen) this.#leases.delete(item);
    await this.#leave(unseen);
    this.#leases.finish();
    for (const waiter of this.#waiters.splice(0)) {
      try {
        waiter.resolve(this.#last());
      } catch (error) {
        waiter.reject(error);
      }
    }
  }

  /** Gives items back, and removes the consumer if it holds nothing. */
  async #leave(unseen: readonly HeldItem<T>[]): Promise<void> {
    if (this.#joining === undefined || (unseen.length === 0 && this.#leases.size > 0)) return;
    const ids = unseen.map(({ id }) => id);
    try {
      await this.#run(commands.leave(this.#source.place, this.#options.consumer, ids));
    } catch {
      // They come again when the lease has run out, and others remove the consumer.
    }
  }

  /** @throws The error that ended it, once. */
  #last(): undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
    return undefined;
  }

  #run<R>(command: Command<R>): Promise<R> {
    const { executor, deadline } = this.#source.context;
    return executor.run(command, deadline);
  }
}
