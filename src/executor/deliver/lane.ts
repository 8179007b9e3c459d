import { timers } from '../../timers.js';
import type { Attempt } from './attempt.js';
import type { Route } from './transport.js';

/**
 * The commands of one domain (FIFO): those that wait to be sent, in the order of the calls, and those in flight, all
 * over one route. While one waits, all later ones wait behind it.
 */
export class Lane {
  /** The route of those in flight; undefined while there are none. */
  route: Route | undefined;
  /** The last failure of a waiting command, which keeps all of them waiting. */
  lastWord: unknown;
  #waiting: Attempt[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #inFlight = new InFlight();
  /** The commands that were done while an earlier one was still in flight. */
  #done: Attempt[] = [];

  /** Whether any command waits. */
  get isHeld(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether no command is in flight. */
  get isQuiet(): boolean {
    return this.#inFlight.size === 0;
  }

  /** Whether it will be retried after a pause. */
  get isPaused(): boolean {
    return this.#timer !== undefined;
  }

  /** The first waiting command. */
  get next(): Attempt | undefined {
    return this.#waiting[0];
  }

  /** Notes that an attempt is sent. */
  enter(attempt: Attempt, route: Route): void {
    this.route = route;
    this.#inFlight.enter(attempt);
  }

  /** Notes that an attempt is no longer in flight; `done` if the command was run. */
  leave(attempt: Attempt, done: boolean): void {
    this.#inFlight.leave(attempt);
    const { oldest } = this.#inFlight;
    if (oldest === undefined) {
      this.route = undefined;
      if (this.#done.length > 0) this.#done.length = 0;
      return;
    }
    // Replies of a transaction are handled a little later than those of plain commands.
    if (this.#done.length > 0) this.#done = this.#done.filter(({ order }) => order > oldest.order);
    if (done && attempt.order > oldest.order) this.#done.push(attempt);
  }

  /** Returns whether a later command that conflicts with it was done already. */
  overtook(attempt: Attempt): boolean {
    return this.#done.some((done) => done.order > attempt.order && done.conflictsWith(attempt));
  }

  /** Inserts an attempt among the waiting ones by its order. */
  park(attempt: Attempt): void {
    const waiting = this.#waiting;
    let place = waiting.length;
    while (place > 0 && (waiting[place - 1] as Attempt).order > attempt.order) place -= 1;
    waiting.splice(place, 0, attempt);
  }

  /** Schedules a retry after a pause, unless an earlier one is scheduled. */
  pause(milliseconds: number, look: () => void): void {
    this.#timer ??= timers.setTimeout(() => {
      this.#timer = undefined;
      look();
    }, milliseconds);
  }

  /** Sends waiting attempts in order until one cannot be sent, and returns that one. */
  letGo(go: (attempt: Attempt) => boolean): Attempt | undefined {
    const waiting = this.#waiting;
    // They are removed together: removing each from a long array would move all others.
    for (const [gone, attempt] of waiting.entries()) {
      if (go(attempt)) continue;
      waiting.splice(0, gone);
      return attempt;
    }
    this.#clear();
    return undefined;
  }

  /** Removes and returns the waiting attempts that a later command has overtaken. */
  takeOvertaken(done: Attempt): Attempt[] {
    const overtaken: Attempt[] = [];
    for (let i = this.#waiting.length - 1; i >= 0; i -= 1) {
      const waiting = this.#waiting[i] as Attempt;
      if (waiting.order > done.order || !waiting.conflictsWith(done)) continue;
      this.#waiting.splice(i, 1);
      overtaken.push(waiting);
    }
    if (!this.isHeld) this.#clear();
    return overtaken;
  }

  /** Removes the waiting attempts that are settled. */
  dropSettled(): void {
    this.#waiting = this.#waiting.filter(({ settled }) => !settled);
    if (!this.isHeld) this.#clear();
  }

  /** Removes and returns all waiting attempts. */
  takeAll(): Attempt[] {
    const all = this.#waiting;
    this.#clear();
    return all;
  }

  #clear(): void {
    this.#waiting = [];
    this.lastWord = undefined;
    timers.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/**
 * Attempts in the order in which they were sent. They leave in nearly the same order, so a leaving one is not searched
 * for, but released when all before it have left.
 */
class InFlight {
  #attempts: (Attempt | undefined)[] = [];
  /** The index before which all have left. */
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get oldest(): Attempt | undefined {
    return this.#attempts[this.#first];
  }

  enter(attempt: Attempt): void {
    attempt.inFlight = true;
    this.#size += 1;
    this.#attempts.push(attempt);
  }

  leave(attempt: Attempt): void {
    attempt.inFlight = false;
    this.#size -= 1;
    if (this.#size > 0) this.#skip();
    else if (this.#attempts.length === 1) {
      this.#attempts.pop();
    } else {
      this.#attempts = [];
      this.#first = 0;
    }
  }

  #skip(): void {
    const attempts = this.#attempts;
    let first = this.#first;
    // Released at once, because an attempt may hold megabytes.
    for (; !(attempts[first] as Attempt).inFlight; first += 1) attempts[first] = undefined;
    this.#first = first;
    // Compact when more have left than have to be moved.
    if (first > attempts.length / 2) {
      this.#attempts = attempts.slice(first);
      this.#first = 0;
    }
  }
}
