import type { Argument, Command } from './command.js';
import { withoutStage } from '../keys/keys.js';
import { NEED } from './script.js';
import * as scripts from './scripts.gen.js';

/** What an EVAL carries. */
export interface ScriptCall {
  readonly source: string;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
}

interface PartScript {
  /** What it is called in the script of the transaction. */
  readonly name: string;
  /** Lua that makes it a part of that. */
  readonly definition: string;
}

/** The scripts that may be parts, by what they are sent as when they are alone. */
const PARTS: ReadonlyMap<string, PartScript> = new Map(
  Object.values(scripts).map(({ source, signature: { name, checks, source: code } }) => [
    source,
    {
      name: `@${name}`,
      definition: `['@${name}'] = {\ncheck = function(KEYS, ARGV)\n${checks}\nend,\nrun = function(KEYS, ARGV)\n${code}\nend,\n},`,
    },
  ]),
);

/** By the names of the scripts among the parts: there are few combinations of them. */
const sources = new Map<string, string>();

function sourceWith(parts: ReadonlySet<PartScript>): string {
  const sorted = [...parts].sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = sorted.map(({ name }) => name).join('');
  let source = sources.get(names);
  if (source === undefined) {
    const definitions = sorted.map(({ definition }) => definition);
    source = [`${NEED}local scripts = {`, ...definitions, '}', scripts.transaction.signature.source].join('\n');
    sources.set(names, source);
  }
  return source;
}

const NO_SCRIPTS: ReadonlySet<PartScript> = new Set();

/**
 * The parts of a transaction as one script. It looks whether the user may run all of it before it runs any; and where
 * memory is short, what only reads or deletes is carried out, while Redis takes no MULTI then.
 *
 * @param asks Whether to reply beside whether MULTI may be sent: 1 or 0, then the array of replies.
 */
export function transactionScript({ keys, parts }: Command<unknown>, asks: boolean): ScriptCall {
  if (!asks && (parts ?? []).every(isShort)) return shortScript(keys, parts ?? []);
  const args: Argument[] = [asks ? '1' : '0'];
  let own: Set<PartScript> | undefined;
  for (const part of parts ?? []) {
    const script = part.source === null ? undefined : PARTS.get(part.source);
    if (script !== undefined) (own ??= new Set()).add(script);
    args.push(script?.name ?? part.name, String(part.keys.length));
    for (const key of part.keys) args.push(String(keys.indexOf(key) + 1));
    args.push(String(part.args.length));
    for (const arg of part.args) args.push(arg);
  }
  return { source: sourceWith(own ?? NO_SCRIPTS), keys, args };
}

/** As many arguments as the stack of Lua holds with room to spare. */
const MOST_SHORT = 1_000;

function isShort({ source, keys, args }: Command<unknown>): boolean {
  return source === null && keys.length === 1 && args.length <= MOST_SHORT;
}

function shortScript(keys: readonly string[], parts: readonly Command<unknown>[]): ScriptCall {
  const args: Argument[] = [];
  for (const part of parts) {
    args.push(part.name, String(keys.indexOf(part.keys[0]) + 1), String(part.args.length));
    for (const arg of part.args) args.push(arg);
  }
  return { source: SHORT, keys, args };
}

const SHORT = `${NEED}${scripts.transactionShort.signature.source}`;

/** What of a transaction decides whether a user may run it: the same text for the same answer. */
export function permissionsOf({ keys, parts }: Command<unknown>): string {
  const asked = (parts ?? []).map(({ name, source, keys: own, args }) => {
    const script = source === null ? undefined : PARTS.get(source);
    const words = script === undefined && name !== 'set' ? [] : args.filter(({ length }) => length < MOST_OF_A_WORD);
    return [script?.name ?? name, ...own.map((key) => keys.indexOf(key)), ...words.map(String)];
  });
  return JSON.stringify([keys.map(withoutStage), asked]);
}

/** An option or a number, rather than a value. */
const MOST_OF_A_WORD = 32;
