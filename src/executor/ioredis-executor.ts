import type { Command } from '../command/command.js';
import { ConnectionError, NamespaceError } from '../errors.js';
import {
  Backlog,
  CALL_BYTES,
  COMMAND_BYTES,
  DEFAULT_MAX_PENDING,
  type Pending,
  type PendingOptions,
  sizeOf,
} from './coalesce/backlog.js';
import type { CombinedCall } from './coalesce/combined-call.js';
import type { RedisClient } from './ioredis/redis-client.js';
import { closeInOrder } from './ioredis/closing.js';
import type { Connections } from './connections.js';
import { Coalescer } from './coalesce/coalescer.js';
import { Delivery } from './deliver/delivery.js';
import { diagnostics } from './diagnostics.js';
import { embeddedTopology, isEmbedded } from './embedded/embedded-topology.js';
import type { Blocking, Executor } from './executor.js';
import { type IoredisClient, writeTogether } from './ioredis/ioredis-client.js';
import { withoutCommand } from './deliver/server-errors.js';
import { type Topology, topologyOf } from './ioredis/topology.js';
import { inTime } from './waiting.js';

/** The default deadline of a call in milliseconds. */
export const DEFAULT_DEADLINE = 10_000;

/** At least this many short commands of one tick are written together. */
const MANY = 8;

/** Options of the executor of a client. */
export interface ExecutorOptions extends PendingOptions {
  /** Milliseconds until a call must have succeeded or failed. */
  readonly deadline?: number | undefined;
}

/** Runs commands over a client of ioredis or ioredis-mock. */
class IoredisExecutor implements Executor {
  readonly #client: IoredisClient;
  readonly deadline: number;
  readonly #topology: Topology;
  readonly #coalescer: Coalescer;
  readonly #backlog = new Backlog();
  /** Calls that wait for a promise before they are made. */
  readonly #later = new Set<Promise<unknown>>();
  /** The options of the backlog so far. */
  #said: PendingOptions = {};
  /** Whether `quit` was called, or the client has ended: no more calls are accepted. */
  #closed = false;
  /** Whether the client has ended since it was last connected. */
  #ended = false;
  #connections: Promise<Connections> | undefined;
  readonly #closeListeners = new Set<() => void>();
  /** Whether a call is being made that was accepted before. */
  #taken = false;

  constructor(client: IoredisClient, deadline: number) {
    this.#client = client;
    this.deadline = deadline;
    const topology = isEmbedded(client)
      ? embeddedTopology(client, (command, patience) => this.run(command, patience))
      : topologyOf(client);
    const { transport } = topology;
    const delivery = new Delivery(transport);
    this.#topology = topology;
    this.#backlog.lastError = () => withoutCommandOf(transport.lastError(undefined));
    this.#coalescer = new Coalescer(
      (combinedCalls) => {
        diagnostics.batch(combinedCalls);
        if (areManyAndShort(combinedCalls)) writeTogether(() => deliverAll(delivery, combinedCalls));
        else deliverAll(delivery, combinedCalls);
      },
      undefined,
      this.#backlog,
    );
    client.on('ready', () => delivery.resume());
    for (const event of ['connecting', 'ready']) client.on(event, () => this.#reopen());
    const end = (): void => {
      this.#close();
      this.#ended = true;
      delivery.end();
      this.#backlog.end();
      topology.blocking.end();
    };
    client.on('end', end);
    closeInOrder(client, {
      flush: this.#coalescer.flush,
      close: () => this.#close(),
      drop: end,
      unsettled: () => [...this.#later, ...[...delivery.unsettled()].map((outgoing) => outgoing.ended())],
      isEnded: () => transport.isEnded(),
    });
  }

  get pending(): Pending {
    const { calls, bytes, waiting, maxBytes } = this.#backlog;
    return { calls, bytes, waiting, maxBytes };
  }

  connections(): Promise<Connections> {
    this.#connections ??= this.#topology.connections().catch((error: unknown) => {
      this.#connections = undefined;
      throw error;
    });
    return this.#connections;
  }

  get isCluster(): boolean {
    return this.#client.isCluster === true;
  }

  sharesSlot(a: string, b: string): boolean {
    const { transport } = this.#topology;
    return transport.domainOf(a) === transport.domainOf(b);
  }

  groupBySlot<T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][] {
    const { transport } = this.#topology;
    const groups = new Map<number, [T, ...T[]]>();
    for (const item of items) {
      const domain = transport.domainOf(keyOf(item));
      const group = groups.get(domain);
      if (group === undefined) groups.set(domain, [item]);
      else group.push(item);
    }
    return [...groups.values()];
  }

  /** Adopts options that were not set yet. Returns the name of an option that was set to another value. */
  tell({ maxPendingBytes, onFull }: PendingOptions): string | undefined {
    const said = this.#said;
    if (maxPendingBytes !== undefined && maxPendingBytes !== (said.maxPendingBytes ?? maxPendingBytes)) {
      return 'maxPendingBytes';
    }
    if (onFull !== undefined && onFull !== (said.onFull ?? onFull)) return 'onFull';
    this.#said = { maxPendingBytes: said.maxPendingBytes ?? maxPendingBytes, onFull: said.onFull ?? onFull };
    this.#backlog.maxBytes = this.#said.maxPendingBytes ?? DEFAULT_MAX_PENDING;
    this.#backlog.onFull = this.#said.onFull ?? 'reject';
    return undefined;
  }

  run<R>(command: Command<R>, deadline: number = this.deadline): Promise<R> {
    if (this.#closed && !this.#taken && this.#isClosed()) return Promise.reject(this.#closedError(command.keys[0]));
    const bytes = sizeOf(command);
    if (this.#taken || this.#backlog.admits(bytes + CALL_BYTES)) {
      return this.#coalescer.add(command, deadline, bytes) as Promise<R>;
    }
    return this.#inTurn(bytes, deadline, command.keys[0], (left) => {
      return this.#coalescer.add(command, left, bytes) as Promise<R>;
    });
  }

  runAfter<R>(ready: Promise<unknown>, call: () => Promise<R>, bytes = 0): Promise<R> {
    if (this.#closed && this.#isClosed()) return Promise.reject(this.#closedError(undefined));
    if (this.#backlog.admits(bytes + CALL_BYTES)) return this.#callAfter(ready, call, bytes);
    return this.#inTurn(bytes, this.deadline, undefined, () => this.#callAfter(ready, call, bytes));
  }

  expectRoom(key: string): void {
    if (this.#backlog.isFull) throw this.#backlog.refusal(key);
  }

  expectOpen(key: string): void {
    if (this.#closed && this.#isClosed()) throw this.#closedError(key);
  }

  onClose(listener: () => void): () => void {
    const own = (): void => listener();
    this.#closeListeners.add(own);
    return () => void this.#closeListeners.delete(own);
  }

  /** Runs a blocking command. Only the way to the server counts as pending, not the wait for an item. */
  async block<R>(
    key: string,
    build: (milliseconds: number | undefined) => Command<R | undefined>,
    how: Blocking,
  ): Promise<R | undefined> {
    const deadline = how.deadline ?? this.deadline;
    const entered = this.#enter(deadline, key);
    let leave = typeof entered === 'function' ? entered : undefined;
    const arrived = (): void => {
      leave?.();
      leave = undefined;
    };
    if (typeof entered !== 'function') {
      try {
        const patience = how.timeout ?? Number.POSITIVE_INFINITY;
        leave = await inTime(entered, patience, how.signal, () => this.#backlog.refusal(key));
      } catch (error) {
        entered.then(
          (late) => late(),
          () => {},
        );
        throw error;
      }
    }
    try {
      return await this.#topology.blocking.block(key, build, { ...how, deadline, arrived });
    } finally {
      arrived();
    }
  }

  async *scanKeys(
    patterns: readonly string[],
    deadline: number = this.deadline,
  ): AsyncGenerator<readonly string[], undefined, undefined> {
    const release = await this.#enter(deadline, undefined);
    try {
      yield* this.#topology.scanner.scan(patterns, deadline);
    } finally {
      release();
    }
  }

  /** Counts a command that bypasses the coalescer, as soon as there is room for it. */
  #enter(deadline: number, key: string | undefined): (() => void) | Promise<() => void> {
    if (this.#closed && this.#isClosed()) return Promise.reject(this.#closedError(key));
    const bytes = CALL_BYTES + COMMAND_BYTES;
    const enter = (): (() => void) => {
      this.#backlog.hold(bytes);
      return () => this.#backlog.release(bytes, 1);
    };
    return this.#backlog.admits(bytes) ? enter() : this.#inTurn(bytes, deadline, key, async () => enter());
  }

  #callAfter<R>(ready: Promise<unknown>, call: () => Promise<R>, bytes: number): Promise<R> {
    const held = bytes + CALL_BYTES;
    this.#backlog.hold(held);
    const made = ready.then(
      () => {
        this.#later.delete(made);
        this.#backlog.release(held, 1);
        this.#taken = true;
        try {
          return { result: call() };
        } finally {
          this.#taken = false;
        }
      },
      (error: unknown) => {
        this.#later.delete(made);
        this.#backlog.release(held, 1);
        throw error;
      },
    );
    this.#later.add(made);
    return made.then(({ result }) => result);
  }

  #inTurn<R>(bytes: number, deadline: number, key: string | undefined, go: (left: number) => Promise<R>): Promise<R> {
    const outcome = this.#backlog.later(bytes + CALL_BYTES, deadline, key, go);
    this.#later.add(outcome);
    const forget = (): void => void this.#later.delete(outcome);
    outcome.then(forget, forget);
    return outcome;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of [...this.#closeListeners]) listener();
  }

  /** Returns whether the client is closed; its user may have reconnected it. */
  #isClosed(): boolean {
    // The event of a reconnect comes a little later.
    if (/^connect/.test(this.#client.status)) this.#reopen();
    return this.#closed;
  }

  #reopen(): void {
    if (!this.#ended) return;
    this.#ended = false;
    this.#closed = false;
  }

  #closedError(key: string | undefined): ConnectionError {
    return new ConnectionError('The client was closed: calls made after that are not sent', {
      key,
      cause: withoutCommandOf(this.#topology.transport.lastError(undefined)),
    });
  }
}

function withoutCommandOf(error: unknown): unknown {
  return error === undefined ? undefined : withoutCommand(error);
}

/** Returns whether commands are many and short. Long ones are sent one by one, so that the server begins earlier. */
function areManyAndShort(combinedCalls: readonly CombinedCall[]): boolean {
  return combinedCalls.length >= MANY && combinedCalls.filter(({ size }) => size === 1).length >= MANY;
}

function deliverAll(delivery: Delivery, combinedCalls: readonly CombinedCall[]): void {
  for (const combined of combinedCalls) delivery.deliver(combined);
}

const executors = new WeakMap<object, IoredisExecutor>();

/**
 * Returns the executor of a client: always the same one, so that all calls through a client are combined and kept in
 * order.
 *
 * @param options Those of the backlog hold for the client, so that all callers must agree.
 * @throws {@link NamespaceError} for a client with ioredis' `keyPrefix` set, or when other options were set before;
 *   RangeError for invalid options.
 */
export function executorFor(client: RedisClient, options: ExecutorOptions = {}): Executor {
  expectPendingOptions(options);
  const executor = executors.get(client) ?? executorOf(client, options.deadline ?? DEFAULT_DEADLINE);
  const contradicted = executor.tell(options);
  if (contradicted !== undefined) {
    throw new NamespaceError(`${contradicted} holds for the whole client, of which something else was said before`);
  }
  return executor;
}

function expectPendingOptions({ maxPendingBytes, onFull }: PendingOptions): void {
  if (maxPendingBytes !== undefined && !(typeof maxPendingBytes === 'number' && maxPendingBytes > 0)) {
    throw new RangeError('maxPendingBytes must be more than 0 bytes');
  }
  if (onFull !== undefined && onFull !== 'reject' && onFull !== 'wait') {
    throw new RangeError("onFull must be 'reject' or 'wait'");
  }
}

function executorOf(client: RedisClient, deadline: number): IoredisExecutor {
  const ioredis = client as unknown as IoredisClient;
  if (typeof client !== 'object' || client === null || typeof ioredis.on !== 'function') {
    throw new NamespaceError('The client must be a Redis or Cluster of ioredis, or of ioredis-mock');
  }
  const options = (ioredis.options ?? {}) as { keyPrefix?: unknown; redisOptions?: { keyPrefix?: unknown } };
  if ((options.keyPrefix ?? '') !== '' || (options.redisOptions?.keyPrefix ?? '') !== '') {
    throw new NamespaceError(
      "The client has ioredis' keyPrefix set. The library makes whole keys itself, for hash tags, scans and " +
        'scripts, and would not find them again behind another prefix: open a client without it',
    );
  }
  const executor = new IoredisExecutor(ioredis, deadline);
  executors.set(client, executor);
  return executor;
}
