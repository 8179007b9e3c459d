/** The declarations in the header of a Lua file, and the code that follows it. */
export interface LuaScript {
  /** The file's name without its extension, in kebab case. */
  readonly name: string;
  /** The lines of prose at the top. */
  readonly summary: readonly string[];
  readonly keys: readonly string[];
  readonly args: readonly LuaArgument[];
  /** The commands that the user must be allowed to run, checked before any of them runs. */
  readonly runs: readonly LuaRuns[];
  readonly returns: string;
  readonly idempotent: boolean;
  readonly access: 'read' | 'write';
  /** The code without whole-line comments, blank lines and indentation. */
  readonly source: string;
}

/** Commands that a script may run. */
export interface LuaRuns {
  /** Their names, or an expression for one, such as `ARGV[1]`. */
  readonly commands: readonly string[];
  /** The keys that they are run on, as expressions; `KEYS` alone stands for every key. */
  readonly keys: readonly string[];
  /** A condition on the arguments under which they run; undefined for always. */
  readonly condition: string | undefined;
}

export interface LuaArgument {
  readonly name: string;
  readonly type: 'text' | 'bytes' | 'integer';
  /** Whether it stands for all arguments from its index on. */
  readonly rest: boolean;
}

/** A header that does not follow the grammar. The message begins with `file:line`. */
export class LuaHeaderError extends Error {
  override readonly name = 'LuaHeaderError';

  constructor(file: string, line: number, problem: string) {
    super(`${file}:${line}: ${problem}`);
  }
}

const FILE_NAME = /^([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\.lua$/;
const IDENTIFIER = /^[a-z][A-Za-z0-9]*$/;
const RETURNS = /^(?:integer|integer\[\]|bytes|bytes\[\]|nothing)(?: \| nil)?$/;
const TYPES = ['text', 'bytes', 'integer'] as const;

/** Matches a comment that is part of the grammar, rather than of the summary. */
const FIELD = /^(?:(KEYS|ARGV)\[([^\]]*)\]|(runs|returns|idempotent|access):)\s*(.*)$/;

/** Matches the commands that run, their keys, and an optional condition. */
const RUNS = /^([a-z]+(?: [a-z]+)*|ARGV\[\d+\]) on (KEYS|KEYS\[\d+\](?:, KEYS\[\d+\])*)(?: if (.+))?$/;

/** The `runs` of a script that checks by itself what the user may run. */
const OWN_LOOK = 'what its steps say';

/**
 * Reads one Lua file. Its header is the run of comments at its top, up to an empty line or code:
 *
 * ```lua
 * -- Deletes fields of a hash and says of each whether it was there.
 * -- KEYS[1] hash
 * -- ARGV[1..] fields: bytes
 * -- runs: hdel on KEYS[1]
 * -- returns: integer[]
 * -- idempotent: no
 * ```
 *
 * in this order: one or more lines of summary; one KEYS for each key; one ARGV for each argument, with a type of
 * `text`, `bytes` or `integer`, of which the last may be `[i..]` and stand for the rest; `runs`, once or more unless it
 * only reads: commands, or an argument that names one, the keys that they are run on (`KEYS` for each of all), and
 * ` if ` with a condition on arguments; or `what its steps say`, and then the script checks by itself; `returns`:
 * `integer`, `integer[]`, `bytes`, `bytes[]` or `nothing`, and ` | nil` where that may come instead; `idempotent`:
 * `yes` or `no`; and `access`: `read` or `write`, the default.
 *
 * @throws {@link LuaHeaderError} that names the file and the line.
 */
export function parseLuaScript(file: string, text: string): LuaScript {
  const name = FILE_NAME.exec(file)?.[1];
  if (name === undefined)
    throw new LuaHeaderError(file, 1, 'the name of a script is kebab case, such as hash-delete.lua');
  const lines = text.split(/\r?\n/);
  const end = lines.findIndex((line) => !line.startsWith('--'));
  const headerLength = end < 0 ? lines.length : end;
  const header = new Header(file);
  lines.slice(0, headerLength).forEach((line, index) => header.read(line.slice(2).trim(), index + 1));
  const signature = header.finish(headerLength + 1);
  const source = sourceOf(file, lines, headerLength, signature);
  return { name, ...signature, source };
}

type Signature = Omit<LuaScript, 'name' | 'source'>;
type Part = 'summary' | 'KEYS' | 'ARGV' | 'runs' | 'returns' | 'idempotent' | 'access';
const ORDER: readonly Part[] = ['summary', 'KEYS', 'ARGV', 'runs', 'returns', 'idempotent', 'access'];

class Header {
  readonly #file: string;
  #part: Part = 'summary';
  readonly #summary: string[] = [];
  readonly #keys: string[] = [];
  readonly #args: LuaArgument[] = [];
  readonly #runs: LuaRuns[] = [];
  #ownLook = false;
  #returns: string | undefined;
  #idempotent: boolean | undefined;
  #access: 'read' | 'write' | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  read(comment: string, line: number): void {
    const fail = (problem: string): never => {
      throw new LuaHeaderError(this.#file, line, problem);
    };
    const [field, list, index = '', scalar, rest = ''] = FIELD.exec(comment) ?? [];
    const part = (list ?? scalar ?? 'summary') as Part;
    if (ORDER.indexOf(part) < ORDER.indexOf(this.#part)) {
      fail(
        field === undefined
          ? `expected a field or the end of the header, an empty line, not ${JSON.stringify(comment)}`
          : `${part} comes before ${this.#part}`,
      );
    }
    this.#part = part;
    const value = rest.trim();
    switch (part) {
      case 'summary':
        if (comment === '') fail('an empty line in the summary');
        this.#summary.push(comment);
        return;
      case 'KEYS':
        if (index !== String(this.#keys.length + 1))
          fail(`expected KEYS[${this.#keys.length + 1}], not KEYS[${index}]`);
        if (!IDENTIFIER.test(value)) fail(`KEYS[${index}] needs a name in camel case, not ${JSON.stringify(value)}`);
        if (this.#keys.includes(value)) fail(`two keys are named ${value}`);
        this.#keys.push(value);
        return;
      case 'ARGV':
        this.#args.push(this.#argument(index, value, fail));
        return;
      case 'runs':
        if (value === OWN_LOOK) this.#ownLook = true;
        else this.#runs.push(runsOf(value, fail));
        return;
      case 'returns':
        if (this.#returns !== undefined) fail('a second returns');
        if (!RETURNS.test(value))
          fail(`returns is integer, integer[], bytes, bytes[] or nothing, not ${JSON.stringify(value)}`);
        this.#returns = value;
        return;
      case 'idempotent':
        if (this.#idempotent !== undefined) fail('a second idempotent');
        if (value !== 'yes' && value !== 'no') fail(`idempotent is yes or no, not ${JSON.stringify(value)}`);
        this.#idempotent = value === 'yes';
        return;
      case 'access':
        if (this.#access !== undefined) fail('a second access');
        if (value !== 'read' && value !== 'write') fail(`access is read or write, not ${JSON.stringify(value)}`);
        this.#access = value as 'read' | 'write';
    }
  }

  #argument(index: string, text: string, fail: (problem: string) => never): LuaArgument {
    const expected = String(this.#args.length + 1);
    if (this.#args.at(-1)?.rest === true) fail(`nothing can follow ARGV[${this.#args.length}..]`);
    if (index !== expected && index !== `${expected}..`) fail(`expected ARGV[${expected}], not ARGV[${index}]`);
    const [, name = '', type = ''] = /^([^:]*):\s*(.*)$/.exec(text) ?? [];
    if (!IDENTIFIER.test(name)) fail(`ARGV[${index}] needs "name: type", not ${JSON.stringify(text)}`);
    if (this.#args.some((arg) => arg.name === name)) fail(`two arguments are named ${name}`);
    const known = TYPES.find((one) => one === type);
    if (known === undefined)
      return fail(`the type of ARGV[${index}] is text, bytes or integer, not ${JSON.stringify(type)}`);
    return { name, type: known, rest: index.endsWith('..') };
  }

  finish(line: number): Signature {
    const missing =
      this.#summary.length === 0
        ? 'a summary'
        : this.#keys.length === 0
          ? 'KEYS[1]: a script is sent to the node of its first key'
          : this.#returns === undefined
            ? 'returns'
            : this.#idempotent === undefined
              ? 'idempotent'
              : 'runs: what must be allowed is looked at before anything is written';
    if (
      this.#summary.length === 0 ||
      this.#keys.length === 0 ||
      this.#returns === undefined ||
      this.#idempotent === undefined ||
      (this.#access !== 'read' && this.#runs.length === 0 && !this.#ownLook)
    ) {
      throw new LuaHeaderError(this.#file, line, `the header lacks ${missing}`);
    }
    return {
      summary: this.#summary,
      keys: this.#keys,
      args: this.#args,
      runs: this.#runs,
      returns: this.#returns,
      idempotent: this.#idempotent,
      access: this.#access ?? 'write',
    };
  }
}

function runsOf(text: string, fail: (problem: string) => never): LuaRuns {
  const [, commands, keys, condition] = RUNS.exec(text) ?? [];
  if (commands === undefined || keys === undefined) {
    return fail(`runs is "hget hset on KEYS[1]" or "ARGV[1] on KEYS[1]", and " if …", not ${JSON.stringify(text)}`);
  }
  return { commands: commands.split(' '), keys: keys.split(', '), condition };
}

/** Matches calls in the code: the name of a command, or an expression for one. Calls that may fail use pcall. */
const CALL = /redis\.call\(\s*(?:'([a-z]+)'|([^,)]+))/g;

/** The code, with whole-line comments, blank lines and indentation left out, checked against what the header declares. */
function sourceOf(file: string, lines: readonly string[], from: number, signature: Signature): string {
  const code: string[] = [];
  lines.forEach((raw, index) => {
    const line = raw.trim();
    if (index < from || line === '') return;
    const fail = (problem: string): never => {
      throw new LuaHeaderError(file, index + 1, problem);
    };
    // Long brackets may span lines, and a comment in them may be text.
    if (/\[=*\[/.test(line)) fail('long brackets, as in [[text]] and --[[comment]], are not supported');
    if (line.startsWith('--')) return;
    if (/KEYS\s*\[[^\]]*\]\s*\.\.|\.\.\s*KEYS\s*\[/.test(line)) {
      fail('derives a key, in whatever slot it may be: pass it in KEYS, built by src/keys');
    }
    for (const [, table, number] of line.matchAll(/\b(KEYS|ARGV)\[(\d+)\]/g)) {
      const declared = table === 'KEYS' ? signature.keys.length : signature.args.length;
      const open = table === 'ARGV' && signature.args.at(-1)?.rest === true;
      if (Number(number) > declared && !open) fail(`${table}[${number}] is not in the header`);
    }
    for (const [, command, expression = ''] of signature.runs.length === 0 ? [] : line.matchAll(CALL)) {
      const run = command ?? expression;
      if (!signature.runs.some(({ commands }) => commands.includes(run))) fail(`runs lacks ${run}`);
    }
    code.push(line);
  });
  if (code.length === 0) throw new LuaHeaderError(file, from + 1, 'no code follows the header');
  return code.join('\n');
}
