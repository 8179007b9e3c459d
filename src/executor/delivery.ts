import type { Command, RawReply } from '../command/command.js';
import type { Batch } from './coalescer.js';
import { diagnostics } from './diagnostics.js';
import { failureKind, lostError, refusalError } from './server-errors.js';
import type { Transport } from './transport.js';

/** Milliseconds before the first repetition, and at most between two. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 250;
/** Milliseconds between two looks for what is past its deadline. */
const SWEEP_INTERVAL = 20;

/** A command that is to be delivered before its deadline. */
class Attempt {
  inFlight = false;
  /** Whether an attempt was lost on its way, so that the server may have run it. */
  maybeRun = false;
  settled = false;
  failures = 0;

  constructor(
    readonly batch: Batch,
    readonly order: number,
    readonly domain: number,
    readonly expires: number,
  ) {}

  get command(): Command<unknown> {
    return this.batch.command;
  }

  settle(raw: RawReply): void {
    if (this.settled) return;
    this.settled = true;
    try {
      this.batch.settle(raw);
    } catch (error) {
      // A reply of an unexpected shape: nobody must be left waiting for it.
      this.batch.fail(error);
    }
  }

  fail(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.batch.fail(error);
  }
}

/** What waits in one domain until it can be sent, in the order of the calls. */
interface Lane {
  readonly waiting: Attempt[];
  timer: NodeJS.Timeout | undefined;
}

/**
 * Delivers commands in order, in spite of dropped connections, failovers and moving slots.
 *
 * A command that was not run, or that may be run twice, is sent again until its deadline; any other one that was
 * sent and not answered fails with `UnknownOutcomeError`. While one waits, all later ones of its domain (a cluster
 * slot, or the whole of a single server) wait behind it, so that order is kept across repetitions.
 */
export class Delivery {
  readonly #transport: Transport;
  readonly #lanes = new Map<number, Lane>();
  readonly #inFlight = new Map<number, number>();
  readonly #pending = new Set<Attempt>();
  #nextOrder = 0;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  deliver(batch: Batch): void {
    const domain = this.#transport.domainOf(batch.command);
    const attempt = new Attempt(batch, this.#nextOrder++, domain, performance.now() + batch.deadline);
    this.#pending.add(attempt);
    this.#watch();
    const lane = this.#lanes.get(domain);
    if (lane !== undefined) lane.waiting.push(attempt);
    else if (this.#transport.isReady(attempt.command)) this.#send(attempt);
    else this.#park(attempt);
  }

  /** The connection is up again: what waits may go. */
  resume(): void {
    for (const domain of [...this.#lanes.keys()]) this.#drain(domain);
  }

  /** The client was closed: what waits will never go. */
  end(): void {
    for (const { waiting, timer } of this.#lanes.values()) {
      clearTimeout(timer);
      for (const attempt of waiting) this.#giveUp(attempt, this.#transport.lastError());
    }
    this.#lanes.clear();
  }

  #send(attempt: Attempt): void {
    const { domain, command } = attempt;
    attempt.inFlight = true;
    this.#inFlight.set(domain, (this.#inFlight.get(domain) ?? 0) + 1);
    diagnostics.command(command);
    this.#trySend(command).then(
      (raw) => {
        attempt.inFlight = false;
        this.#pending.delete(attempt);
        attempt.settle(raw);
        const lane = this.#lanes.get(domain);
        if (lane !== undefined) this.#refuseOvertaken(lane, attempt);
        this.#leave(domain);
      },
      (error: unknown) => {
        this.#failed(attempt, error);
      },
    );
  }

  /** What the client throws at once is a failure like any other. */
  #trySend(command: Command<unknown>): Promise<RawReply> {
    try {
      return this.#transport.send(command);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #failed(attempt: Attempt, error: unknown): void {
    const kind = failureKind(error);
    if (kind === 'lost') attempt.maybeRun = true;
    attempt.inFlight = false;
    attempt.failures += 1;
    const again = kind === 'not-run' || (kind === 'lost' && attempt.command.idempotent);
    if (again && !attempt.settled && !this.#transport.isEnded()) {
      diagnostics.retry(attempt.command, attempt.failures, error);
      this.#park(attempt);
    } else if (kind === 'refused') {
      this.#pending.delete(attempt);
      attempt.fail(refusalError(error, attempt.command));
    } else {
      this.#giveUp(attempt, error);
    }
    this.#leave(attempt.domain);
  }

  /** An attempt came off the wire, and what waited for that may go. */
  #leave(domain: number): void {
    const left = (this.#inFlight.get(domain) ?? 1) - 1;
    if (left > 0) {
      this.#inFlight.set(domain, left);
      return;
    }
    this.#inFlight.delete(domain);
    if (this.#lanes.get(domain)?.timer === undefined) this.#drain(domain);
  }

  /** Puts an attempt where its order says, and sees to it that the lane is looked at again. */
  #park(attempt: Attempt): void {
    let lane = this.#lanes.get(attempt.domain);
    if (lane === undefined) {
      lane = { waiting: [], timer: undefined };
      this.#lanes.set(attempt.domain, lane);
    }
    let place = lane.waiting.length;
    while (place > 0 && (lane.waiting[place - 1] as Attempt).order > attempt.order) place -= 1;
    lane.waiting.splice(place, 0, attempt);
    if (lane.timer === undefined) this.#pause(attempt.domain, lane, attempt.failures);
  }

  #pause(domain: number, lane: Lane, failures: number): void {
    const pause = Math.min(FIRST_PAUSE * 2 ** Math.min(failures, 10), LONGEST_PAUSE);
    lane.timer = setTimeout(() => {
      lane.timer = undefined;
      this.#drain(domain);
    }, pause);
  }

  /** Sends what waits in a domain, once nothing of it is under way and there is a connection. */
  #drain(domain: number): void {
    const lane = this.#lanes.get(domain);
    // What is still under way may fail too, and belongs before what waits.
    if (lane === undefined || this.#inFlight.has(domain)) return;
    const first = lane.waiting[0];
    if (this.#transport.isEnded()) return this.end();
    if (first !== undefined && !this.#transport.isReady(first.command)) {
      if (lane.timer === undefined) this.#pause(domain, lane, (first.failures += 1));
      return;
    }
    clearTimeout(lane.timer);
    this.#lanes.delete(domain);
    for (const attempt of lane.waiting) if (!attempt.settled) this.#send(attempt);
  }

  /** A later command on the same key went through: an earlier one that waits cannot be run in order any more. */
  #refuseOvertaken(lane: Lane, done: Attempt): void {
    for (let i = lane.waiting.length - 1; i >= 0; i -= 1) {
      const waiting = lane.waiting[i] as Attempt;
      if (waiting.order > done.order) continue;
      const conflict = waiting.command.access === 'write' || done.command.access === 'write';
      if (!conflict || !waiting.command.keys.some((key) => done.command.keys.includes(key))) continue;
      lane.waiting.splice(i, 1);
      this.#giveUp(waiting, undefined);
    }
  }

  #giveUp(attempt: Attempt, cause: unknown): void {
    this.#pending.delete(attempt);
    attempt.fail(lostError(attempt.command, attempt.maybeRun || attempt.inFlight, cause));
  }

  #watch(): void {
    if (this.#sweeper !== undefined) return;
    // Unreferenced: the connection keeps the process alive as long as there is one to wait for.
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_INTERVAL).unref();
  }

  #sweep(): void {
    if (this.#pending.size === 0) {
      clearInterval(this.#sweeper);
      this.#sweeper = undefined;
      return;
    }
    const now = performance.now();
    for (const attempt of this.#pending) {
      if (attempt.expires > now) continue;
      const lane = this.#lanes.get(attempt.domain);
      const place = lane?.waiting.indexOf(attempt) ?? -1;
      if (place >= 0) lane?.waiting.splice(place, 1);
      this.#giveUp(attempt, this.#transport.lastError());
    }
  }
}
