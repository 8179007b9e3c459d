import type { Command, RawReply } from '../command/command.js';

/** The wire as the delivery of commands sees it: one attempt at a time, and whether one can be made. */
export interface Transport {
  /** Whether an attempt made now is written to a live connection at once. Where not, it sees to getting one. */
  isReady(command: Command<unknown>): boolean;
  /** Whether the client was closed for good, so that waiting is in vain. */
  isEnded(): boolean;
  /** Commands of one domain arrive in the order in which they are sent. */
  domainOf(command: Command<unknown>): number;
  /** One attempt. It rejects with what the client says. */
  send(command: Command<unknown>): Promise<RawReply>;
  /** What went wrong with the connection most recently. */
  lastError(): unknown;
}
