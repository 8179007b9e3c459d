import { slotOf } from '../namespace/slot.js';
import type { Command, RawReply } from '../command/command.js';
import { ConnectionError, UnsupportedError } from '../errors.js';
import { refreshSlots } from './cluster-masters.js';
import { timers } from '../timers.js';
import type { DedicatedConnection, ServerKind } from './executor.js';
import {
  callOn,
  connectInBackground,
  type IoredisClient,
  type IoredisCluster,
  isLive,
  sendOn,
} from './ioredis-client.js';
import { failureKind, lostError, refusalError, replyError, withLastWord } from './server-errors.js';

/** How many unused connections are kept for later. */
const MAX_IDLE = 8;

/** Milliseconds between two looks for a connection, or at whether a command has reached the server. */
const PAUSE = 20;

/** Milliseconds between two looks at whether a node still serves the key that a command waits for. */
const LOOK = 2_000;

/** Milliseconds of silence after which the system asks the other end whether it is there. */
const KEEP_ALIVE = 30_000;

/** What a timer of Node can wait for. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A connection to a node, for one at a time who borrows it. */
class OwnConnection {
  readonly client: IoredisClient;
  /** What the server calls it. */
  #id = '';
  readonly #node: IoredisClient;
  /** Whether it can be lent again. */
  #sound = true;
  #isRunning = false;
  #end: NodeJS.Timeout | undefined;
  #unblocking: Promise<void> | undefined;

  constructor(client: IoredisClient, node: IoredisClient) {
    this.client = client;
    this.#node = node;
  }

  async open(): Promise<void> {
    await this.client.connect();
    this.#id = String(await callOn(this.client, 'client', ['ID']));
  }

  /** Whether it may be lent: it leads to where the client leads now, and all went well so far. */
  get isSound(): boolean {
    return this.#sound && isLive(this.client) && leadToSame(this.client, this.#node);
  }

  /** @param isDeserted Whether the node does not serve the key any more. */
  async run<R>(command: Command<R>, wait: number | undefined, deadline: number, isDeserted: () => boolean): Promise<R> {
    if (wait !== undefined) this.#endIn(wait + deadline);
    // A node says so itself when others serve its keys, unless it is silent; then nobody would ever.
    const watch = timers
      .setInterval(() => {
        if (!isDeserted()) return;
        timers.clearInterval(watch);
        this.#endIn(deadline);
      }, LOOK)
      .unref();
    this.#isRunning = true;
    let raw: RawReply;
    try {
      raw = await sendOn(this.client, command);
    } catch (error) {
      this.#sound = false;
      const kind = failureKind(error);
      throw kind === 'refused' ? refusalError(error, command) : lostError(command, kind === 'lost', error);
    } finally {
      this.#isRunning = false;
      timers.clearInterval(watch);
      timers.clearTimeout(this.#end);
    }
    try {
      return command.reply(raw);
    } catch (error) {
      throw replyError(error, { name: command.name, key: command.keys[0], access: command.access });
    }
  }

  unblock(deadline: number): void {
    this.#endIn(deadline);
    this.#unblocking = this.#unblock();
  }

  /** Resolves when nothing is under way any more that would end the command of whoever has it next. */
  async released(): Promise<void> {
    await this.#unblocking;
    this.#unblocking = undefined;
  }

  /** Not only its own end: a server that is silent would never close the other one. */
  close(): void {
    this.client.disconnect();
    this.client.stream?.destroy();
  }

  #endIn(milliseconds: number): void {
    timers.clearTimeout(this.#end);
    if (milliseconds <= LONGEST_TIMER) this.#end = timers.setTimeout(() => this.close(), milliseconds).unref();
  }

  async #unblock(): Promise<void> {
    // The command may not have reached the server yet.
    while (this.#isRunning && !(await this.#tryToUnblock())) await timers.pause(PAUSE);
  }

  /** CLIENT UNBLOCK, over the connection that all share. https://redis.io/docs/latest/commands/client-unblock/ */
  async #tryToUnblock(): Promise<boolean> {
    if (!isLive(this.#node)) return false;
    try {
      // To another server, the id is that of somebody else.
      if (leadToSame(this.client, this.#node)) {
        return Number(await callOn(this.#node, 'client', ['UNBLOCK', this.#id])) === 1;
      }
    } catch (error) {
      if (failureKind(error) !== 'refused') return false;
    }
    this.close();
    return true;
  }
}

/** Connections of their own for commands that block: such a command holds up all that follow it on its connection. */
export class DedicatedConnections {
  readonly #client: IoredisClient;
  readonly #kind: ServerKind;
  /** By the node that they lead to. */
  readonly #idle = new Map<IoredisClient, OwnConnection[]>();
  readonly #all = new Set<OwnConnection>();

  constructor(client: IoredisClient, kind: ServerKind) {
    this.#client = client;
    this.#kind = kind;
    client.on('end', () => {
      for (const own of this.#all) own.close();
      this.#all.clear();
      this.#idle.clear();
    });
  }

  async borrow(key: string, deadline: number): Promise<DedicatedConnection> {
    if (this.#kind === 'embedded') {
      throw new UnsupportedError('The embedded client cannot block: use a Redis server', { key });
    }
    const node = await this.#nodeOf(key, deadline);
    const own = this.#takeIdle(node) ?? (await this.#open(node, key, deadline));
    const isDeserted = (): boolean => {
      const now = this.#servingNow(key);
      // For the next look. Who only waits hears of nothing.
      if (this.#kind === 'cluster') refreshSlots(this.#client as IoredisCluster);
      return now !== undefined && now !== node;
    };
    return {
      run: (command, wait) => own.run(command, wait, deadline, isDeserted),
      unblock: () => own.unblock(deadline),
      release: () => void own.released().then(() => this.#giveBack(node, own)),
    };
  }

  #servingNow(key: string): IoredisClient | undefined {
    return this.#kind === 'cluster' ? masterOf(this.#client as IoredisCluster, key) : this.#client;
  }

  /** The connection to the node of a key, waited for while the client connects or a failover goes on. */
  async #nodeOf(key: string, deadline: number): Promise<IoredisClient> {
    const client = this.#client;
    const end = timers.now() + deadline;
    for (;;) {
      connectInBackground(client);
      const node = this.#servingNow(key);
      if (node !== undefined) connectInBackground(node);
      if (node !== undefined && isLive(node)) return node;
      if (client.status === 'end' || timers.now() >= end) {
        throw new ConnectionError('The server of the key is not connected', { key });
      }
      await timers.pause(PAUSE);
    }
  }

  /** One that is not used, and that leads to where the node is now. */
  #takeIdle(node: IoredisClient): OwnConnection | undefined {
    for (const [other, idle] of this.#idle) {
      if (other.status !== 'end') continue;
      // The cluster has no such node any more.
      for (const own of idle) this.#close(own);
      this.#idle.delete(other);
    }
    const idle = this.#idle.get(node) ?? [];
    for (let own = idle.pop(); own !== undefined; own = idle.pop()) {
      if (own.isSound) return own;
      this.#close(own);
    }
    return undefined;
  }

  async #open(node: IoredisClient, key: string, deadline: number): Promise<OwnConnection> {
    const client = node.duplicate({
      lazyConnect: true,
      retryStrategy: null,
      autoResendUnfulfilledCommands: false,
      enableAutoPipelining: false,
      commandTimeout: undefined,
      socketTimeout: undefined,
      readOnly: false,
      // Who waits for ever would never hear of a machine that is gone.
      keepAlive: node.options.keepAlive || KEEP_ALIVE,
    });
    client.on('error', () => {});
    const own = new OwnConnection(client, node);
    this.#all.add(own);
    // A silent server takes connections, and answers nothing.
    const late = timers.setTimeout(() => own.close(), deadline);
    try {
      await own.open();
      return own;
    } catch (error) {
      this.#close(own);
      throw withLastWord(ConnectionError, 'No connection of its own could be opened', error, { key });
    } finally {
      timers.clearTimeout(late);
    }
  }

  #giveBack(node: IoredisClient, own: OwnConnection): void {
    const idle = this.#idle.get(node) ?? [];
    if (!own.isSound || idle.length >= MAX_IDLE) {
      this.#close(own);
      return;
    }
    idle.push(own);
    this.#idle.set(node, idle);
  }

  #close(own: OwnConnection): void {
    this.#all.delete(own);
    own.close();
  }
}

/** Whether two clients are connected to the same address, as far as they say. */
function leadToSame(a: IoredisClient, b: IoredisClient): boolean {
  const [from, to] = [a.stream, b.stream];
  return from?.remoteAddress === to?.remoteAddress && from?.remotePort === to?.remotePort;
}

function masterOf(cluster: IoredisCluster, key: string): IoredisClient | undefined {
  const address = cluster.slots[slotOf(key)]?.[0];
  return address === undefined ? undefined : cluster.connectionPool.getInstanceByKey(address);
}
