import type { Command } from '../../command/command.js';
import { timers } from '../../timers.js';

/** How many commands may be in flight together, by how often a connection went down under them: all, some, one. */
const TOGETHER: readonly number[] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 64];

/** After this many deaths, a command is alone on its connection, and causes what happens to that. */
export const ALONE = TOGETHER.length;

/** After this many deaths, a command is given up. */
export const MAX_DEATHS = ALONE + 2;

/** Milliseconds for which a given-up command is remembered, and the most of these. */
const REMEMBERED = 60_000;
const MAX_REMEMBERED = 100;

/** A command that can be in flight over a connection. */
export interface Suspect {
  /** How often a connection went down while it was in flight. */
  deaths: number;
  readonly settled: boolean;
  /** Its position among all calls. */
  readonly order: number;
  /** The connection that is being cleared for it. */
  waitsFor: ConnectionLoad | undefined;
}

/**
 * The commands in flight over one connection.
 *
 * A command that exceeds a limit of the server, or whose reply does, makes the server close the connection each time,
 * with all other commands in flight. So commands under which it closed twice are sent separately from others, a few at
 * a time, and those under which it closed again one by one: of thousands, few have to be sent alone.
 *
 * @see https://redis.io/docs/latest/develop/reference/clients/#output-buffer-limits
 */
export class ConnectionLoad {
  #inFlight = 0;
  /** The sum of the deaths of the commands in flight. */
  #deaths = 0;
  /** The command for which the connection is cleared: later ones wait. */
  #next: Suspect | undefined;

  /** Returns whether a command may join those in flight. If not, {@link leave} tells when to ask again. */
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

  /** Notes that a command is no longer in flight. Returns whether others may have waited for that. */
  leave(): boolean {
    this.#inFlight -= 1;
    if (this.#inFlight > 0) return false;
    const wasApart = this.#deaths > 0;
    this.#deaths = 0;
    return wasApart || this.#next !== undefined;
  }
}

/** Returns the suspicion of a command. One death does not count, because connections break for other reasons. */
function suspicionOf({ deaths }: Suspect): number {
  return deaths < 2 ? 0 : Math.min(deaths, ALONE);
}

function togetherAfter(deaths: number): number {
  return TOGETHER[deaths] ?? 1;
}

/** The commands that were given up recently, so that new calls of them do not break connections of others. */
export class DeadlyCommands {
  readonly #until = new Map<string, number>();

  add(command: Command<unknown>): void {
    const name = nameOf(command);
    this.#until.delete(name);
    this.#until.set(name, timers.now() + REMEMBERED);
    const [oldest] = this.#until.keys();
    if (oldest !== undefined && this.#until.size > MAX_REMEMBERED) this.#until.delete(oldest);
  }

  /** Returns the number of deaths that a new call of a command begins with. */
  deathsOf(command: Command<unknown>): number {
    if (this.#until.size === 0) return 0;
    const name = nameOf(command);
    const until = this.#until.get(name);
    if (until === undefined) return 0;
    if (until > timers.now()) return ALONE;
    this.#until.delete(name);
    return 0;
  }

  /** Forgets a command, because it succeeded. */
  delete(command: Command<unknown>): void {
    this.#until.delete(nameOf(command));
  }
}

function nameOf({ name, keys }: Command<unknown>): string {
  return `${name} ${keys[0]}`;
}
