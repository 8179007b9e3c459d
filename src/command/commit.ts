import { createHash } from 'node:crypto';
import type { Argument, Command } from './command.js';
import { scoreText } from './score-window.js';

/** One step of a commit, on one key. All expectations are checked before any step writes, whatever their order. */
export interface CommitStep {
  readonly name: string;
  readonly key: string;
  readonly args: readonly Argument[];
}

const ABSENT = '-';

/** Returns the digest by which a commit compares a value: an expectation takes 40 bytes, however long the value. */
export function digestOf(value: Buffer | undefined): string {
  return value === undefined ? ABSENT : createHash('sha1').update(value).digest('hex');
}

/** Returns the digest of a list, by 1,000 items at a time so that the server need not hold it twice. */
export function digestOfItems(items: readonly Buffer[]): string {
  let folded = '';
  for (let start = 0; start <= items.length; start += 1_000) {
    const hash = createHash('sha1').update(folded);
    for (const item of items.slice(start, start + 1_000)) hash.update(`${item.length}\n`).update(item);
    folded = hash.digest('hex');
  }
  return folded;
}

/** Expects that the key has this type, as TYPE names it, or does not exist. */
export function expectType(key: string, type: string): CommitStep {
  return { name: 'type', key, args: [type] };
}

/** Expects these bytes in fields of a hash; undefined for no entry. */
export function expectFields(key: string, fields: Iterable<readonly [string, Buffer | undefined]>): CommitStep {
  return { name: 'expectFields', key, args: Array.from(fields, ([field, bytes]) => [field, digestOf(bytes)]).flat() };
}

/** Expects for each member that it is in a set, or is not. */
export function expectMembers(key: string, members: Iterable<readonly [string, boolean]>): CommitStep {
  return { name: 'expectMembers', key, args: Array.from(members, ([text, is]) => [text, is ? '1' : '0']).flat() };
}

/** Expects these scores of members of a sorted set; undefined for no member. */
export function expectScores(key: string, scores: Iterable<readonly [string, number | undefined]>): CommitStep {
  return { name: 'expectScores', key, args: Array.from(scores, ([text, score]) => [text, optional(score)]).flat() };
}

/** Expects these bytes in a string; undefined for no value. */
export function expectValue(key: string, value: Buffer | undefined): CommitStep {
  return { name: 'expectValue', key, args: [digestOf(value)] };
}

/** Expects exactly these items in a list. */
export function expectItems(key: string, items: readonly Buffer[]): CommitStep {
  return { name: 'expectItems', key, args: [digestOfItems(items)] };
}

/** Adds to integers of a hash: fields and amounts in turn. */
export function increment(key: string, pairs: readonly string[]): CommitStep {
  return { name: 'increment', key, args: pairs };
}

/** A score that was only incremented. */
export interface MergedScore {
  readonly member: string;
  /** The score when it was loaded; undefined for none. */
  readonly before: number | undefined;
  /** The local score, which is written if nobody else changed it. */
  readonly after: number;
  /** The sum of the increments, which is added if somebody did. */
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

/** Keeps the time to live of the key, even if the steps delete it and make it anew. */
export function keepLifetime(key: string): CommitStep {
  return { name: 'keepLifetime', key, args: [] };
}

/** Runs a native command, which must not fail once the type of the key is checked. */
export function call({ name, keys: [key], args }: Command<unknown>): CommitStep {
  return { name: 'call', key, args: [name, ...args] };
}

function optional(score: number | undefined): string {
  return score === undefined ? ABSENT : scoreText(score);
}
