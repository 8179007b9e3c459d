import { slotOf } from '../namespace/slot.js';
import type { Command, RawReply } from '../command/command.js';
import type { IoredisClient, PipelineReply } from './ioredis-client.js';
import { connectInBackground } from './ioredis-client.js';
import { ConnectionLost } from './server-errors.js';
import type { Transport } from './transport.js';
import { wireArguments } from './wire.js';

/** One attempt over a `Redis` or `Cluster` of ioredis 5 or 6. */
export class IoredisTransport implements Transport {
  readonly #client: IoredisClient;
  #lastError: unknown;
  // Not read off `status`, because that of a Cluster goes from `end` back to `close`.
  #ended: boolean;

  constructor(client: IoredisClient) {
    this.#client = client;
    this.#ended = client.status === 'end';
    client.on('error', (error) => {
      this.#lastError = error;
    });
    client.on('ready', () => {
      this.#lastError = undefined;
    });
    client.on('end', () => {
      this.#ended = true;
    });
    client.on('connecting', () => {
      this.#ended = false;
    });
    if (client.isCluster === true) {
      // Likewise a Cluster would send again what was in flight to a node that went away.
      client.options.retryDelayOnFailover = 0;
    } else {
      // ioredis would send again, after a reconnect, what was in flight: an increment could then run twice. What
      // may be repeated is repeated by the delivery, so all of it fails here first.
      client.on('close', () => client.flushQueue?.(new ConnectionLost(), { offlineQueue: false }));
    }
  }

  isReady(command: Command<unknown>): boolean {
    const client = this.#client;
    if (client.status === 'wait') connectInBackground(client);
    if (client.status !== 'ready') return false;
    return client.isCluster === true ? this.#isNodeReady(command) : true;
  }

  /** Whether the node that serves the slot is connected: only then does an attempt leave this process. */
  #isNodeReady(command: Command<unknown>): boolean {
    const { slots, connectionPool } = this.#client;
    if (slots === undefined || connectionPool === undefined) return true;
    const address = slots[this.domainOf(command)]?.[0];
    const node = address === undefined ? undefined : connectionPool.getInstanceByKey(address);
    if (node?.status === 'ready') return true;
    if (node?.status === 'wait') connectInBackground(node);
    else if (node === undefined) this.#client.refreshSlotsCache?.(() => {});
    return false;
  }

  isEnded(): boolean {
    return this.#ended;
  }

  domainOf(command: Command<unknown>): number {
    return this.#client.isCluster === true ? slotOf(command.keys[0]) : 0;
  }

  lastError(): unknown {
    return this.#lastError;
  }

  send(command: Command<unknown>): Promise<RawReply> {
    return command.parts === null ? this.#sendOne(command) : this.#sendTransaction(command.parts);
  }

  #sendOne(command: Command<unknown>): Promise<RawReply> {
    const client = this.#client;
    // In capitals, because ioredis turns the reply to a lower-case `hgetall` into an object.
    const name = command.name === 'hgetall' ? 'HGETALL' : command.name;
    const args = wireArguments(command);
    if (client.options.enableAutoPipelining !== true) return client.callBuffer(name, args);
    // Automatic pipelining would send this after a transaction that was called for later.
    return client
      .pipeline([['callBuffer', name, ...args]])
      .exec()
      .then((replies) => valueOf(replies?.[0]));
  }

  async #sendTransaction(parts: readonly Command<unknown>[]): Promise<RawReply> {
    const replies = await this.#client
      .multi(parts.map((part) => [`${part.name}Buffer`, ...wireArguments(part)]))
      .exec();
    if (replies === null) throw new ConnectionLost();
    return replies.map(valueOf);
  }
}

function valueOf(reply: PipelineReply | undefined): RawReply {
  if (reply === undefined) throw new ConnectionLost();
  const [error, value] = reply;
  if (error !== null) throw error;
  return value;
}
