/*
 * The in-memory client: how does ioredis-mock reply as a server does, where it would not?
 *
 * In comes a command, and out goes the reply of a server. The executor asks here for the topology of such a client, and
 * sends all commands over it as over any other.
 */
import type { Command, RawReply } from '../../command/command.js';
import { timers } from '../../timers.js';
import type { Connections } from '../connections.js';
import type { IoredisClient } from '../ioredis/ioredis-client.js';
import type { BlockingCalls } from '../ioredis/blocking-calls.js';
import { LazyScanner } from '../ioredis/key-scanner.js';
import type { ScanOnce } from '../ioredis/node-scanner.js';
import type { Topology } from '../ioredis/topology.js';
import { pause } from '../waiting.js';
import { EmbeddedTransport } from './embedded-transport.js';

/** Runs a command that does not block, after all earlier calls. */
type Run = <R>(command: Command<R>, deadline: number) => Promise<R>;

/** Returns whether a client is the embedded one, which cannot send commands by name. */
export function isEmbedded(client: IoredisClient): boolean {
  return typeof (client as Partial<IoredisClient>).callBuffer !== 'function';
}

/** Returns the topology of the embedded client: one server, which cannot block. */
export function embeddedTopology(client: IoredisClient, run: Run): Topology {
  const transport = new EmbeddedTransport(client);
  const scanner = new LazyScanner(async () => {
    const { StandaloneScanner } = await import('../ioredis/standalone-scanner.js');
    return new StandaloneScanner(client, transport, scanEmbedded);
  });
  const connections = async (): Promise<Connections> => {
    const { EmbeddedConnections } = await import('./embedded-connections.js');
    return new EmbeddedConnections(client);
  };
  return { transport, scanner, blocking: new Polling(run), connections };
}

const scanEmbedded: ScanOnce = (node, args) => {
  const embedded = node as unknown as { scanBuffer(...args: readonly string[]): Promise<RawReply> };
  return embedded.scanBuffer(...args);
};

/** Milliseconds between two polls. */
const INTERVAL = 10;

/** Polls until a blocking command would return. */
class Polling implements BlockingCalls {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Waiting calls notice it at their next poll. */
  end(): void {}

  readonly block: BlockingCalls['block'] = async (_key, build, { timeout, signal, deadline, follower, arrived }) => {
    const end = timeout === undefined ? Number.POSITIVE_INFINITY : timers.now() + timeout;
    arrived();
    for (;;) {
      const reply = await this.#run(build(INTERVAL), deadline);
      if (reply !== undefined) {
        if (follower !== undefined) this.#run(follower, deadline).catch(() => {});
        // An item that was popped before the abort must not be lost.
        return reply;
      }
      signal?.throwIfAborted();
      const left = end - timers.now();
      if (left <= 0) return undefined;
      await pause(Math.min(INTERVAL, left), signal);
      signal?.throwIfAborted();
    }
  };
}
