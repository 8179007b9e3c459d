import { readLoading } from '../../codec/not-loaded.js';
import type { Command, RawReply } from '../../command/command.js';
import { timers } from '../../timers.js';
import { callOn, type IoredisClient, isLive, leadToSame } from './ioredis-client.js';
import { applySession, ownConnection } from './own-connection.js';
import { sendOn } from './send.js';
import { failureKind, lostError, refusalError, replyError, rootReply } from '../deliver/server-errors.js';
import type { Session } from './session.js';
import { LONGEST_TIMER, pause } from '../waiting.js';

/** Milliseconds between two checks whether a command has reached the server. */
const PAUSE = 20;

/** A reply which says that a command was not run, but may be run later. */
export class TurnedAway extends Error {
  constructor(readonly reply: Error) {
    super(reply.message);
    this.name = 'TurnedAway';
  }
}

/** Options of a command that may block. */
export interface Run {
  /** Milliseconds after which the server ends it by itself; undefined for an unlimited wait. */
  readonly wait: number | undefined;
  /** Milliseconds for the server to reply to commands that do not block. */
  readonly deadline: number;
  /** Whether ASKING has to be sent before, for a slot that migrates to the node. */
  readonly asking: boolean;
  /** A command that is sent right after, and runs when the first one has run. Its failure does not affect that. */
  readonly follower: Command<unknown> | undefined;
}

/** A connection to the server of a client, on which one command at a time may block. */
export class BlockingConnection {
  readonly client: IoredisClient;
  readonly node: IoredisClient;
  /** The state of the client's connection that was applied to this one. */
  readonly session: Session;
  /** Resolves when it is closed. */
  readonly closed: Promise<void>;
  /** The CLIENT ID; undefined if the server does not reply it. */
  #id: string | undefined;
  /** Whether the connection can be lent again. */
  #sound = true;
  #isRunning = false;
  #isClosed = false;
  #markClosed = (): void => {};
  /** The time when the connection is closed under a running command. */
  #endAt = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  /** The time when the timer fires. */
  #timerAt = Number.POSITIVE_INFINITY;
  #unblocking: Promise<void> | undefined;
  #following: Promise<void> | undefined;
  /** The last error of the connection. */
  #lastError: unknown;

  constructor(node: IoredisClient, session: Session) {
    this.node = node;
    this.session = session;
    this.closed = new Promise((resolve) => {
      this.#markClosed = resolve;
    });
    this.client = ownConnection(node, session);
    this.client.on('error', (error) => {
      this.#lastError = error;
    });
  }

  /** Connects, and applies the state of the client's connection. */
  async open(): Promise<void> {
    try {
      await this.client.connect();
      const [, id] = await Promise.all([applySession(this.client, this.session), this.#askId()]);
      this.#id = id;
    } catch (error) {
      // The error of a closed connection does not say why.
      throw this.#lastError ?? error;
    }
  }

  async #askId(): Promise<string | undefined> {
    try {
      return String(await callOn(this.client, 'client', ['ID']));
    } catch (error) {
      // Without the ID, the connection is closed instead of unblocked.
      if (failureKind(error) === 'refused') return undefined;
      throw error;
    }
  }

  /** Returns whether the connection may be lent to a caller that needs this session. */
  isSoundFor(session: Session): boolean {
    return this.#sound && session === this.session && isLive(this.client) && this.leadsToNode;
  }

  /** Whether it leads to the server of the client. */
  get leadsToNode(): boolean {
    return leadToSame(this.client, this.node);
  }

  /**
   * @throws {@link TurnedAway} when the server says so; `UnknownOutcomeError` when the connection is lost.
   */
  async run<R>(command: Command<R>, { wait, deadline, asking, follower }: Run): Promise<R> {
    this.#setEnd(wait === undefined ? Number.POSITIVE_INFINITY : wait + deadline);
    this.#isRunning = true;
    let raw: RawReply;
    try {
      const reply = this.#send(command, asking);
      if (follower !== undefined) this.#following = this.#follow(follower, asking);
      raw = await reply;
    } catch (error) {
      this.#sound = false;
      const kind = failureKind(error);
      if (kind === 'not-run') throw new TurnedAway(rootReply(error));
      throw kind === 'refused' ? refusalError(error, command) : lostError(command, true, error);
    } finally {
      this.#isRunning = false;
    }
    try {
      return await readLoading(() => command.reply(raw));
    } catch (error) {
      throw replyError(error, { name: command.name, key: command.keys[0], access: command.access });
    }
  }

  async #follow(command: Command<unknown>, asking: boolean): Promise<void> {
    try {
      command.reply(await this.#send(command, asking));
    } catch (error) {
      if (failureKind(error) === 'lost') this.#sound = false;
    }
  }

  #send(command: Command<unknown>, asking: boolean): Promise<RawReply> {
    try {
      if (asking) callOn(this.client, 'asking', []).catch(() => {});
      return sendOn(this.client, command);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Makes the server end the running command, as if its timeout had passed. If that is impossible, the connection is
   * closed before the deadline.
   */
  unblock(deadline: number): void {
    this.endIn(deadline);
    this.#unblocking = this.#unblock();
  }

  /** Resolves when nothing is in flight that would affect the next user; undefined if nothing is. */
  get pending(): Promise<unknown> | undefined {
    if (this.#unblocking === undefined && this.#following === undefined) return undefined;
    const pending = Promise.all([this.#unblocking, this.#following]);
    this.#unblocking = undefined;
    this.#following = undefined;
    return pending;
  }

  /** Closes the connection under the running command after some time, unless it will be closed sooner. */
  endIn(milliseconds: number): void {
    if (this.#isRunning && timers.now() + milliseconds < this.#endAt) this.#setEnd(milliseconds);
  }

  /** Sets whether the connection keeps the process alive: an idle one does not. */
  hold(isHeld: boolean): void {
    if (isHeld) this.client.stream?.ref?.();
    else this.client.stream?.unref?.();
  }

  /** Destroys both ends: a silent server would never close its own. */
  close(): void {
    // A second call would leave a timer of ioredis behind, which keeps the process alive.
    if (this.#isClosed) return;
    this.#isClosed = true;
    timers.clearTimeout(this.#timer);
    this.client.disconnect();
    this.client.stream?.destroy();
    this.#markClosed();
  }

  #setEnd(milliseconds: number): void {
    this.#endAt = timers.now() + milliseconds;
    // A timer that fires too early is set again then, so that takes in sequence need no timer each.
    if (milliseconds <= LONGEST_TIMER && this.#endAt < this.#timerAt) this.#setTimer(milliseconds);
  }

  #setTimer(milliseconds: number): void {
    timers.clearTimeout(this.#timer);
    this.#timerAt = timers.now() + milliseconds;
    this.#timer = timers.setTimeout(() => this.#timeUp(), Math.ceil(milliseconds)).unref();
  }

  #timeUp(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    if (!this.#isRunning) return;
    const left = this.#endAt - timers.now();
    if (left <= 0) this.#closeUnlessAnswered();
    else if (left <= LONGEST_TIMER) this.#setTimer(left);
  }

  /** Timers run before replies that have arrived: after a pause of this process, an item may be there already. */
  #closeUnlessAnswered(): void {
    const read = this.client.stream?.bytesRead;
    void timers.turn().then(() => {
      if (!this.#isRunning) return;
      if (this.client.stream?.bytesRead === read) this.close();
      else this.#closeUnlessAnswered();
    });
  }

  async #unblock(): Promise<void> {
    // The command may not have reached the server yet.
    while (this.#isRunning && !(await this.#tryToUnblock())) await pause(PAUSE);
  }

  /** Sends CLIENT UNBLOCK over the shared connection. https://redis.io/docs/latest/commands/client-unblock/ */
  async #tryToUnblock(): Promise<boolean> {
    if (!isLive(this.node)) return false;
    try {
      // On another server, the id is that of another connection.
      if (this.leadsToNode && this.#id !== undefined) {
        return Number(await callOn(this.node, 'client', ['UNBLOCK', this.#id])) === 1;
      }
    } catch (error) {
      if (failureKind(error) !== 'refused') return false;
    }
    this.close();
    return true;
  }
}
