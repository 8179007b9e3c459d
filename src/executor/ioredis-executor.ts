import type { Command } from '../command/command.js';
import { NamespaceError } from '../errors.js';
import type { Batch } from './batch.js';
import type { RedisClient } from './client.js';
import { Coalescer } from './coalescer.js';
import { DedicatedConnections } from './dedicated.js';
import { Delivery } from './delivery.js';
import { diagnostics } from './diagnostics.js';
import { ClusterTransport } from './cluster-transport.js';
import { EmbeddedTransport, isEmbedded } from './embedded-transport.js';
import type { DedicatedConnection, Executor, ServerKind } from './executor.js';
import { type IoredisClient, type IoredisCluster, writeTogether } from './ioredis-client.js';
import { KeyScanner } from './key-scanner.js';
import { StandaloneTransport } from './standalone-transport.js';
import type { Transport } from './transport.js';

/** Milliseconds that a call may take when nothing else was said. */
export const DEFAULT_DEADLINE = 10_000;

/** From so many short commands of one tick on, they are written together. */
const MANY = 8;

/** Carries out commands over a client of ioredis, or of ioredis-mock. */
class IoredisExecutor implements Executor {
  readonly kind: ServerKind;
  readonly #deadline: number;
  readonly #coalescer: Coalescer;
  readonly #scanner: KeyScanner;
  readonly #dedicated: DedicatedConnections;

  constructor(client: IoredisClient, deadline: number) {
    this.kind = isEmbedded(client) ? 'embedded' : client.isCluster === true ? 'cluster' : 'standalone';
    this.#deadline = deadline;
    const transport = transportOf(client, this.kind);
    const delivery = new Delivery(transport);
    this.#scanner = new KeyScanner(client, this.kind, transport);
    this.#dedicated = new DedicatedConnections(client, this.kind);
    client.on('ready', () => delivery.resume());
    client.on('end', () => delivery.end());
    this.#coalescer = new Coalescer((batches) => {
      diagnostics.batch(batches);
      if (areManyAndShort(batches)) writeTogether(() => deliverAll(delivery, batches));
      else deliverAll(delivery, batches);
    });
  }

  run<R>(command: Command<R>, deadline: number = this.#deadline): Promise<R> {
    return this.#coalescer.add(command, deadline) as Promise<R>;
  }

  scanKeys(patterns: readonly string[], deadline: number = this.#deadline): AsyncIterable<readonly string[]> {
    return this.#scanner.scan(patterns, deadline);
  }

  dedicated(key: string, deadline: number = this.#deadline): Promise<DedicatedConnection> {
    return this.#dedicated.borrow(key, deadline);
  }
}

/** Of long ones, which are many calls, the server can begin with the first while the next is made. */
function areManyAndShort(batches: readonly Batch[]): boolean {
  return batches.length >= MANY && batches.filter(({ size }) => size === 1).length >= MANY;
}

function deliverAll(delivery: Delivery, batches: readonly Batch[]): void {
  for (const batch of batches) delivery.deliver(batch);
}

function transportOf(client: IoredisClient, kind: ServerKind): Transport {
  switch (kind) {
    case 'embedded':
      return new EmbeddedTransport(client);
    case 'cluster':
      return new ClusterTransport(client as IoredisCluster);
    case 'standalone':
      return new StandaloneTransport(client);
  }
}

const executors = new WeakMap<object, Executor>();

/**
 * The executor of a client: always the same one, so that all calls through a client are combined and kept in order.
 *
 * @throws {@link NamespaceError} for a client with ioredis' `keyPrefix` set.
 */
export function executorFor(client: RedisClient, deadline: number = DEFAULT_DEADLINE): Executor {
  const known = executors.get(client);
  if (known !== undefined) return known;
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
