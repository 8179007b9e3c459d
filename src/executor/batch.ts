import { CodecError } from '../errors.js';
import type { Argument, Command, Family, RawReply } from '../command/command.js';

/** The most arguments that calls are combined into: one HMGET of more gains nothing and blocks the server longer. */
export const MAX_COMBINED_ARGUMENTS = 2_048;

/** About the most bytes of arguments that calls are combined into; a call that has more goes alone. */
export const MAX_COMBINED_BYTES = 1 << 20;

/** A command on its way, and who waits for its reply. */
export interface Outgoing {
  readonly command: Command<unknown>;
  /** Milliseconds until it must have ended. */
  readonly deadline: number;
  /** Hands the reply to those who wait. It throws if it cannot be theirs. */
  settle(raw: RawReply): void;
  fail(error: unknown): void;
}

/**
 * Calls that go as one command.
 *
 * All of them wait for one promise. Its callbacks run in the order in which they were added, so that the n-th of them
 * answers the n-th call, and a call leaves nothing behind but its command and the promise that its caller holds: of
 * 10,000 calls at once, what they keep until their replies come is most of what they cost.
 *
 * @see https://tc39.es/ecma262/#sec-triggerpromisereactions
 */
export class Batch implements Outgoing {
  /** In the order of the calls. */
  readonly commands: Command<unknown>[] = [];
  readonly #replies: Promise<readonly RawReply[]>;
  #resolve: (raws: readonly RawReply[]) => void = unset;
  #reject: (error: unknown) => void = unset;
  #combined: Command<unknown> | undefined;
  #arguments = 0;
  #bytes = 0;
  /** How many calls were answered. */
  #answered = 0;

  /** @param order Its place among those of its tick. */
  constructor(
    readonly order: number,
    readonly family: Family | null,
    readonly deadline: number,
  ) {
    this.#replies = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** The one command, once the batch is closed. */
  get command(): Command<unknown> {
    return this.#combined as Command<unknown>;
  }

  hasRoomFor({ args }: Command<unknown>, deadline: number): boolean {
    return (
      // Calls that are less patient than others are not made to share their deadline.
      deadline === this.deadline &&
      this.#arguments + Math.max(args.length, 1) <= MAX_COMBINED_ARGUMENTS &&
      this.#bytes + bytesOf(args) <= MAX_COMBINED_BYTES
    );
  }

  /** Takes a call in: what it is replied. */
  add(command: Command<unknown>): Promise<unknown> {
    this.commands.push(command);
    this.#arguments += Math.max(command.args.length, 1);
    this.#bytes += bytesOf(command.args);
    return this.#replies.then(this.#answerNext);
  }

  /** Takes no more calls in. */
  close(): void {
    const { commands, family } = this;
    const [first] = commands as [Command<unknown>];
    this.#combined = commands.length === 1 || family === null ? first : family.combine(commands);
  }

  settle(raw: RawReply): void {
    const { commands, family } = this;
    const raws = commands.length === 1 || family === null ? [raw] : family.distribute(raw, commands);
    // A reply that is too short must not look like entries that are missing.
    if (raws.length !== commands.length) throw new Error(`${raws.length} replies came for ${commands.length} calls`);
    this.#resolve(raws);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }

  /** A reply that cannot be read is the error of the one call that asked for it. */
  readonly #answerNext = (raws: readonly RawReply[]): unknown => {
    const index = this.#answered++;
    const command = this.commands[index] as Command<unknown>;
    try {
      return command.reply(raws[index] ?? null);
    } catch (error) {
      throw error instanceof CodecError ? error.at(command.keys[0]) : error;
    }
  };
}

function unset(): void {}

/** About how many bytes arguments have; text is counted by its UTF-16 units. */
function bytesOf(args: readonly Argument[]): number {
  let bytes = 0;
  for (let i = 0; i < args.length; i += 1) bytes += (args[i] as Argument).length;
  return bytes;
}
