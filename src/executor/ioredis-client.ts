import type { RawReply } from '../command/command.js';

/** The outcome of one command of a pipeline. */
export type PipelineReply = readonly [Error | null, RawReply];

/** Commands that are sent together. */
export interface Pipeline {
  exec(): Promise<readonly PipelineReply[] | null>;
}

/**
 * The parts of an ioredis client that are used here, under the names that versions 5 and 6 share.
 *
 * Those that may be missing are not in ioredis' own types. Where a later version lacks one, the library does
 * without, and is less precise.
 */
export interface IoredisClient {
  readonly status: string;
  readonly options: {
    readonly keyPrefix?: unknown;
    readonly enableAutoPipelining?: boolean;
    retryDelayOnFailover?: number;
  };
  readonly isCluster?: boolean;
  on(event: string, listener: (...details: unknown[]) => void): unknown;
  connect(): Promise<unknown>;
  duplicate(options?: object): IoredisClient;
  disconnect(): void;
  callBuffer(name: string, args: readonly unknown[]): Promise<RawReply>;
  multi(commands: readonly unknown[][]): Pipeline;
  pipeline(commands: readonly unknown[][]): Pipeline;
  /** Rejects what is queued. */
  readonly flushQueue?: (error: Error, options?: { offlineQueue?: boolean; commandQueue?: boolean }) => void;
  /** Of a Cluster: the addresses of the nodes that serve each slot, the master first. */
  readonly slots?: readonly (readonly string[] | undefined)[];
  /** Of a Cluster: its connections by address. */
  readonly connectionPool?: { getInstanceByKey(address: string): IoredisClient | undefined };
  /** Of a Cluster: asks the nodes anew which slots they serve. */
  readonly refreshSlotsCache?: (callback?: () => void) => void;
}

/** Opens a connection and rejects nothing: what goes wrong shows in the client's events. */
export function connectInBackground(client: IoredisClient): void {
  client.connect().catch(() => {});
}
