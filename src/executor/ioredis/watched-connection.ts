import { ConnectionError } from '../../errors.js';
import { timers } from '../../timers.js';
import { inTime } from '../waiting.js';
import { callOn, type IoredisClient, isLive, leadToSame } from './ioredis-client.js';
import { applySession, ownConnection } from './own-connection.js';
import { onTrouble } from './client-state.js';
import type { Session } from './session.js';

/** Milliseconds between two checks of a connection. */
const BEAT = 1_000;

/** The most checks without a byte, at the first of which a PING is sent. */
const PATIENCE = 2;

/** The error of ioredis for a reply that belongs to no command: later replies would be read wrongly. */
const OUT_OF_STEP = /^Command queue state error/;

/**
 * A connection of its own to a server, of which a loss is noticed: also when the server is silent, as one is whose
 * machine or network is gone. It does not keep the process alive.
 */
export class WatchedConnection {
  readonly client: IoredisClient;
  readonly #node: IoredisClient;
  readonly #session: Session;
  readonly #onLost: (error: unknown) => void;
  #state: 'opening' | 'open' | 'closed' = 'opening';
  #lastError: unknown;
  #beat: NodeJS.Timeout | undefined;
  /** The bytes that had come by the last check. */
  #read = 0;
  /** The number of checks since a PING was sent, without a byte since. */
  #unanswered = 0;
  #runId: string | undefined;

  /**
   * @param node The client's connection to the server.
   * @param session Its state.
   * @param onLost Is called once, after it was open and unless it is closed.
   */
  constructor(node: IoredisClient, session: Session, onLost: (error: unknown) => void) {
    this.#node = node;
    this.#session = session;
    this.#onLost = onLost;
    // RESP2, because ioredis 6 drops what a server sends of itself in RESP3, and ioredis 5 does not know it.
    this.client = ownConnection(node, session, { protocol: 2, replyMapping: 'legacy', enableOfflineQueue: false });
    onTrouble(this.client, (error) => {
      this.#lastError = error;
      if (error instanceof Error && OUT_OF_STEP.test(error.message)) this.#lose(error);
    });
    this.client.on('close', () => this.#lose(this.#lastError));
  }

  /**
   * Connects, and applies the state of the client's connection.
   *
   * @param work What else belongs to it.
   * @throws The reason why it was not opened in time; then it is closed.
   */
  async open(patience: number, work: () => Promise<unknown> = async () => {}): Promise<void> {
    const opened = async (): Promise<void> => {
      await this.client.connect();
      const [runId] = await Promise.all([this.#askRunId(), applySession(this.client, this.#session)]);
      this.#runId = runId;
      await work();
    };
    try {
      await inTime(opened(), patience, undefined, () => new ConnectionError('no answer in time'));
      if (!isLive(this.client)) throw new ConnectionError('The connection was closed');
    } catch (error) {
      this.close();
      // The error of a closed connection does not say why.
      throw this.#lastError ?? error;
    }
    this.#state = 'open';
    this.client.stream?.unref?.();
    this.#beat = timers.setInterval(() => this.#check(), BEAT).unref();
  }

  /** Returns whether it leads to the server of the client, as far as is known. */
  get isCurrent(): boolean {
    return !isLive(this.#node) || leadToSame(this.client, this.#node);
  }

  /** Returns whether both lead to one process, as far as is known: behind one address there may be several. */
  isTogetherWith(other: WatchedConnection): boolean {
    const [a, b] = [this.#runId, other.#runId];
    return leadToSame(this.client, other.client) && (a === undefined || b === undefined || a === b);
  }

  /** Destroys both ends: a silent server would never close its own. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    timers.clearInterval(this.#beat);
    this.client.disconnect();
    this.client.stream?.destroy();
  }

  #lose(error: unknown): void {
    const wasOpen = this.#state === 'open';
    this.close();
    if (wasOpen) this.#onLost(error);
  }

  /** Counts checks, not time: none happens while this process is suspended. */
  #check(): void {
    const read = this.client.stream?.bytesRead ?? 0;
    if (read !== this.#read) {
      this.#read = read;
      this.#unanswered = 0;
      return;
    }
    this.#unanswered += 1;
    // A refusal is an answer, too.
    if (this.#unanswered === 1) this.#ping().catch(() => {});
    else if (this.#unanswered > PATIENCE) this.#lose(new ConnectionError('The server is silent'));
  }

  /** Under its own name, since ioredis knows by that what may be sent on a subscribed connection. */
  async #ping(): Promise<unknown> {
    return (this.client as unknown as { ping(): Promise<unknown> }).ping();
  }

  async #askRunId(): Promise<string | undefined> {
    const info = await callOn(this.client, 'info', ['server']).catch(() => '');
    return /^run_id:(\w+)/m.exec(String(info))?.[1];
  }
}
