import { decimal } from './argument.js';
import { type Argument, type Command, CommandKind, type ReplyReader } from './command.js';

/** An argument that the header of a Lua file declares. */
export interface ScriptArgument {
  readonly name: string;
  readonly type: 'text' | 'bytes' | 'integer';
  /** Whether it stands for all following arguments as well. */
  readonly rest?: boolean;
}

/** The declarations in the header of a Lua file, and its code. */
export interface ScriptSignature {
  readonly name: string;
  /** Calls of `need` for all commands of the script. Empty for a script that only reads or checks by itself. */
  readonly checks: string;
  /** The Lua code without the checks. */
  readonly source: string;
  readonly keys: readonly string[];
  readonly args: readonly ScriptArgument[];
  readonly returns: string;
  readonly idempotent: boolean;
  readonly access: 'read' | 'write';
}

type ValueOf<A extends ScriptArgument> = A['type'] extends 'integer'
  ? number
  : A['type'] extends 'bytes'
    ? Argument
    : string;

/** The arguments of a script as a tuple, typed from its header. */
export type ScriptArguments<Args extends readonly ScriptArgument[]> = Args extends readonly [
  infer First extends ScriptArgument,
  ...infer More extends readonly ScriptArgument[],
]
  ? First extends { readonly rest: true }
    ? ValueOf<First>[]
    : [ValueOf<First>, ...ScriptArguments<More>]
  : [];

/** A key for each one that the header names. */
export type ScriptKeys<Keys extends readonly string[]> = { readonly [I in keyof Keys]: string } & readonly [
  string,
  ...string[],
];

/** A script that commands are made of. */
export interface Script<S extends ScriptSignature> {
  readonly signature: S;
  /** The Lua code that is sent. */
  readonly source: string;
  /** Makes a command that runs the script on these keys, all of one slot. */
  command<R>(
    keys: ScriptKeys<S['keys']>,
    args: readonly [...ScriptArguments<S['args']>],
    reply: ReplyReader<R>,
  ): Command<R>;
}

/**
 * `need('hget hset', key)` ends a script unless its user may run those commands on that key. Otherwise a script whose
 * command is refused half-way would leave its earlier writes. Redis can tell from 7.0 on.
 *
 * @see https://redis.io/docs/latest/develop/programmability/lua-api/#redis.acl_check_cmd
 */
export const NEED = `local function need(names, ...)
  for name in names:gmatch('%a+') do
    if redis.acl_check_cmd and not redis.acl_check_cmd(name, ...) then
      error({ err = "NOPERM this user has no permissions to run the '" .. name .. "' command on this key" })
    end
  end
end
`;

const signatures = new Map<string, ScriptSignature>();

/** Returns the signature of a script by the code that is sent; undefined if none was made with that code. */
export function signatureOf(source: string): ScriptSignature | undefined {
  return signatures.get(source);
}

/**
 * Makes a script from its signature. Its whole code is sent by EVAL: flushed script caches, restarted servers, new
 * cluster nodes and other versions of the library on the same server then make no difference, and no reply can be
 * NOSCRIPT in the middle of a pipeline. The scripts have a few hundred bytes each.
 *
 * @see https://redis.io/docs/latest/commands/eval/
 */
export function defineScript<const S extends ScriptSignature>(signature: S): Script<S> {
  const { idempotent, access, checks } = signature;
  const source = access === 'read' ? signature.source : `${NEED}${checks}\n${signature.source}`;
  const kind = CommandKind.writing('eval', { idempotent, source }).with({ access });
  signatures.set(source, signature);
  return {
    signature,
    source,
    command: (keys, args, reply) =>
      kind.of(
        keys,
        (args as readonly (Argument | number)[]).map((arg) => (typeof arg === 'number' ? decimal(arg) : arg)),
        reply,
      ),
  };
}
