import { ConnectionError, UnsupportedError } from '../../errors.js';
import type { Tracker, TrackerEvents } from '../connections.js';
import { callOn, type IoredisClient } from './ioredis-client.js';
import type { Session } from './session.js';
import { SubscriberConnection } from './subscriber-connection.js';
import { WatchedConnection } from './watched-connection.js';

/** The channel of notices. https://redis.io/docs/latest/develop/reference/client-side-caching/ */
const NOTICES = '__redis__:invalidate';

/**
 * Hears of changes of keys by CLIENT TRACKING. In RESP2 a subscribed connection can send no other command, so there are
 * two: one asks, and the server notes what it asked for; its notices go to the other one. They live and end together.
 */
export class TrackerConnection implements Tracker {
  readonly #asking: WatchedConnection;
  readonly #hearing: SubscriberConnection;
  readonly #events: TrackerEvents;

  constructor(node: IoredisClient, session: Session, events: TrackerEvents) {
    this.#events = events;
    const lost = (error: unknown): void => {
      this.close();
      events.lost(error);
    };
    this.#asking = new WatchedConnection(node, session, lost);
    this.#hearing = new SubscriberConnection(node, session, {
      message: (channel, message) => this.#hear(channel, message),
      lost,
    });
  }

  /** @throws The reason why it was not opened in time; then it is closed. */
  async open(patience: number): Promise<void> {
    try {
      const opening = [this.#asking.open(patience), this.#hearing.open(patience)];
      for (const opened of opening) opened.catch(() => {});
      await Promise.all(opening);
      const { id } = this.#hearing;
      if (id === undefined) throw new UnsupportedError('The server does not tell the id of a connection');
      await this.#hearing.subscribe([NOTICES]);
      // On another server, the id is that of another connection.
      if (!this.#asking.isTogetherWith(this.#hearing) || !this.isCurrent) {
        throw new ConnectionError('The connections lead to several servers');
      }
      await callOn(this.#asking.client, 'client', ['TRACKING', 'ON', 'REDIRECT', id]);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** EXISTS, as any command that reads, has the server note its keys. It does not count as a use of them. */
  async arm(keys: readonly string[]): Promise<void> {
    await callOn(this.#asking.client, 'exists', keys);
  }

  get isCurrent(): boolean {
    return this.#hearing.isCurrent && this.#asking.isCurrent;
  }

  close(): void {
    this.#asking.close();
    this.#hearing.close();
  }

  #hear(channel: Buffer, message: Buffer | readonly Buffer[] | null): void {
    if (String(channel) !== NOTICES) return;
    if (message === null) this.#events.changed(null);
    // Anybody can publish something else on the channel.
    else if (Array.isArray(message)) this.#events.changed(message.map(String));
  }
}
