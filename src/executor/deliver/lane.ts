import { timers } from '../../timers.js';
import type { Attempt } from './attempt.js';
import type { Route } from './transport.js';

/**
 * The commands of one domain on their way: those that wait until they can be sent, in the order of the calls, and those in
 * flight, all of them over one route. While one waits, all later ones wait behind it.
 */
export class Lane {
  /** Over which those in flight go; undefined while there are none. */
  route: Route | undefined;
  /** What was heard last where one that waits was sent: it keeps all of them waiting. */
  lastWord: unknown;
  #waiting: Attempt[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #inFlight = new InFlight();
  /** Those that were done while an earlier one was still in flight. */
  #done: Attempt[] = [];

  /** Whether anything waits. */
  get isHeld(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether nothing is in flight. */
  get isQuiet(): boolean {
    return this.#inFlight.size === 0;
  }

  /** Whether it is looked at again after a pause. */
  get isPaused(): boolean {
    return this.#timer !== undefined;
  }

  /** The first that waits. */
  get next(): Attempt | undefined {
    return this.#waiting[0];
  }

  /** Takes note that an attempt is sent. */
  enter(attempt: Attempt, route: Route): void {
    this.route = route;
    this.#inFlight.enter(attempt);
  }

  /** Takes note that an attempt is in flight no more; `done` if it was carried out. */
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

  /** Whether a later one that conflicts with it was done already. */
  overtook(attempt: Attempt): boolean {
    return this.#done.some((done) => done.order > attempt.order && done.conflictsWith(attempt));
  }

  /** Lets an attempt wait where its order says. */
  park(attempt: Attempt): void {
    const waiting = this.#waiting;
    let place = waiting.length;
    while (place > 0 && (waiting[place - 1] as Attempt).order > attempt.order) place -= 1;
    waiting.splice(place, 0, attempt);
  }

  /** Has it looked at again after a pause, unless that is to be sooner already. */
  pause(milliseconds: number, look: () => void): void {
    this.#timer ??= timers.setTimeout(() => {
      this.#timer = undefined;
      look();
    }, milliseconds);
  }

  /** Lets what waits go, one after the other, until one cannot, which is returned. */
  letGo(go: (attempt: Attempt) => boolean): Attempt | undefined {
    const waiting = this.#waiting;
    // Not taken out one by one: of a long list, that would move all the others each time.
    for (const [gone, attempt] of waiting.entries()) {
      if (go(attempt)) continue;
      waiting.splice(0, gone);
      return attempt;
    }
    this.#clear();
    return undefined;
  }

  /** Takes out what waits and cannot be run in order any more, because a later one was done. */
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

  /** Takes out what waits and is settled. */
  dropSettled(): void {
    this.#waiting = this.#waiting.filter(({ settled }) => !settled);
    if (!this.isHeld) this.#clear();
  }

  /** Takes out all that waits. */
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
 * Attempts in the order in which they were sent. They leave in that order too, or nearly: so one that leaves is not looked
 * for, and is let go of when all before it have left.
 */
class InFlight {
  #attempts: (Attempt | undefined)[] = [];
  /** Before it all have left. */
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
    // Let go of at once: it may hold megabytes.
    for (; !(attempts[first] as Attempt).inFlight; first += 1) attempts[first] = undefined;
    this.#first = first;
    // More have left than are moved.
    if (first > attempts.length / 2) {
      this.#attempts = attempts.slice(first);
      this.#first = 0;
    }
  }
}
