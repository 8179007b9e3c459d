import type { Command, RawReply } from '../../src/command/command.js';
import type { Outgoing } from '../../src/executor/deliver/outgoing.js';
import { ConnectionLoad } from '../../src/executor/deliver/connection-load.js';
import { Delivery } from '../../src/executor/deliver/delivery.js';
import type { Route, Transport } from '../../src/executor/deliver/transport.js';

/** One attempt on the wire, waiting for what the test says became of it. */
export interface Sent {
  readonly command: Command<unknown>;
  readonly key: string;
  reply(raw: RawReply): void;
  refuse(message: string): void;
  /** As ioredis says it when the connection goes away under a command. */
  lose(): void;
}

/** A wire that does nothing by itself. The first letter of a key is its domain. */
export class FakeTransport implements Transport {
  readonly sent: Sent[] = [];
  ready = true;
  ended = false;
  error: unknown;
  /** Sees each attempt at the moment it is sent. */
  onSend: (sent: Sent) => void = () => {};

  readonly #route: Route = { connection: {}, load: new ConnectionLoad() };

  routeOf(): Route | undefined {
    return this.ready && !this.ended ? this.#route : undefined;
  }

  socketOf({ connection }: Route): object {
    return connection;
  }

  redirect(): { again: boolean; asked: undefined } {
    return { again: false, asked: undefined };
  }

  ping(): Promise<unknown> {
    return Promise.resolve();
  }

  unanswered(): void {}

  isEnded(): boolean {
    return this.ended;
  }

  domainOf(key: string): number {
    return key.charCodeAt(0);
  }

  lastError(): unknown {
    return this.error;
  }

  send(command: Command<unknown>): Promise<RawReply> {
    return new Promise((resolve, reject) => {
      const sent: Sent = {
        command,
        key: command.keys[0],
        reply: resolve,
        refuse: (message) => reject(Object.assign(new Error(message), { name: 'ReplyError' })),
        lose: () => reject(new Error('Connection is closed.')),
      };
      this.sent.push(sent);
      this.onSend(sent);
    });
  }

  /** What was sent, as `name key args`, oldest first. */
  get log(): string[] {
    return this.sent.map(({ command }) => [command.name, command.keys[0], ...command.args].join(' '));
  }
}

/** A delivery over a fake wire, and calls to deliver one by one. */
export class Bench {
  readonly wire = new FakeTransport();
  readonly delivery = new Delivery(this.wire);
  /** How many hold no memory any more. */
  released = 0;

  deliver<R>(command: Command<R>, deadline = 60_000): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const outgoing: Outgoing = {
        command,
        deadline,
        settle: (raw) => resolve(command.reply(raw)),
        fail: reject,
        release: () => void (this.released += 1),
        ended: () => Promise.resolve(),
      };
      this.delivery.deliver(outgoing);
    });
  }

  get last(): Sent {
    const last = this.wire.sent.at(-1);
    if (last === undefined) throw new Error('Nothing was sent');
    return last;
  }
}

/** Something that rejects for sure, so that its error can be looked at later. */
export function failing(call: Promise<unknown>): Promise<unknown> {
  const error = call.then(
    (value) => {
      throw new Error(`It resolved to ${String(value)}`);
    },
    (reason: unknown) => reason,
  );
  error.catch(() => {});
  return error;
}
