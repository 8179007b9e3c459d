import { CodecError } from '../errors.js';
import type { Argument, Command, Family, Member, RawReply } from '../command/command.js';

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
 * Of 10,000 calls at once, what they keep until their replies come is most of what they cost. So little is kept: of a
 * call its arguments, and the promise that its caller holds. All of those wait for one promise of the batch, whose
 * callbacks run in the order in which they were added: the n-th of them answers the n-th call.
 *
 * @see https://tc39.es/ecma262/#sec-triggerpromisereactions
 */
export class Batch implements Outgoing {
  readonly family: Family | null;
  readonly deadline: number;
  readonly key: string;
  /** Those of all calls, one after the other. */
  readonly args: Argument[];
  readonly #first: Command<unknown>;
  readonly #members: Member[];
  readonly #replies: Promise<readonly RawReply[]>;
  #resolve: (raws: readonly RawReply[]) => void = unset;
  #reject: (error: unknown) => void = unset;
  #command: Command<unknown>;
  #bytes: number;
  /** How many calls were answered. */
  #answered = 0;

  /** @param order Its place among those of its tick. */
  constructor(
    readonly order: number,
    first: Command<unknown>,
    deadline: number,
  ) {
    this.family = first.family;
    this.deadline = deadline;
    this.key = first.keys[0];
    this.args = first.args.slice();
    this.#first = first;
    this.#command = first;
    this.#members = [{ kind: first.kind, size: first.args.length, reply: first.reply }];
    this.#bytes = bytesOf(first.args);
    this.#replies = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** The one command, once the batch is closed. */
  get command(): Command<unknown> {
    return this.#command;
  }

  get access(): 'read' | 'write' {
    return this.#first.access;
  }

  /** How many calls it answers. */
  get size(): number {
    return this.#members.length;
  }

  /** Takes a call in, if there is room and if it is as patient as the others. */
  add({ kind, args, reply }: Command<unknown>, deadline: number): boolean {
    const size = args.length;
    if (
      deadline !== this.deadline ||
      this.size >= MAX_COMBINED_ARGUMENTS ||
      this.args.length + size > MAX_COMBINED_ARGUMENTS
    ) {
      return false;
    }
    const bytes = this.#bytes + bytesOf(args);
    if (bytes > MAX_COMBINED_BYTES) return false;
    this.#bytes = bytes;
    for (let i = 0; i < size; i += 1) this.args.push(args[i] as Argument);
    const last = this.#members.at(-1) as Member;
    const isSame = last.kind === kind && last.size === size && last.reply === reply;
    this.#members.push(isSame ? last : { kind, size, reply });
    return true;
  }

  /** What the call is replied that was taken in last. To be asked for once for each call. */
  reply(): Promise<unknown> {
    return this.#replies.then(this.#answerNext);
  }

  /** Takes no more calls in. */
  close(): void {
    const { key, args, family, size } = this;
    if (size > 1 && family !== null) this.#command = family.combine({ key, args, members: this.#members });
  }

  settle(raw: RawReply): void {
    const { family, size } = this;
    const raws = size === 1 || family === null ? [raw] : family.distribute(raw, this.#members);
    // A reply that is too short must not look like entries that are missing.
    if (raws.length !== size) throw new Error(`${raws.length} replies came for ${size} calls`);
    this.#resolve(raws);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }

  /** A reply that cannot be read is the error of the one call that asked for it. */
  readonly #answerNext = (raws: readonly RawReply[]): unknown => {
    const index = this.#answered++;
    try {
      return (this.#members[index] as Member).reply(raws[index] ?? null);
    } catch (error) {
      throw error instanceof CodecError ? error.at(this.key) : error;
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
