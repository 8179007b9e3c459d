import { decimal } from './argument.js';
import { type Argument, type Command, CommandKind, type ReplyReader } from './command.js';

/** The declarations in the header of a Lua file that are needed at run time, and its code. */
export interface ScriptSignature {
  readonly name: string;
  /** Calls of `need` for all commands of the script. Empty for a script that only reads or checks by itself. */
  readonly checks?: string;
  /** The Lua code without the checks. */
  readonly source: string;
  /** Default: false. */
  readonly idempotent?: boolean;
  /** Default: `'write'`. */
  readonly access?: 'read';
}

/** A script that commands are made of. `Keys` and `Args` are tuples, as its header declares them. */
export interface Script<Keys extends readonly [string, ...string[]], Args extends readonly (Argument | number)[]> {
  readonly signature: ScriptSignature;
  /** The Lua code that is sent. */
  readonly source: string;
  /** Makes a command that runs the script on these keys, all of one slot. */
  command<R>(keys: Readonly<Keys>, args: readonly [...Args], reply: ReplyReader<R>): Command<R>;
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
export function defineScript<
  Keys extends readonly [string, ...string[]],
  Args extends readonly (Argument | number)[] = [],
>(signature: ScriptSignature): Script<Keys, Args> {
  const { checks = '', idempotent = false, access = 'write' } = signature;
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
