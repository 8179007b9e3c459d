import { Budget, enter, leave } from '../../codec/limits.js';
import { NotLoaded } from '../../codec/not-loaded.js';
import type { Argument, Command, Family, Member, RawReply } from '../../command/command.js';
import { arrayOf } from '../../command/readers.js';
import { type Backlog, CALL_BYTES, COMMAND_BYTES } from './backlog.js';
import type { Outgoing } from '../deliver/outgoing.js';
import { replyError } from '../deliver/server-errors.js';

/** The most arguments of a combined command: an HMGET of more gains nothing and blocks the server longer. */
export const MAX_COMBINED_ARGUMENTS = 2_048;

/** About the most bytes of arguments of a combined command; a larger call is sent alone. */
export const MAX_COMBINED_BYTES = 1 << 20;

/**
 * Calls that are sent as one command.
 *
 * The memory that 10,000 concurrent calls hold until their replies come is most of their cost. So little is kept of a
 * call: its arguments, and the promise that its caller holds. All of those wait for one promise, whose callbacks run in
 * the order in which they were added: the n-th of them answers the n-th call.
 *
 * @see https://tc39.es/ecma262/#sec-triggerpromisereactions
 */
export class CombinedCall implements Outgoing {
  readonly family: Family | null;
  readonly deadline: number;
  readonly key: string;
  readonly #first: Command<unknown>;
  /** The arguments of all calls, one after the other. */
  #args: readonly Argument[];
  /** Undefined for a lone call. */
  #members: Member[] | undefined;
  readonly #replies: Promise<readonly RawReply[]>;
  #resolve: (raws: readonly RawReply[]) => void = unset;
  #reject: (error: unknown) => void = unset;
  #command: Command<unknown>;
  #bytes: number;
  readonly #backlog: Backlog;
  /** The bytes that it holds in the backlog. */
  #held: number;
  /** The number of calls that were answered. */
  #answered = 0;
  /** The memory budget of the values in the reply, for all calls together. */
  #budget: Budget | undefined;
  /** Likewise of those that are read a second time: the first has counted what they take. */
  #secondBudget: Budget | undefined;

  /**
   * @param order Its position among those of its tick.
   * @param bytes The size of the first call by `sizeOf`.
   */
  constructor(
    readonly order: number,
    first: Command<unknown>,
    deadline: number,
    bytes: number,
    backlog: Backlog,
  ) {
    this.family = first.family;
    this.deadline = deadline;
    this.key = first.keys[0];
    this.#args = first.args;
    this.#first = first;
    this.#command = first;
    this.#bytes = bytes;
    this.#backlog = backlog;
    this.#held = bytes + CALL_BYTES + COMMAND_BYTES;
    backlog.hold(this.#held);
    this.#replies = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** The combined command, once this is closed. */
  get command(): Command<unknown> {
    return this.#command;
  }

  get name(): string {
    return this.#command.name;
  }

  get access(): 'read' | 'write' {
    return this.#first.access;
  }

  /** The arguments of all calls, one after the other. */
  get args(): readonly Argument[] {
    return this.#args;
  }

  /** The number of calls. */
  get size(): number {
    return this.#members === undefined ? 1 : this.#members.length;
  }

  /** Adds a call, if there is room and it has the same deadline as the others. */
  add({ kind, args, reply }: Command<unknown>, deadline: number, bytes: number): boolean {
    const size = args.length;
    if (
      deadline !== this.deadline ||
      this.size >= MAX_COMBINED_ARGUMENTS ||
      this.#args.length + size > MAX_COMBINED_ARGUMENTS
    ) {
      return false;
    }
    const total = this.#bytes + bytes;
    if (total > MAX_COMBINED_BYTES) return false;
    this.#bytes = total;
    this.#held += bytes + CALL_BYTES;
    this.#backlog.hold(bytes + CALL_BYTES);
    const members = this.#members ?? this.#gather();
    const all = this.#args as Argument[];
    for (let i = 0; i < size; i += 1) all.push(args[i] as Argument);
    const last = members[members.length - 1] as Member;
    const isSame = last.kind === kind && last.size === size && last.reply === reply;
    members.push(isSame ? last : { kind, size, reply });
    return true;
  }

  /** Turns the single call so far into a member. */
  #gather(): Member[] {
    const { kind, args, reply } = this.#first;
    this.#args = args.slice();
    this.#members = [{ kind, size: args.length, reply }];
    return this.#members;
  }

  /** Returns the reply to the call that was added last. Call this once for each call. */
  reply(): Promise<unknown> {
    return this.#replies.then(this.#answerNext);
  }

  /** Accepts no more calls. */
  close(): void {
    const { key, args, family } = this;
    const members = this.#members;
    if (members !== undefined && family !== null) this.#command = family.combine({ key, args, members });
  }

  settle(raw: RawReply): void {
    const { family } = this;
    const members = this.#members;
    if (members === undefined || family === null) return this.#resolve([raw]);
    try {
      // A reply that is too short must not look like missing entries.
      this.#resolve(arrayOf(family.distribute(raw, members), members.length));
    } catch (error) {
      throw replyError(error, this);
    }
  }

  fail(error: unknown): void {
    this.#reject(error);
  }

  release(): void {
    if (this.#held === 0) return;
    const held = this.#held;
    this.#held = 0;
    this.#backlog.release(held, this.size);
  }

  ended(): Promise<void> {
    return this.#replies.then(unset, unset);
  }

  /** Answers the next call. A reply that cannot be read is the error of that call only. */
  readonly #answerNext = (raws: readonly RawReply[]): unknown => {
    return this.#answer(raws, this.#answered++, (this.#budget ??= new Budget()));
  };

  #answer(raws: readonly RawReply[], index: number, budget: Budget): unknown {
    const outer = enter(budget);
    try {
      const { reply } = this.#members === undefined ? this.#first : (this.#members[index] as Member);
      return reply(raws[index] ?? null);
    } catch (error) {
      if (error instanceof NotLoaded) {
        return error.load().then(() => this.#answer(raws, index, (this.#secondBudget ??= new Budget())));
      }
      throw replyError(error, this);
    } finally {
      leave(outer);
    }
  }
}

function unset(): void {}
