import type { Command, RawReply } from '../../command/command.js';
import { StaleCursor } from '../../command/scan-origin.js';
import { timers } from '../../timers.js';
import type { Outgoing } from './outgoing.js';
import { Attempt } from './attempt.js';
import { diagnostics } from '../diagnostics.js';
import { LinkedList } from './linked-list.js';
import { ALONE, DeadlyCommands, MOST_DEATHS } from './connection-load.js';
import {
  deadlyError,
  failureKind,
  HeldBack,
  isConnectionDown,
  lostError,
  refusalError,
  refusesSeveralKeys,
  rootReply,
  Unsendable,
} from './server-errors.js';
import { Traffic } from './traffic.js';
import type { Route, Transport } from './transport.js';

/** Milliseconds before the first repetition, and at most between two. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 250;
/** How many redirections are followed at once before it pauses between them. */
const QUICK_REDIRECTIONS = 5;
/** So often it looks for the node that a redirection named for one attempt, before it asks the first one again. */
const MOST_LOOKS = 5;
/** Milliseconds between two looks for what is past its deadline. */
const SWEEP_INTERVAL = 20;

/** What waits in one domain until it can be sent, in the order of the calls. */
interface Lane {
  waiting: Attempt[];
  /** What was heard last where something of it was sent: what keeps all of it waiting. */
  lastWord: unknown;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Delivers commands in order, in spite of dropped connections, failovers and moving slots.
 *
 * A command that was not run, or that may be run twice, is sent again until its deadline; any other one that was
 * sent and not answered fails with `UnknownOutcomeError`. While one waits, all later ones of its domain (a cluster
 * slot, or the whole of a single server) wait behind it, and what is under way over one connection is waited for
 * before anything goes over another; so that order is kept across repetitions and redirections.
 */
export class Delivery {
  readonly #transport: Transport;
  readonly #lanes = new Map<number, Lane>();
  readonly #traffic = new Map<number, Traffic<Attempt>>();
  readonly #pending = new LinkedList<Attempt>();
  readonly #deadly = new DeadlyCommands();
  #nextOrder = 0;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  deliver(outgoing: Outgoing): void {
    const domain = this.#transport.domainOf(outgoing.command.keys[0]);
    const attempt = new Attempt(outgoing, this.#nextOrder++, domain, timers.now() + outgoing.deadline);
    attempt.deaths = this.#deadly.deathsOf(attempt.command);
    this.#pending.add(attempt);
    this.#watch();
    const lane = this.#lanes.get(domain);
    if (lane !== undefined) {
      lane.waiting.push(attempt);
      return;
    }
    const route = this.#routeOf(attempt);
    if (route === undefined) this.#park(attempt, FIRST_PAUSE);
    else this.#send(attempt, route);
  }

  /** The connection is up again: what waits may go. */
  resume(): void {
    for (const domain of [...this.#lanes.keys()]) this.#drain(domain);
  }

  /** The client was closed: what waits will never go. */
  end(): void {
    const lanes = [...this.#lanes.values()];
    this.#lanes.clear();
    for (const lane of lanes) {
      timers.clearTimeout(lane.timer);
      for (const attempt of lane.waiting)
        this.#giveUp(attempt, this.#lastWordOf(attempt, lane) ?? new Error('The client was closed'));
    }
  }

  /** What was delivered and has not ended yet. */
  *unsettled(): Generator<Outgoing, undefined, undefined> {
    for (const { outgoing } of this.#pending) yield outgoing;
  }

  /** Where an attempt may go now: nowhere, while something of its domain is under way over another connection. */
  #routeOf(attempt: Attempt): Route | undefined {
    let route: Route | undefined;
    try {
      route = this.#transport.routeOf(attempt.command, attempt.asked);
    } catch (error) {
      // Of what the client throws, nobody would hear where this is called from.
      attempt.lastWord = error;
    }
    if (route === undefined) return undefined;
    attempt.heldUp = !route.load.admits(attempt);
    if (attempt.heldUp) return undefined;
    const traffic = this.#traffic.get(attempt.domain);
    return traffic?.route === undefined || traffic.route === route ? route : undefined;
  }

  #send(attempt: Attempt, route: Route): void {
    const { domain, command } = attempt;
    const { origin } = command;
    const socket = origin === null ? undefined : this.#transport.socketOf(route);
    let traffic = this.#traffic.get(domain);
    if (traffic === undefined) {
      traffic = new Traffic<Attempt>();
      this.#traffic.set(domain, traffic);
    }
    traffic.enter(attempt, route);
    route.load.enter(attempt);
    attempt.asked = undefined;
    attempt.looks = 0;
    diagnostics.command(command);
    const sent = attempt.deaths < ALONE ? this.#trySend(command, route) : this.#sendToLive(command, route);
    sent.then(
      (raw) => {
        if (attempt.deaths > 0) this.#deadly.delete(attempt.outgoing.command);
        const isStale = socket !== undefined && origin?.accepts(socket) === false;
        if (isStale ? attempt.fail(new StaleCursor()) : attempt.settle(raw)) this.#pending.remove(attempt);
        const lane = this.#lanes.get(domain);
        if (lane !== undefined) this.#refuseOvertaken(lane, attempt);
        this.#leave(attempt, route, true);
      },
      (error: unknown) => this.#failed(attempt, route, error),
    );
  }

  /** So that what becomes of the connection is the doing of the command: it was live, and there is nothing else on it. */
  async #sendToLive(command: Command<unknown>, route: Route): Promise<RawReply> {
    try {
      await this.#transport.ping(route);
    } catch (error) {
      if (failureKind(error) !== 'refused') throw new HeldBack(error);
    }
    return this.#trySend(command, route);
  }

  /** What the client throws at once is a failure like any other. */
  #trySend(command: Command<unknown>, route: Route): Promise<RawReply> {
    try {
      return this.#transport.send(command, route);
    } catch (error) {
      return Promise.reject(new Unsendable(error));
    }
  }

  #failed(attempt: Attempt, route: Route, error: unknown): void {
    const { command } = attempt;
    const kind = failureKind(error);
    if (kind === 'lost') attempt.maybeRun = true;
    attempt.failures += 1;
    attempt.lastWord = error;
    if (isConnectionDown(error)) attempt.deaths += 1;
    const again = kind === 'not-run' || (kind === 'lost' && command.idempotent);
    const overtaken = this.#traffic.get(attempt.domain)?.overtook(attempt) === true;
    if (again && attempt.deaths >= MOST_DEATHS) {
      this.#deadly.add(attempt.outgoing.command);
      if (attempt.fail(deadlyError(command, attempt.deaths))) this.#pending.remove(attempt);
    } else if (again && !overtaken && !attempt.settled && !this.#transport.isEnded()) {
      diagnostics.retry(command, attempt.failures, error);
      const quick = kind === 'not-run' && this.#redirect(attempt, route, error);
      if (refusesSeveralKeys(error)) attempt.instead ??= command.family?.withOneKey?.(command);
      this.#park(attempt, quick ? 0 : pauseAfter(attempt.failures)).lastWord = error;
    } else if (kind === 'refused') {
      if (attempt.fail(refusalError(error, command))) this.#pending.remove(attempt);
    } else {
      this.#giveUp(attempt, error);
    }
    this.#leave(attempt, route, false);
  }

  /** Follows a redirection, if it is one. Returns whether the attempt can be sent again at once. */
  #redirect(attempt: Attempt, route: Route, error: unknown): boolean {
    try {
      const { again, asked } = this.#transport.redirect(attempt.command, rootReply(error), route);
      attempt.asked = asked;
      return again && attempt.failures <= QUICK_REDIRECTIONS;
    } catch {
      // It leads nowhere that the client could go.
      return false;
    }
  }

  /** An attempt came off the wire, and what waited for that may go. */
  #leave(attempt: Attempt, route: Route, done: boolean): void {
    const { domain } = attempt;
    this.#traffic.get(domain)?.leave(attempt, done);
    // Until then the client has it, answered or not.
    if (attempt.settled) attempt.outgoing.release();
    if (route.load.leave()) {
      for (const [other, { waiting }] of [...this.#lanes]) if (waiting[0]?.heldUp === true) this.#drain(other);
    }
    if (this.#isQuiet(domain) && this.#lanes.size > 0 && this.#lanes.get(domain)?.timer === undefined) {
      this.#drain(domain);
    }
  }

  /** Whether nothing of a domain is under way. */
  #isQuiet(domain: number): boolean {
    return this.#traffic.get(domain)?.isEmpty !== false;
  }

  /** Puts an attempt where its order says, and sees to it that the lane is looked at again. */
  #park(attempt: Attempt, pause: number): Lane {
    let lane = this.#lanes.get(attempt.domain);
    if (lane === undefined) {
      lane = { waiting: [], lastWord: undefined, timer: undefined };
      this.#lanes.set(attempt.domain, lane);
    }
    let place = lane.waiting.length;
    while (place > 0 && (lane.waiting[place - 1] as Attempt).order > attempt.order) place -= 1;
    lane.waiting.splice(place, 0, attempt);
    if (pause > 0) this.#pause(attempt.domain, lane, pause);
    return lane;
  }

  #pause(domain: number, lane: Lane, pause: number): void {
    lane.timer ??= timers.setTimeout(() => {
      lane.timer = undefined;
      this.#drain(domain);
    }, pause);
  }

  /** Sends what waits in a domain, once nothing of it is under way, as far as there is a connection. */
  #drain(domain: number): void {
    const lane = this.#lanes.get(domain);
    // What is still under way may fail too, and belongs before what waits.
    if (lane === undefined || !this.#isQuiet(domain)) return;
    if (this.#transport.isEnded()) return this.end();
    const { waiting } = lane;
    // Not taken out one by one: of a long list, that would move all the others each time.
    for (const [gone, first] of waiting.entries()) {
      const route = first.settled ? undefined : this.#routeOf(first);
      if (route === undefined && !first.settled) {
        waiting.splice(0, gone);
        if (first.asked !== undefined && (first.looks += 1) > MOST_LOOKS) first.asked = undefined;
        // Whatever is under way drains the lane when it arrives; with nothing under way, it is looked at again.
        if (this.#isQuiet(domain)) this.#pause(domain, lane, pauseAfter((first.failures += 1)));
        return;
      }
      if (route !== undefined) this.#send(first, route);
    }
    timers.clearTimeout(lane.timer);
    this.#lanes.delete(domain);
  }

  /** A later command went through: an earlier one that waits cannot be run in order any more. */
  #refuseOvertaken(lane: Lane, done: Attempt): void {
    for (let i = lane.waiting.length - 1; i >= 0; i -= 1) {
      const waiting = lane.waiting[i] as Attempt;
      if (waiting.order > done.order || !waiting.conflictsWith(done)) continue;
      lane.waiting.splice(i, 1);
      this.#giveUp(waiting, waiting.lastWord);
    }
  }

  #giveUp(attempt: Attempt, cause: unknown): void {
    const error = lostError(attempt.command, attempt.maybeRun, cause);
    if (attempt.fail(error)) this.#pending.remove(attempt);
  }

  #watch(): void {
    if (this.#sweeper !== undefined) return;
    // Unreferenced: the connection keeps the process alive as long as there is one to wait for.
    this.#sweeper = timers.setInterval(() => this.#sweep(), SWEEP_INTERVAL).unref();
  }

  #sweep(): void {
    if (this.#pending.isEmpty) {
      timers.clearInterval(this.#sweeper);
      this.#sweeper = undefined;
      return;
    }
    const now = timers.now();
    const shortened = new Set<Lane>();
    for (const attempt of this.#pending) {
      if (attempt.expires > now) continue;
      const lane = this.#lanes.get(attempt.domain);
      if (attempt.inFlight) this.#noteSilence(attempt);
      else if (lane !== undefined) shortened.add(lane);
      this.#giveUp(attempt, this.#lastWordOf(attempt, lane));
    }
    for (const lane of shortened) lane.waiting = lane.waiting.filter(({ settled }) => !settled);
  }

  #noteSilence(attempt: Attempt): void {
    attempt.maybeRun = true;
    const route = this.#traffic.get(attempt.domain)?.route;
    if (route !== undefined) this.#transport.unanswered(attempt.command, route);
  }

  /** Why it could not be carried out: there is no connection, or what the server said to it or to what it waited for. */
  #lastWordOf(attempt: Attempt, lane: Lane | undefined): unknown {
    return this.#transport.lastError(attempt.command) ?? attempt.lastWord ?? lane?.lastWord;
  }
}

function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE * 2 ** Math.min(failures, 10), LONGEST_PAUSE);
}
