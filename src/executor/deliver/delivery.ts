/*
 * Delivery: when is a command sent, and what happens when the wire fails?
 *
 * In come commands with their deadlines, in the order of the calls, and out go attempts over a transport; each command ends
 * with its reply, or with a typed error. The executor hands in what `coalesce/` made; `ioredis/` or `embedded/` is the wire.
 */
import type { Command, RawReply } from '../../command/command.js';
import { StaleCursor } from '../../command/scan-origin.js';
import { timers } from '../../timers.js';
import type { Outgoing } from './outgoing.js';
import { Attempt } from './attempt.js';
import { diagnostics } from '../diagnostics.js';
import { Lane } from './lane.js';
import { LinkedList } from '../../linked-list.js';
import { ALONE, DeadlyCommands, MAX_DEATHS } from './connection-load.js';
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
import type { Route, Transport } from './transport.js';

/** Milliseconds before the first retry, and the longest pause between two. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 250;
/** How many redirections are followed at once before it pauses between them. */
const QUICK_REDIRECTIONS = 5;
/** The most tries of the node that a redirection named for one attempt, before the first one is asked again. */
const MAX_TRIES = 5;
/** Milliseconds between two sweeps for attempts past their deadline. */
const SWEEP_INTERVAL = 20;

/**
 * Delivers commands in order, in spite of dropped connections, failovers and moving slots.
 *
 * A command that was not run, or that may be run twice, is sent again until its deadline; any other one that was
 * sent and not answered fails with `UnknownOutcomeError`. While one waits, all later ones of its domain (a cluster
 * slot, or the whole of a single server) wait behind it in its lane, and commands in flight over one connection end
 * before any is sent over another; so order is kept across retries and redirections.
 */
export class Delivery {
  readonly #transport: Transport;
  readonly #lanes = new Map<number, Lane>();
  /** Attempts that are not settled. */
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
    const lane = this.#laneOf(domain);
    const route = lane.isHeld ? undefined : this.#routeOf(lane, attempt);
    if (route !== undefined) return this.#send(lane, attempt, route);
    if (!lane.isHeld) this.#pause(lane, FIRST_PAUSE);
    lane.park(attempt);
  }

  #laneOf(domain: number): Lane {
    let lane = this.#lanes.get(domain);
    if (lane === undefined) this.#lanes.set(domain, (lane = new Lane()));
    return lane;
  }

  /** Sends waiting attempts, because the connection is up again. */
  resume(): void {
    for (const lane of this.#lanes.values()) this.#drain(lane);
  }

  /** Fails waiting attempts, because the client was closed. */
  end(): void {
    for (const lane of this.#lanes.values()) {
      const { lastWord } = lane;
      for (const attempt of lane.takeAll()) {
        this.#giveUp(attempt, this.#lastWordOf(attempt, lastWord) ?? new Error('The client was closed'));
      }
    }
  }

  /** Iterates over the commands that have not ended yet. */
  *unsettled(): Generator<Outgoing, undefined, undefined> {
    for (const { outgoing } of this.#pending) yield outgoing;
  }

  /** Returns the route of an attempt; none while commands of its lane are in flight over another connection. */
  #routeOf(lane: Lane, attempt: Attempt): Route | undefined {
    let route: Route | undefined;
    try {
      route = this.#transport.routeOf(attempt.command, attempt.asked);
    } catch (error) {
      // The caller cannot handle an error of the client.
      attempt.lastWord = error;
    }
    if (route === undefined) return undefined;
    attempt.heldUp = !route.load.admits(attempt);
    if (attempt.heldUp) return undefined;
    return lane.route === undefined || lane.route === route ? route : undefined;
  }

  #send(lane: Lane, attempt: Attempt, route: Route): void {
    const { command } = attempt;
    const { origin } = command;
    const socket = origin === null ? undefined : this.#transport.socketOf(route);
    lane.enter(attempt, route);
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
        if (lane.isHeld) for (const waiting of lane.takeOvertaken(attempt)) this.#giveUp(waiting, waiting.lastWord);
        this.#leave(lane, attempt, route, true);
      },
      (error: unknown) => this.#failed(lane, attempt, route, error),
    );
  }

  /** Sends a command alone over a connection that replied to a PING, and so causes what happens to that. */
  async #sendToLive(command: Command<unknown>, route: Route): Promise<RawReply> {
    try {
      await this.#transport.ping(route);
    } catch (error) {
      if (failureKind(error) !== 'refused') throw new HeldBack(error);
    }
    return this.#trySend(command, route);
  }

  /** Sends a command. A synchronous error of the client is a failure like any other. */
  #trySend(command: Command<unknown>, route: Route): Promise<RawReply> {
    try {
      return this.#transport.send(command, route);
    } catch (error) {
      return Promise.reject(new Unsendable(error));
    }
  }

  #failed(lane: Lane, attempt: Attempt, route: Route, error: unknown): void {
    const { command } = attempt;
    const kind = failureKind(error);
    if (kind === 'lost') attempt.maybeRun = true;
    attempt.failures += 1;
    attempt.lastWord = error;
    if (isConnectionDown(error)) attempt.deaths += 1;
    const again = kind === 'not-run' || (kind === 'lost' && command.idempotent);
    const overtaken = lane.overtook(attempt);
    if (again && attempt.deaths >= MAX_DEATHS) {
      this.#deadly.add(attempt.outgoing.command);
      if (attempt.fail(deadlyError(command, attempt.deaths))) this.#pending.remove(attempt);
    } else if (again && !overtaken && !attempt.settled && !this.#transport.isEnded()) {
      diagnostics.retry(command, attempt.failures, error);
      const quick = kind === 'not-run' && this.#redirect(attempt, route, error);
      if (refusesSeveralKeys(error)) attempt.instead ??= command.family?.withOneKey?.(command);
      lane.park(attempt);
      lane.lastWord = error;
      if (!quick) this.#pause(lane, pauseAfter(attempt.failures));
    } else if (kind === 'refused') {
      if (attempt.fail(refusalError(error, command))) this.#pending.remove(attempt);
    } else {
      this.#giveUp(attempt, error);
    }
    this.#leave(lane, attempt, route, false);
  }

  /** Follows a redirection, if it is one. Returns whether the attempt can be sent again at once. */
  #redirect(attempt: Attempt, route: Route, error: unknown): boolean {
    try {
      const { again, asked } = this.#transport.redirect(attempt.command, rootReply(error), route);
      attempt.asked = asked;
      return again && attempt.failures <= QUICK_REDIRECTIONS;
    } catch {
      // The client cannot reach its address.
      return false;
    }
  }

  /** Notes that an attempt is no longer in flight, and sends commands that waited for that. */
  #leave(lane: Lane, attempt: Attempt, route: Route, done: boolean): void {
    lane.leave(attempt, done);
    // The client holds it until then, replied or not.
    if (attempt.settled) attempt.outgoing.release();
    if (route.load.leave())
      for (const other of this.#lanes.values()) if (other.next?.heldUp === true) this.#drain(other);
    if (lane.isHeld && !lane.isPaused) this.#drain(lane);
  }

  #pause(lane: Lane, milliseconds: number): void {
    lane.pause(milliseconds, () => this.#drain(lane));
  }

  /** Sends the waiting attempts of a lane, once none of it is in flight and there is a connection. */
  #drain(lane: Lane): void {
    // Commands in flight may still fail, and then belong before the waiting ones.
    if (!lane.isHeld || !lane.isQuiet) return;
    if (this.#transport.isEnded()) return this.end();
    const stuck = lane.letGo((attempt) => {
      if (attempt.settled) return true;
      const route = this.#routeOf(lane, attempt);
      if (route === undefined) return false;
      this.#send(lane, attempt, route);
      return true;
    });
    if (stuck === undefined) return;
    if (stuck.asked !== undefined && (stuck.looks += 1) > MAX_TRIES) stuck.asked = undefined;
    // Replies in flight drain the lane when they arrive; without any, it is retried after a pause.
    if (lane.isQuiet) this.#pause(lane, pauseAfter((stuck.failures += 1)));
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
      const lane = this.#laneOf(attempt.domain);
      if (attempt.inFlight) this.#noteSilence(lane, attempt);
      else shortened.add(lane);
      this.#giveUp(attempt, this.#lastWordOf(attempt, lane.lastWord));
    }
    for (const lane of shortened) lane.dropSettled();
  }

  #noteSilence({ route }: Lane, attempt: Attempt): void {
    attempt.maybeRun = true;
    if (route !== undefined) this.#transport.unanswered(attempt.command, route);
  }

  /** Returns why an attempt failed: there is no connection, or the last failure of it or of its lane. */
  #lastWordOf(attempt: Attempt, ofLane: unknown): unknown {
    return this.#transport.lastError(attempt.command) ?? attempt.lastWord ?? ofLane;
  }
}

function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE * 2 ** Math.min(failures, 10), LONGEST_PAUSE);
}
