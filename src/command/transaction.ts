import type { Argument, Command } from './command.js';
import { withoutStage } from '../keys/keys.js';
import { NEED, signatureOf } from './script.js';
import { transaction, transactionShort } from './scripts.gen.js';

/** The code, keys and arguments of an EVAL. */
export interface ScriptCall {
  readonly source: string;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
}

interface PartScript {
  /** The name of the script in the code of the transaction. */
  readonly name: string;
  /** Lua that defines it there. */
  readonly definition: string;
}

/** Scripts that were parts, by the code that is sent when they are alone. */
const known = new Map<string, PartScript>();

/** Returns the part that a script is; undefined for a native command. */
function partOf({ source }: Command<unknown>): PartScript | undefined {
  if (source === null) return undefined;
  let part = known.get(source);
  const signature = part === undefined ? signatureOf(source) : undefined;
  if (signature !== undefined) {
    const { name, checks = '', source: code } = signature;
    part = {
      name: `@${name}`,
      definition: `['@${name}'] = {\ncheck = function(KEYS, ARGV)\n${checks}\nend,\nrun = function(KEYS, ARGV)\n${code}\nend,\n},`,
    };
    known.set(source, part);
  }
  return part;
}

/** The code of transactions by the names of the scripts among their parts; there are few combinations. */
const sources = new Map<string, string>();

function sourceWith(parts: ReadonlySet<PartScript>): string {
  const sorted = [...parts].sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = sorted.map(({ name }) => name).join('');
  let source = sources.get(names);
  if (source === undefined) {
    const definitions = sorted.map(({ definition }) => definition);
    source = [`${NEED}local scripts = {`, ...definitions, '}', transaction.signature.source].join('\n');
    sources.set(names, source);
  }
  return source;
}

const NO_SCRIPTS: ReadonlySet<PartScript> = new Set();

/**
 * Makes one script of the parts of a transaction. It checks whether the user may run all parts before it runs any.
 * Unlike MULTI, it runs out of memory too, if it only reads or deletes.
 *
 * @param asks Whether to reply in addition if the user may run MULTI: 1 or 0, then the array of replies.
 */
export function transactionScript({ keys, parts }: Command<unknown>, asks: boolean): ScriptCall {
  if (!asks && (parts ?? []).every(isShort)) return shortScript(keys, parts ?? []);
  const args: Argument[] = [asks ? '1' : '0'];
  let own: Set<PartScript> | undefined;
  for (const part of parts ?? []) {
    const script = partOf(part);
    if (script !== undefined) (own ??= new Set()).add(script);
    args.push(script?.name ?? part.name, String(part.keys.length));
    for (const key of part.keys) args.push(String(keys.indexOf(key) + 1));
    args.push(String(part.args.length));
    for (const arg of part.args) args.push(arg);
  }
  return { source: sourceWith(own ?? NO_SCRIPTS), keys, args };
}

/** The most arguments of a short part: the stack of Lua holds them with room to spare. */
const MAX_SHORT = 1_000;

function isShort({ source, keys, args }: Command<unknown>): boolean {
  return source === null && keys.length === 1 && args.length <= MAX_SHORT;
}

function shortScript(keys: readonly string[], parts: readonly Command<unknown>[]): ScriptCall {
  const args: Argument[] = [];
  for (const part of parts) {
    args.push(part.name, String(keys.indexOf(part.keys[0]) + 1), String(part.args.length));
    for (const arg of part.args) args.push(arg);
  }
  return { source: SHORT, keys, args };
}

const SHORT = `${NEED}${transactionShort.signature.source}`;

/** Returns a text by which permissions can be cached: equal for transactions that a user either may or may not run. */
export function permissionsOf({ keys, parts }: Command<unknown>): string {
  const asked = (parts ?? []).map((part) => {
    const { name, keys: own, args } = part;
    const script = partOf(part);
    const words = script === undefined && name !== 'set' ? [] : args.filter(({ length }) => length < MAX_WORD);
    return [script?.name ?? name, ...own.map((key) => keys.indexOf(key)), ...words.map(String)];
  });
  return JSON.stringify([keys.map(withoutStage), asked]);
}

/** Shorter arguments may be options or numbers, rather than values. */
const MAX_WORD = 32;
