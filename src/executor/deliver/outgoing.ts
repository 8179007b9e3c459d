import type { Command, RawReply } from '../../command/command.js';

/** A command on its way, and who waits for its reply. */
export interface Outgoing {
  readonly command: Command<unknown>;
  /** Milliseconds until it must have ended. */
  readonly deadline: number;
  /** Hands the reply to those who wait. It throws a typed error if it cannot be theirs. */
  settle(raw: RawReply): void;
  fail(error: unknown): void;
  /** It was settled, or has failed, and nothing of it is in flight any more. */
  release(): void;
  /** Resolves when it was settled, or has failed. */
  ended(): Promise<void>;
}
