import type { Command } from '../../command/command.js';
import { timers } from '../../timers.js';

/** How many of those may be in flight together under which a connection went down so often: all, some, one. */
const TOGETHER: readonly number[] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 64];

/** From so many on, a command is alone on its connection, and what happens to that is its doing. */
export const ALONE = TOGETHER.length;

/** After so many, a command is given up. */
export const MOST_DEATHS = ALONE + 2;

/** Milliseconds for which a command that was given up is remembered, and how many are. */
const REMEMBERED = 60_000;
const MOST_REMEMBERED = 100;

/** What can be in flight over a connection. */
export interface Suspect {
  /** How often a connection went down while it was in flight. */
  deaths: number;
  readonly settled: boolean;
  /** Its place among all calls. */
  readonly order: number;
  /** The connection that is cleared for it. */
  waitsFor: ConnectionLoad | undefined;
}

/**
 * What is in flight over one connection.
 *
 * A command whose reply is longer than the server's limit, or that is itself, makes the server close the connection, each
 * time, under whatever else is in flight. So commands under which one went down twice are sent apart from all others, a
 * few of them at a time, and those under which it did so again one by one: of thousands, few have to go alone.
 *
 * @see https://redis.io/docs/latest/develop/reference/clients/#output-buffer-limits
 */
export class ConnectionLoad {
  #inFlight = 0;
  /** How often the connections of those went down that are in flight. */
  #deaths = 0;
  /** For whom the connection is cleared: what was called later waits. */
  #next: Suspect | undefined;

  /** Whether a command may join what is in flight. Where it may not, it is told by {@link leave}. */
  admits(attempt: Suspect): boolean {
    const deaths = suspicionOf(attempt);
    if (deaths === 0 && this.#deaths === 0 && this.#next === undefined) return true;
    if (this.#next?.settled === true) this.#next = undefined;
    if (this.#next !== undefined && this.#next.order < attempt.order) return false;
    if (this.#inFlight === 0 || (deaths === this.#deaths && this.#inFlight < togetherAfter(deaths))) return true;
    if (deaths > 0) {
      this.#next = attempt;
      attempt.waitsFor = this;
    }
    return false;
  }

  enter(attempt: Suspect): void {
    if (this.#inFlight === 0) this.#deaths = suspicionOf(attempt);
    this.#inFlight += 1;
    const { waitsFor } = attempt;
    if (waitsFor === undefined) return;
    if (waitsFor.#next === attempt) waitsFor.#next = undefined;
    attempt.waitsFor = undefined;
  }

  /** Notes that a command came off the wire. Returns whether others may have waited for that. */
  leave(): boolean {
    this.#inFlight -= 1;
    if (this.#inFlight > 0) return false;
    const wasApart = this.#deaths > 0;
    this.#deaths = 0;
    return wasApart || this.#next !== undefined;
  }
}

/** One death says nothing: connections break for reasons of their own. */
function suspicionOf({ deaths }: Suspect): number {
  return deaths < 2 ? 0 : Math.min(deaths, ALONE);
}

function togetherAfter(deaths: number): number {
  return TOGETHER[deaths] ?? 1;
}

/** The commands that were given up lately, so that whoever calls for one again does not break connections of others. */
export class DeadlyCommands {
  readonly #until = new Map<string, number>();

  add(command: Command<unknown>): void {
    const name = nameOf(command);
    this.#until.delete(name);
    this.#until.set(name, timers.now() + REMEMBERED);
    const [oldest] = this.#until.keys();
    if (oldest !== undefined && this.#until.size > MOST_REMEMBERED) this.#until.delete(oldest);
  }

  /** How many deaths a new call of it begins with. */
  deathsOf(command: Command<unknown>): number {
    if (this.#until.size === 0) return 0;
    const name = nameOf(command);
    const until = this.#until.get(name);
    if (until === undefined) return 0;
    if (until > timers.now()) return ALONE;
    this.#until.delete(name);
    return 0;
  }

  /** It went well. */
  delete(command: Command<unknown>): void {
    this.#until.delete(nameOf(command));
  }
}

function nameOf({ name, keys }: Command<unknown>): string {
  return `${name} ${keys[0]}`;
}
