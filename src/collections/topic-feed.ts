import type { Connections, Subscriber } from '../executor/connections.js';
import { failureKind, serverRefusal } from '../executor/deliver/server-errors.js';
import { StandingConnection } from '../executor/standing-connection.js';
import type { Channel } from './topic-channel.js';

/** The channels of one server, and the connection that receives their messages. */
export class TopicFeed {
  readonly server: object;
  readonly #isSharded: boolean;
  readonly #strayed: () => void;
  readonly #channels = new Map<string, Channel>();
  readonly #standing: StandingConnection<Subscriber>;

  /** @param strayed Is called when the server does not serve a channel. */
  constructor(connections: Connections, server: object, isSharded: boolean, strayed: () => void) {
    this.server = server;
    this.#isSharded = isSharded;
    this.#strayed = strayed;
    this.#standing = new StandingConnection<Subscriber>(
      (lost, patience) => {
        const message = (channel: Buffer, bytes: Buffer | readonly Buffer[] | null): void => {
          if (Buffer.isBuffer(bytes)) this.#receive(String(channel), bytes);
        };
        return connections.subscriber(server, { message, lost }, patience);
      },
      () => connections.isLive(server),
      {
        opened: () => {
          for (const channel of this.#channels.values()) void this.#subscribe(channel);
        },
        lost: () => {
          for (const channel of this.#channels.values()) channel.isSubscribed = false;
          // Another server may serve them now.
          strayed();
        },
        failed: strayed,
      },
    );
  }

  add(channel: Channel): void {
    channel.feed = this;
    channel.isSubscribed = false;
    this.#channels.set(channel.name, channel);
    void this.#subscribe(channel);
  }

  remove(channel: Channel): void {
    channel.feed = undefined;
    channel.isSubscribed = false;
    if (!this.#channels.delete(channel.name)) return;
    this.#standing.current?.unsubscribe([channel.name], this.#isSharded).catch(() => {});
  }

  /** Checks that the connection leads to where the client's own does. */
  look(): void {
    const { current } = this.#standing;
    if (current === undefined) return;
    if (current.isCurrent) return;
    for (const channel of this.#channels.values()) channel.isSubscribed = false;
    this.#standing.reopen(new Error('The client is connected to another server'));
  }

  close(): void {
    this.#standing.close();
  }

  #receive(name: string, bytes: Buffer): void {
    for (const listener of [...(this.#channels.get(name)?.listeners ?? [])]) listener.message(bytes);
  }

  async #subscribe(channel: Channel): Promise<void> {
    const { current } = this.#standing;
    if (current === undefined) return;
    const isStill = (): boolean => this.#standing.current === current && this.#channels.get(channel.name) === channel;
    try {
      await current.subscribe([channel.name], this.#isSharded);
    } catch (error) {
      if (isStill()) this.#refused(channel, error);
      return;
    }
    if (!isStill()) return;
    channel.isSubscribed = true;
    for (const listener of [...channel.listeners]) listener.subscribed();
  }

  #refused(channel: Channel, error: unknown): void {
    const kind = failureKind(error);
    // The connection is about to be lost.
    if (kind === 'lost') return;
    if (kind === 'not-run') {
      this.remove(channel);
      this.#strayed();
      return;
    }
    const refusal = serverRefusal(this.#isSharded ? 'SSUBSCRIBE' : 'SUBSCRIBE', error, { key: channel.name });
    for (const listener of [...channel.listeners]) listener.failed(refusal);
  }
}
