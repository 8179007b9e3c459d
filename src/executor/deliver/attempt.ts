import type { Command, RawReply } from '../../command/command.js';
import type { Outgoing } from './outgoing.js';
import type { ConnectionLoad, Suspect } from './connection-load.js';
import type { Linked } from './linked-list.js';

/** A command that is to be delivered before its deadline. */
export class Attempt implements Linked<Attempt>, Suspect {
  /** Kept by its {@link Lane}. */
  inFlight = false;
  /** Whether the server may have run it: it was lost on its way, or sent and not answered in time. */
  maybeRun = false;
  settled = false;
  /** Among those that are not settled. */
  previous: Attempt | undefined;
  next: Attempt | undefined;
  failures = 0;
  deaths = 0;
  waitsFor: ConnectionLoad | undefined;
  /** Whether it waits for what else is in flight over its connection. */
  heldUp = false;
  /** What was heard last of the server, or of the connection to it. */
  lastWord: unknown;
  /** The address that a redirection named for the next attempt, and how often it was looked for. */
  asked: string | undefined;
  looks = 0;
  /** What is sent in place of the command, where a slot on its way to another node refused it for its keys. */
  instead: Command<unknown> | undefined;

  constructor(
    readonly outgoing: Outgoing,
    readonly order: number,
    readonly domain: number,
    readonly expires: number,
  ) {}

  get command(): Command<unknown> {
    return this.instead ?? this.outgoing.command;
  }

  /** Hands over the reply; false when it was settled before. */
  settle(raw: RawReply): boolean {
    if (this.settled) return false;
    this.settled = true;
    try {
      this.outgoing.settle(raw);
    } catch (error) {
      // A reply that cannot be that of the command: nobody must be left waiting for it.
      this.outgoing.fail(error);
    }
    return true;
  }

  /** Likewise for an error. */
  fail(error: unknown): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.outgoing.fail(error);
    if (!this.inFlight) this.outgoing.release();
    return true;
  }

  /** Whether it makes a difference which of the two is run first. */
  conflictsWith(other: Attempt): boolean {
    const { command } = this;
    if (command.access === 'read' && other.command.access === 'read') return false;
    return command.keys.some((key) => other.command.keys.includes(key));
  }
}
