import type { Beat } from '../../command/stream-group.js';
import { LeaseLostError } from '../../errors.js';
import { LONGEST_TIMER } from '../../executor/waiting.js';
import { timers } from '../../timers.js';
import type { HeldItem } from './held-item.js';

/** The most milliseconds between two signs of life. */
const LONGEST_PAUSE = 5_000;

/** The least milliseconds between two looks for items that are due again. */
const SHORTEST_PAUSE = 5;

/** The terms of a consumer's leases. */
export interface LeaseOptions<T> {
  readonly lease: number;
  /** Sends a sign of life for these items; undefined when that failed. */
  readonly beat: (lease: number, held: readonly HeldItem<T>[]) => Promise<Beat<unknown> | undefined>;
  /** Returns whether there is room for items that are due again. */
  readonly wants: () => boolean;
  /** Called when an item was lost. */
  readonly lost: (item: HeldItem<T>) => void;
}

/** The items that a consumer holds, and the timer by which it renews their leases: one command for all of them. */
export class Leases<T> {
  readonly #options: LeaseOptions<T>;
  readonly #held = new Map<string, HeldItem<T>>();
  readonly #interval: number;
  #timer: NodeJS.Timeout | undefined;
  /** The time when the timer fires. */
  #timerAt = Number.POSITIVE_INFINITY;
  #isOn = false;
  #isFinishing = false;
  #beating: Promise<void> | undefined;
  /** When this process was last seen to run: replies that it reads were not there before. */
  #seen = Number.NEGATIVE_INFINITY;
  /** When the next item is due again, as far as is known. */
  #dueAt = Number.POSITIVE_INFINITY;
  /** Until when the process may be unable to renew. */
  #extendedTo = 0;

  constructor(options: LeaseOptions<T>) {
    this.#options = options;
    this.#interval = Math.min(options.lease / 3, LONGEST_PAUSE);
  }

  get size(): number {
    return this.#held.size;
  }

  /** Resolves when no sign of life is under way. */
  get quiet(): Promise<void> | undefined {
    return this.#beating;
  }

  start(): void {
    this.#isOn = true;
    this.#seen = timers.now();
    // Items may be due already, which is not known yet.
    this.#dueAt = Math.min(this.#dueAt, this.#seen);
    this.#schedule();
  }

  /** Ends when the last item is settled or lost. */
  finish(): void {
    this.#isFinishing = true;
    if (this.#held.size === 0) this.#stop();
  }

  /** Ends now: nothing is renewed any more. */
  abandon(why: string): void {
    this.#stop();
    for (const item of [...this.#held.values()]) this.lose(item, why);
  }

  /** @param since The time when the command was sent that made the item this consumer's. */
  add(item: HeldItem<T>, since: number): void {
    item.safeUntil = Math.max(since, this.#seen) + this.#options.lease;
    this.#held.set(item.id, item);
  }

  delete(item: HeldItem<T>): void {
    if (this.#held.get(item.id) === item) this.#held.delete(item.id);
    if (this.#isFinishing && this.#held.size === 0) this.#stop();
  }

  /** Keeps an item for at least this time; false when it is lost. */
  async extend(item: HeldItem<T>, milliseconds: number): Promise<boolean> {
    this.#extendedTo = Math.max(this.#extendedTo, timers.now() + milliseconds);
    // One that is under way does not say so.
    await this.#beating;
    if (this.#held.get(item.id) !== item) return false;
    await this.#beat();
    return this.#held.get(item.id) === item && item.safeUntil >= timers.now();
  }

  /** Notes that an item is due again in this time. */
  expect(milliseconds: number): void {
    this.#dueAt = Math.min(this.#dueAt, timers.now() + milliseconds);
    this.#schedule();
  }

  /** Looks for items that are due again, since there is room now. */
  look(): void {
    if (this.#dueAt < this.#timerAt) this.#schedule();
  }

  lose(item: HeldItem<T>, why: string): void {
    item.lose(new LeaseLostError(`The item ${item.id} is no longer this consumer's: ${why}`));
    this.#options.lost(item);
  }

  #stop(): void {
    this.#isOn = false;
    timers.clearTimeout(this.#timer);
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #schedule(): void {
    if (!this.#isOn) return;
    const now = timers.now();
    const due = this.#options.wants() ? Math.max(this.#dueAt - now, SHORTEST_PAUSE) : Number.POSITIVE_INFINITY;
    const pause = Math.min(this.#interval, due, LONGEST_TIMER);
    if (this.#timerAt <= now + pause && this.#timerAt > now) return;
    timers.clearTimeout(this.#timer);
    this.#timerAt = now + pause;
    // Unreferenced: the connections keep the process alive as long as there is something to wait for.
    this.#timer = timers.setTimeout(() => this.#tick(), pause).unref();
  }

  #tick(): void {
    const now = timers.now();
    this.#seen = now;
    this.#timerAt = Number.POSITIVE_INFINITY;
    for (const item of [...this.#held.values()]) {
      if (item.safeUntil < now) this.lose(item, 'its lease was not renewed in time');
    }
    if (this.#isOn && this.#beating === undefined) void this.#beat();
    this.#schedule();
  }

  #beat(): Promise<void> {
    const beating = this.#renew().finally(() => {
      if (this.#beating === beating) this.#beating = undefined;
      this.#schedule();
    });
    this.#beating = beating;
    return beating;
  }

  async #renew(): Promise<void> {
    const sent = timers.now();
    const lease = Math.max(this.#options.lease, Math.ceil(this.#extendedTo - sent));
    const held = [...this.#held.values()];
    // Items that become due while it is under way must not be missed.
    this.#dueAt = Number.POSITIVE_INFINITY;
    const beat = await this.#options.beat(lease, held);
    if (beat === undefined) return;
    for (const item of held) item.safeUntil = sent + lease;
    for (const id of beat.lost) this.#loseById(held, id);
    for (const item of held) if (beat.deleted.includes(item.id)) this.delete(item);
    if (beat.nextDue !== undefined) this.#dueAt = Math.min(this.#dueAt, timers.now() + beat.nextDue);
  }

  #loseById(held: readonly HeldItem<T>[], id: string): void {
    const item = this.#held.get(id);
    // It may have been settled, and given out again, since the command was sent.
    if (item !== undefined && held.includes(item)) this.lose(item, 'another consumer has it, or it was acknowledged');
  }
}
