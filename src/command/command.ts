/** What a command carries after its keys: text, or bytes. Never a Uint8Array, which ioredis would send as text. */
export type Argument = string | Buffer;

/** What a server replies, before it means anything. Bulk strings arrive as Buffers. */
export type RawReply = null | number | string | Buffer | readonly RawReply[];

/** Turns a raw reply into what the caller asked for. It may throw a CodecError. */
export type ReplyReader<R> = (raw: RawReply) => R;

/**
 * One command, complete: what to send and what its reply means.
 *
 * A transaction is a command too: its `parts` run in a MULTI on one slot, and its reply is the array of theirs.
 * A script carries its `source`, and is sent as EVAL.
 */
export interface Command<R> {
  /** In lower case, as ioredis names its methods. */
  readonly name: string;
  readonly keys: readonly [string, ...string[]];
  readonly args: readonly Argument[];
  readonly reply: ReplyReader<R>;
  /** Whether running it twice gives the same state and the same reply as once. */
  readonly idempotent: boolean;
  readonly access: 'read' | 'write';
  /** How calls of one tick combine; null for a command that goes alone. */
  readonly family: Family | null;
  readonly parts: readonly Command<unknown>[] | null;
  readonly source: string | null;
  /** What a refusal by the server means here, where it means something; undefined otherwise. */
  readonly refusal: ((message: string) => Error | undefined) | null;
}

/**
 * A kind of commands of which several on one key can be sent as one.
 *
 * `scope` says what of the key they touch: `'fields'` (each command only those it names in its arguments, one in
 * every `stride`), or `'whole'`.
 */
export interface Family {
  readonly name: string;
  readonly access: 'read' | 'write';
  readonly scope: 'fields' | 'whole';
  readonly stride: number;
  /** One command that does what all of `members` do, in order. Its own reply reader is never used. */
  combine(members: readonly Command<unknown>[]): Command<unknown>;
  /** What each member would have been replied, given the reply to the combined command. */
  distribute(raw: RawReply, members: readonly Command<unknown>[]): readonly RawReply[];
}

/** What a typed constructor says of its command; the rest has defaults. */
export interface CommandOptions {
  readonly idempotent?: boolean;
  readonly access?: 'read' | 'write';
  readonly family?: Family;
  readonly refusal?: (message: string) => Error | undefined;
}

let lastKeys: readonly [string, ...string[]] = [''];

/** A key as a list of one: the same list for calls in a row on one key, of which there may be thousands. */
function only(key: string): readonly [string, ...string[]] {
  if (lastKeys[0] !== key) lastKeys = [key];
  return lastKeys;
}

/** A command that reads: idempotent by nature. */
export function read<R>(
  name: string,
  key: string,
  args: readonly Argument[],
  reply: ReplyReader<R>,
  family: Family | null = null,
): Command<R> {
  // One literal for all, so that every command has the same hidden class.
  return {
    name,
    keys: only(key),
    args,
    reply,
    idempotent: true,
    access: 'read',
    family,
    parts: null,
    source: null,
    refusal: null,
  };
}

/** A command that writes; not idempotent unless it says so. */
export function write<R>(
  name: string,
  key: string | readonly [string, ...string[]],
  args: readonly Argument[],
  reply: ReplyReader<R>,
  options: CommandOptions = {},
): Command<R> {
  return {
    name,
    keys: typeof key === 'string' ? only(key) : key,
    args,
    reply,
    idempotent: options.idempotent ?? false,
    access: options.access ?? 'write',
    family: options.family ?? null,
    parts: null,
    source: null,
    refusal: options.refusal ?? null,
  };
}

/** Commands of one slot as one atomic step: MULTI … EXEC. Its reply is read from the array of raw replies. */
export function transaction<R>(
  parts: readonly [Command<unknown>, ...Command<unknown>[]],
  reply: (raws: readonly RawReply[]) => R,
  options: { readonly idempotent?: boolean } = {},
): Command<R> {
  const keys = [...new Set(parts.flatMap((part) => part.keys))] as [string, ...string[]];
  return {
    name: 'multi',
    keys,
    args: [],
    reply: (raw) => reply(raw as readonly RawReply[]),
    idempotent: options.idempotent ?? parts.every((part) => part.idempotent),
    access: parts.every((part) => part.access === 'read') ? 'read' : 'write',
    family: null,
    parts,
    source: null,
    refusal: null,
  };
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
  return { ...all, keys: [...new Set(commands.flatMap(({ keys }) => keys))] as [string, ...string[]] };
}

/** The same command with another meaning of its reply. */
export function map<A, B>(command: Command<A>, change: (value: A) => B): Command<B> {
  return { ...command, reply: (raw) => change(command.reply(raw)) };
}
