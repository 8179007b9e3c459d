import { arrayOf, type RawReply } from './raw-reply.js';
import type { ScanOrigin } from './scan-origin.js';

export type { RawReply };

/** What a command carries after its keys: text, or bytes. Never a Uint8Array, which ioredis would send as text. */
export type Argument = string | Buffer;

/** Turns a raw reply into what the caller asked for. It may throw a CodecError. */
export type ReplyReader<R> = (raw: RawReply) => R;

/** What all commands of one kind have in common. */
export class CommandKind {
  private constructor(
    /** In lower case, as ioredis names its methods. */
    readonly name: string,
    readonly access: 'read' | 'write',
    /** Whether running it twice gives the same state and the same reply as once. */
    readonly idempotent: boolean,
    /** How calls of one tick combine; null for a command that goes alone. */
    readonly family: Family | null,
    /** Of a script. */
    readonly source: string | null,
    /** What a refusal by the server means here, where it means something; undefined otherwise. */
    readonly refusal: Refusal | null,
    /**
     * Of parts that need no transaction, though they are sent as one after the other: the first writes what nobody looks
     * at and what vanishes by itself, beside the first key, and the last puts it there.
     */
    readonly staged: boolean,
  ) {}

  /** One that reads: idempotent by nature. */
  static reading(name: string, family: Family | null = null): CommandKind {
    return new CommandKind(name, 'read', true, family, null, null, false);
  }

  /** One that writes; not idempotent unless it says so. */
  static writing(name: string, options: Omit<CommandTraits, 'access'> = {}): CommandKind {
    return new CommandKind(name, 'write', false, null, null, null, false).with(options);
  }

  /** A command of this kind. */
  of<R>(
    keys: string | readonly [string, ...string[]],
    args: readonly Argument[],
    reply: ReplyReader<R>,
    parts: readonly Command<unknown>[] | null = null,
  ): Command<R> {
    return new Command(this, typeof keys === 'string' ? only(keys) : keys, args, reply, parts, null);
  }

  /** The same kind, but for some traits. */
  with(traits: CommandTraits): CommandKind {
    const { access, idempotent, family, source, refusal, staged } = traits;
    return new CommandKind(
      this.name,
      access ?? this.access,
      idempotent ?? this.idempotent,
      family === undefined ? this.family : family,
      source === undefined ? this.source : source,
      refusal === undefined ? this.refusal : refusal,
      staged ?? this.staged,
    );
  }
}

/** What may be said of a kind of commands: see {@link CommandKind}. */
export interface CommandTraits {
  readonly access?: 'read' | 'write';
  readonly idempotent?: boolean;
  readonly family?: Family | null;
  readonly source?: string | null;
  readonly refusal?: Refusal | null;
  readonly staged?: boolean;
}

/** The error that a refusal stands for. */
export type Refusal = (message: string, command: Command<unknown>) => Error | undefined;

/**
 * One command, complete: what to send and what its reply means. Thousands of them may wait for one reply, so it holds
 * only what it does not share with all others of its kind.
 *
 * A transaction is a command too: its `parts` run on one slot in one step, and its reply is the array of theirs.
 * A script carries its `source`, and is sent as EVAL.
 */
export class Command<R> {
  /** @internal Made by {@link CommandKind.of}. */
  constructor(
    readonly kind: CommandKind,
    readonly keys: readonly [string, ...string[]],
    readonly args: readonly Argument[],
    readonly reply: ReplyReader<R>,
    readonly parts: readonly Command<unknown>[] | null,
    /** Of a step of a scan, whose reply must come from where the cursor does. */
    readonly origin: ScanOrigin | null,
  ) {}

  get name(): string {
    return this.kind.name;
  }

  get access(): 'read' | 'write' {
    return this.kind.access;
  }

  get idempotent(): boolean {
    return this.kind.idempotent;
  }

  get family(): Family | null {
    return this.kind.family;
  }

  get source(): string | null {
    return this.kind.source;
  }

  get refusal(): Refusal | null {
    return this.kind.refusal;
  }

  /** The same command, but for some of it. */
  with({
    keys = this.keys,
    args = this.args,
    origin = this.origin,
    ...traits
  }: CommandTraits & {
    readonly keys?: readonly [string, ...string[]];
    readonly args?: readonly Argument[];
    readonly origin?: ScanOrigin | null;
  }): Command<R> {
    const kind = Object.keys(traits).length === 0 ? this.kind : this.kind.with(traits);
    return new Command(kind, keys, args, this.reply, this.parts, origin);
  }

  /** The same command with another meaning of its reply. */
  map<T>(change: (value: R) => T): Command<T> {
    return new Command(this.kind, this.keys, this.args, (raw) => change(this.reply(raw)), this.parts, this.origin);
  }
}

/**
 * A kind of commands of which several on one key can be sent as one.
 *
 * `scope` says what of the key they touch: `'whole'`, or parts of a value of this type: each command only those it
 * names in its arguments, one in every `stride`. Commands on parts of another type touch the whole: which of them is
 * refused depends on which came first.
 */
export interface Family {
  readonly name: string;
  readonly access: 'read' | 'write';
  readonly scope: 'fields of a hash' | 'members of a set' | 'members of a sorted set' | 'whole';
  readonly stride: number;
  /** One command that does what all of the calls do, in order. Its own reply reader is never used. */
  combine(calls: CallsToCombine): Command<unknown>;
  /** What each call would have been replied, given the reply to the combined command. */
  distribute(raw: RawReply, members: readonly Member[]): readonly RawReply[];
  /** What does the same without any further key, which a slot on its way to another node would refuse. */
  withOneKey?(command: Command<unknown>): Command<unknown>;
}

/** Calls of one family on one key. */
export interface CallsToCombine {
  readonly key: string;
  /** Those of all calls, one after the other. */
  readonly args: readonly Argument[];
  readonly members: readonly Member[];
}

/** What is left of a call among others: calls that differ in nothing but their arguments are the same member. */
export interface Member {
  readonly kind: CommandKind;
  /** How many of the arguments are its own. */
  readonly size: number;
  readonly reply: ReplyReader<unknown>;
}

let lastKeys: readonly [string, ...string[]] = [''];

/** A key as a list of one: the same list for calls in a row on one key, of which there may be thousands. */
function only(key: string): readonly [string, ...string[]] {
  if (lastKeys[0] !== key) lastKeys = [key];
  return lastKeys;
}

const MULTI = CommandKind.writing('multi');

/**
 * Commands of one slot as one atomic step, as MULTI … EXEC has it; how it is sent is the executor's. Its reply is read
 * from the array of raw replies.
 */
export function transaction<R>(
  parts: readonly [Command<unknown>, ...Command<unknown>[]],
  reply: (raws: readonly RawReply[]) => R,
  options: { readonly idempotent?: boolean } = {},
): Command<R> {
  const keys = [...new Set(parts.flatMap((part) => part.keys))] as [string, ...string[]];
  const kind = MULTI.with({
    access: parts.every((part) => part.access === 'read') ? 'read' : 'write',
    idempotent: options.idempotent ?? parts.every((part) => part.idempotent),
  });
  return kind.of(keys, [], (raw) => reply(arrayOf(raw, parts.length)), parts);
}

/** Commands of one slot, some of which may be transactions, as one transaction: the raw reply of each. */
export function sequence(commands: readonly [Command<unknown>, ...Command<unknown>[]]): Command<readonly RawReply[]> {
  const parts = commands.flatMap((command) => command.parts ?? [command]) as [Command<unknown>, ...Command<unknown>[]];
  const all = transaction(parts, (raws) => {
    let next = 0;
    return commands.map((command): RawReply => {
      if (command.parts === null) return raws[next++] ?? null;
      const own = raws.slice(next, next + command.parts.length);
      next += own.length;
      return own;
    });
  });
  return all.with({ keys: [...new Set(commands.flatMap(({ keys }) => keys))] as [string, ...string[]] });
}
