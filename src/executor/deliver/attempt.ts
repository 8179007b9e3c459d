import type { Command, RawReply } from '../../command/command.js';
import type { Outgoing } from './outgoing.js';
import type { ConnectionLoad, Suspect } from './connection-load.js';
import type { Linked } from '../../linked-list.js';

/** A command that is to be delivered before its deadline. */
export class Attempt implements Linked<Attempt>, Suspect {
  /** Set by its {@link Lane}. */
  inFlight = false;
  /** Whether the server may have run it: its reply was lost or late. */
  maybeRun = false;
  settled = false;
  /** The neighbours among the attempts that are not settled. */
  previous: Attempt | undefined;
  next: Attempt | undefined;
  failures = 0;
  deaths = 0;
  waitsFor: ConnectionLoad | undefined;
  /** Whether it waits for other commands in flight over its connection. */
  heldUp = false;
  /** The last failure of the server, or of the connection to it. */
  lastWord: unknown;
  /** The address that a redirection named for the next attempt, and how often that was tried. */
  asked: string | undefined;
  looks = 0;
  /** The command to send instead, if a migrating slot refused this one for its keys. */
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

  /** Settles with the reply. Returns false when it was settled before. */
  settle(raw: RawReply): boolean {
    if (this.settled) return false;
    this.settled = true;
    try {
      this.outgoing.settle(raw);
    } catch (error) {
      // The reply cannot be that of the command, and callers must not be left waiting.
      this.outgoing.fail(error);
    }
    return true;
  }

  /** Fails with an error. Returns false when it was settled before. */
  fail(error: unknown): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.outgoing.fail(error);
    if (!this.inFlight) this.outgoing.release();
    return true;
  }

  /** Returns whether the order of the two commands matters. */
  conflictsWith(other: Attempt): boolean {
    const { command } = this;
    if (command.access === 'read' && other.command.access === 'read') return false;
    return command.keys.some((key) => other.command.keys.includes(key));
  }
}
