import type { Command, RawReply } from '../../command/command.js';

/** A command to deliver, and the callers that wait for its reply. */
export interface Outgoing {
  readonly command: Command<unknown>;
  /** Milliseconds until its deadline. */
  readonly deadline: number;
  /** Passes the reply to the callers. It throws a typed error if the reply cannot be that of the command. */
  settle(raw: RawReply): void;
  fail(error: unknown): void;
  /** Called when it was settled or has failed, and nothing of it is in flight. */
  release(): void;
  /** Resolves when it was settled or has failed. */
  ended(): Promise<void>;
}
