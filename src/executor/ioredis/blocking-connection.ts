import { readLoading } from '../../codec/not-loaded.js';
import type { Command, RawReply } from '../../command/command.js';
import { timers } from '../../timers.js';
import { callOn, type IoredisClient, isLive, leadToSame } from './ioredis-client.js';
import { sendOn } from './send.js';
import { failureKind, lostError, refusalError, replyError, rootReply } from '../deliver/server-errors.js';
import type { Session } from './session.js';
import { LONGEST_TIMER, pause } from '../waiting.js';

/** Milliseconds between two looks at whether a command has reached the server. */
const PAUSE = 20;

/** Milliseconds of silence after which the system asks the other end whether it is there. */
const KEEP_ALIVE = 30_000;

/** A reply which says that a command was not run, and may well be later. */
export class TurnedAway extends Error {
  constructor(readonly reply: Error) {
    super(reply.message);
    this.name = 'TurnedAway';
  }
}

/** How a command runs that may block. */
export interface Run {
  /** Milliseconds after which the server ends it by itself; undefined for a wait without an end. */
  readonly wait: number | undefined;
  /** Milliseconds for the server to answer what does not block. */
  readonly deadline: number;
  /** Whether the node has to be told that it is asked for what it does not own yet. */
  readonly asking: boolean;
  /** Sent right behind: it runs when the command has, and whatever becomes of it, the reply to the command stands. */
  readonly follower: Command<unknown> | undefined;
}

/** A connection to where a client leads, on which one command at a time may block. */
export class BlockingConnection {
  readonly client: IoredisClient;
  readonly node: IoredisClient;
  /** What the client was told that this connection was told as well. */
  readonly session: Session;
  /** Resolves when it is closed. */
  readonly closed: Promise<void>;
  /** What the server calls it; undefined where it does not say. */
  #id: string | undefined;
  /** Whether it can be lent again. */
  #sound = true;
  #isRunning = false;
  #isClosed = false;
  #markClosed = (): void => {};
  /** When it is closed under what runs here. */
  #endAt = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  /** When that goes off. */
  #timerAt = Number.POSITIVE_INFINITY;
  #unblocking: Promise<void> | undefined;
  #following: Promise<void> | undefined;
  /** What went wrong with it most recently. */
  #lastError: unknown;

  constructor(node: IoredisClient, session: Session) {
    this.node = node;
    this.session = session;
    this.closed = new Promise((resolve) => {
      this.#markClosed = resolve;
    });
    const { credentials, name } = session;
    this.client = node.duplicate({
      lazyConnect: true,
      retryStrategy: null,
      autoResendUnfulfilledCommands: false,
      enableAutoPipelining: false,
      commandTimeout: undefined,
      socketTimeout: undefined,
      // ioredis would say that the time is up while the server goes on, and hands an item out.
      blockingTimeout: undefined,
      readOnly: false,
      // Selected below: ioredis goes on where that fails.
      db: 0,
      ...(credentials ?? {}),
      ...(name === undefined ? {} : { connectionName: name }),
      // Who waits for ever would never hear of a machine that is gone.
      keepAlive: node.options.keepAlive || KEEP_ALIVE,
    });
    this.client.on('error', (error) => {
      this.#lastError = error;
    });
  }

  /** Connects, and makes it what the client's connection is. */
  async open(): Promise<void> {
    try {
      await this.client.connect();
      const { db, flags } = this.session;
      const told = Object.entries(flags).map(([flag, value]) => callOn(this.client, 'client', [flag, value]));
      const selected = db === 0 ? Promise.resolve(null) : callOn(this.client, 'select', [String(db)]);
      const [, id] = await Promise.all([selected, this.#askId(), Promise.allSettled(told)]);
      this.#id = id;
    } catch (error) {
      // The connection that was closed says nothing of why.
      throw this.#lastError ?? error;
    }
  }

  async #askId(): Promise<string | undefined> {
    try {
      return String(await callOn(this.client, 'client', ['ID']));
    } catch (error) {
      // Of a user who may not ask, the connection is closed where it would be told to end its command.
      if (failureKind(error) === 'refused') return undefined;
      throw error;
    }
  }

  /** Whether it may be lent, to whoever needs what the client is told now. */
  isSoundFor(session: Session): boolean {
    return this.#sound && session === this.session && isLive(this.client) && this.leadsToNode;
  }

  /** Whether it leads to where the client leads now. */
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
   * Makes the server end the command that runs here, as if its time were up. Where that cannot be done, the connection
   * is closed under it, before the deadline.
   */
  unblock(deadline: number): void {
    this.endIn(deadline);
    this.#unblocking = this.#unblock();
  }

  /** Resolves when nothing is in flight any more that would concern whoever has it next; undefined where nothing is. */
  get pending(): Promise<unknown> | undefined {
    if (this.#unblocking === undefined && this.#following === undefined) return undefined;
    const pending = Promise.all([this.#unblocking, this.#following]);
    this.#unblocking = undefined;
    this.#following = undefined;
    return pending;
  }

  /** Closes the connection under what runs here, after some time, unless that was to be sooner already. */
  endIn(milliseconds: number): void {
    if (this.#isRunning && timers.now() + milliseconds < this.#endAt) this.#setEnd(milliseconds);
  }

  /** Keeps the process alive, or does not: while nobody has it, only the client's own connection does. */
  hold(isHeld: boolean): void {
    if (isHeld) this.client.stream?.ref?.();
    else this.client.stream?.unref?.();
  }

  /** Not only its own end: a server that is silent would never close the other one. */
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
    // One that goes off too soon is set again then: who takes one item after the other needs no timer for each.
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

  /** Timers come before what has arrived: an item may be there already, after a time in which this process stood still. */
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

  /** CLIENT UNBLOCK, over the connection that all share. https://redis.io/docs/latest/commands/client-unblock/ */
  async #tryToUnblock(): Promise<boolean> {
    if (!isLive(this.node)) return false;
    try {
      // To another server, the id is that of somebody else.
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
