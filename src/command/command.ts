import { arrayOf, type RawReply } from './raw-reply.js';
import type { ScanOrigin } from './scan-origin.js';

export type { RawReply };

/** An argument of a command after its keys: text or bytes. Never a Uint8Array, which ioredis would send as text. */
export type Argument = string | Buffer;

/** Turns a raw reply into the result of a call. It may throw a CodecError. */
export type ReplyReader<R> = (raw: RawReply) => R;

/** The properties that all commands of one kind share. */
export class CommandKind {
  private constructor(
    /** The name in lower case, as ioredis names its methods. */
    readonly name: string,
    readonly access: 'read' | 'write',
    /** Whether running it twice has the same effect and the same reply as running it once. */
    readonly idempotent: boolean,
    /** How calls of one tick combine; null for a command that is sent by itself. */
    readonly family: Family | null,
    /** The code of a script; null for a native command. */
    readonly source: string | null,
    /** Maps an error reply of the server to an error; undefined where there is no special meaning. */
    readonly refusal: Refusal | null,
    /**
     * Whether the parts are sent one after the other without a transaction: the first writes a staged key, which nobody
     * reads and which expires, and the last moves it to the first key.
     */
    readonly staged: boolean,
  ) {}

  /** Makes a kind of commands that read: idempotent by nature. */
  static reading(name: string, family: Family | null = null): CommandKind {
    return new CommandKind(name, 'read', true, family, null, null, false);
  }

  /** Makes a kind of commands that write; not idempotent by default. */
  static writing(name: string, options: Omit<CommandTraits, 'access'> = {}): CommandKind {
    return new CommandKind(name, 'write', false, null, null, null, false).with(options);
  }

  /** Makes a command of this kind. */
  of<R>(
    keys: string | readonly [string, ...string[]],
    args: readonly Argument[],
    reply: ReplyReader<R>,
    parts: readonly Command<unknown>[] | null = null,
  ): Command<R> {
    return new Command(this, typeof keys === 'string' ? only(keys) : keys, args, reply, parts, null);
  }

  /** Returns this kind with some traits changed. */
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

/** Optional traits of a kind of commands: see {@link CommandKind}. */
export interface CommandTraits {
  readonly access?: 'read' | 'write';
  readonly idempotent?: boolean;
  readonly family?: Family | null;
  readonly source?: string | null;
  readonly refusal?: Refusal | null;
  readonly staged?: boolean;
}

/** Maps an error reply to an error; undefined for an error reply without a special meaning. */
export type Refusal = (message: string, command: Command<unknown>) => Error | undefined;

/**
 * One complete command: its arguments and the reader of its reply. Thousands of them may wait for one reply, so it
 * holds only what it does not share with all commands of its kind.
 *
 * A transaction is a command too: its `parts` run atomically on one slot, and its reply is the array of theirs. A
 * script has a `source`, and is sent as EVAL.
 */
export class Command<R> {
  /** @internal Made by {@link CommandKind.of}. */
  constructor(
    readonly kind: CommandKind,
    readonly keys: readonly [string, ...string[]],
    readonly args: readonly Argument[],
    readonly reply: ReplyReader<R>,
    readonly parts: readonly Command<unknown>[] | null,
    /** The origin of a scan's cursor, from which the reply of this step must come; null for other commands. */
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

  /** Returns this command with some parts changed. */
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

  /** Returns this command with a function applied to its result. */
  map<T>(change: (value: R) => T): Command<T> {
    return new Command(this.kind, this.keys, this.args, (raw) => change(this.reply(raw)), this.parts, this.origin);
  }
}

/**
 * A kind of commands that can be combined: several on one key are sent as one.
 *
 * `scope` says what part of the key they touch: `'whole'`, or parts of a value of this type, those that a command names
 * in one of every `stride` arguments. Commands on parts of another type touch the whole: which of them is refused
 * depends on their order.
 */
export interface Family {
  readonly name: string;
  readonly access: 'read' | 'write';
  readonly scope: 'fields of a hash' | 'members of a set' | 'members of a sorted set' | 'whole';
  readonly stride: number;
  /** Makes one command with the effect of all calls in order. Its own reply reader is never used. */
  combine(calls: CallsToCombine): Command<unknown>;
  /** Returns the reply to each call, given the reply to the combined command. */
  distribute(raw: RawReply, members: readonly Member[]): readonly RawReply[];
  /** Makes a command with the same effect on one key only: a migrating slot refuses commands on several. */
  withOneKey?(command: Command<unknown>): Command<unknown>;
}

/** Calls of one family on one key. */
export interface CallsToCombine {
  readonly key: string;
  /** The arguments of all calls, one after the other. */
  readonly args: readonly Argument[];
  readonly members: readonly Member[];
}

/** A call in a combined command. Calls that differ only in their arguments share one member. */
export interface Member {
  readonly kind: CommandKind;
  /** The number of its own arguments. */
  readonly size: number;
  readonly reply: ReplyReader<unknown>;
}

let lastKeys: readonly [string, ...string[]] = [''];

/** Returns a list of one key: the same list for consecutive calls on that key, of which there may be thousands. */
function only(key: string): readonly [string, ...string[]] {
  if (lastKeys[0] !== key) lastKeys = [key];
  return lastKeys;
}

const MULTI = CommandKind.writing('multi');

/**
 * Combines commands of one slot to one atomic step, as MULTI … EXEC does; the executor decides how to send it. Its
 * reply is read from the array of raw replies.
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

/** Combines commands of one slot, transactions too, to one transaction. It replies the raw reply of each. */
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
