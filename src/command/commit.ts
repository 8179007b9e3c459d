import { createHash } from 'node:crypto';
import type { Argument, Command } from './command.js';
import { scoreText } from './score-window.js';

/** One step of a commit, on one key. Those that expect something come before any that write, wherever they are. */
export interface CommitStep {
  readonly name: string;
  readonly key: string;
  readonly args: readonly Argument[];
}

const ABSENT = '-';

/** What a commit compares values by: what it expects is sent in 40 bytes, however long it is. */
export function digestOf(value: Buffer | undefined): string {
  return value === undefined ? ABSENT : createHash('sha1').update(value).digest('hex');
}

/** Likewise for a list, 1,000 items at a time so that the server need not hold it twice. */
export function digestOfItems(items: readonly Buffer[]): string {
  let folded = '';
  for (let start = 0; start <= items.length; start += 1_000) {
    const hash = createHash('sha1').update(folded);
    for (const item of items.slice(start, start + 1_000)) hash.update(`${item.length}\n`).update(item);
    folded = hash.digest('hex');
  }
  return folded;
}

/** The key has this type, as TYPE names it, or does not exist. */
export function expectType(key: string, type: string): CommitStep {
  return { name: 'type', key, args: [type] };
}

/** Fields of a hash hold these bytes; undefined for no entry. */
export function expectFields(key: string, fields: Iterable<readonly [string, Buffer | undefined]>): CommitStep {
  return { name: 'expectFields', key, args: Array.from(fields, ([field, bytes]) => [field, digestOf(bytes)]).flat() };
}

/** Of each whether it is in a set. */
export function expectMembers(key: string, members: Iterable<readonly [string, boolean]>): CommitStep {
  return { name: 'expectMembers', key, args: Array.from(members, ([text, is]) => [text, is ? '1' : '0']).flat() };
}

/** Members of a sorted set have these scores; undefined for none. */
export function expectScores(key: string, scores: Iterable<readonly [string, number | undefined]>): CommitStep {
  return { name: 'expectScores', key, args: Array.from(scores, ([text, score]) => [text, optional(score)]).flat() };
}

/** A string holds these bytes; undefined for no value. */
export function expectValue(key: string, value: Buffer | undefined): CommitStep {
  return { name: 'expectValue', key, args: [digestOf(value)] };
}

/** A list holds exactly these items. */
export function expectItems(key: string, items: readonly Buffer[]): CommitStep {
  return { name: 'expectItems', key, args: [digestOfItems(items)] };
}

/** Adds to integers of a hash: fields and amounts in turn. */
export function increment(key: string, pairs: readonly string[]): CommitStep {
  return { name: 'increment', key, args: pairs };
}

/** A score that was only added to. */
export interface MergedScore {
  readonly member: string;
  /** What it was when it was read; undefined for none. */
  readonly before: number | undefined;
  /** What it is here, and what it becomes if nobody else changed it. */
  readonly after: number;
  /** What was added to it, and is if somebody did. */
  readonly added: number;
}

/** Adds to scores of a sorted set. */
export function mergeScores(key: string, scores: readonly MergedScore[]): CommitStep {
  const args = scores.flatMap(({ member, before, after, added }) => [
    member,
    optional(before),
    scoreText(after),
    scoreText(added),
  ]);
  return { name: 'mergeScores', key, args };
}

/** The key keeps its time to live, even if the steps delete it and make it anew. */
export function keepLifetime(key: string): CommitStep {
  return { name: 'keepLifetime', key, args: [] };
}

/** Runs a native command, which must not be able to fail once the key has its type. */
export function call({ name, keys: [key], args }: Command<unknown>): CommitStep {
  return { name: 'call', key, args: [name, ...args] };
}

function optional(score: number | undefined): string {
  return score === undefined ? ABSENT : scoreText(score);
}
