import { scoreText } from './score-window.js';
import { int32 } from './argument.js';
import { type Command, CommandKind, type Family, type RawReply, type ReplyReader, transaction } from './command.js';
import { eachFamily, readFamily } from './families.js';
import * as readers from './readers.js';
import { sortedSetDeleteBetween } from './scripts.gen.js';

const SCORE = readFamily('zscore', 'zmscore', 'members of a sorted set');

/** Combines ZADDs to one; nobody asks which members were new. It touches the whole key, since scores come first. */
const SET: Family = {
  name: 'sorted-set-add',
  access: 'write',
  scope: 'whole',
  stride: 2,
  combine: ({ key, args }) => ZADD.of(key, args, readers.nothing),
  distribute: (raw, members) => members.map(() => raw),
};

const ZSCORE = CommandKind.reading('zscore', SCORE);
const ZMSCORE = CommandKind.reading('zmscore', SCORE);
const ZADD = CommandKind.writing('zadd', { idempotent: true, family: SET });
const ZADD_NX = CommandKind.writing('zadd', { idempotent: true });
const ZINCRBY = CommandKind.writing('zincrby');
const ZCARD = CommandKind.reading('zcard');
const ZCOUNT = CommandKind.reading('zcount');
const ZREMRANGEBYSCORE = CommandKind.writing('zremrangebyscore');
const ZREMRANGEBYRANK = CommandKind.writing('zremrangebyrank');
const ZRANGE = CommandKind.reading('zrange');
const ZSCAN = CommandKind.reading('zscan');
const ZRANK = CommandKind.reading('zrank');
const ZREVRANK = CommandKind.reading('zrevrank');

/** Reads a score. */
export function readScore(raw: RawReply): number {
  const text = typeof raw === 'number' ? String(raw) : readers.text(raw);
  if (/^[+]?inf(inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-inf(inity)?$/i.test(text)) return Number.NEGATIVE_INFINITY;
  const score = text === '' ? Number.NaN : Number(text);
  if (Number.isNaN(score)) throw new readers.UnexpectedReply(raw, 'a score');
  return score;
}

const optionalScore = (raw: RawReply): number | undefined => (readers.present(raw) ? readScore(raw) : undefined);

/** ZSCORE. https://redis.io/docs/latest/commands/zscore/ */
export function get(key: string, member: string): Command<number | undefined> {
  return ZSCORE.of(key, [member], optionalScore);
}

/** ZMSCORE. https://redis.io/docs/latest/commands/zmscore/ */
export function getMany(key: string, members: readonly string[]): Command<(number | undefined)[]> {
  return ZMSCORE.of(key, members, (raw) => readers.arrayOf(raw, members.length).map(optionalScore));
}

/** ZADD. https://redis.io/docs/latest/commands/zadd/ */
export function setMany<R>(
  key: string,
  pairs: readonly (readonly [string, number])[],
  reply: ReplyReader<R>,
): Command<R> {
  const args = pairs.flatMap(([member, score]) => [scoreText(score), member]);
  return ZADD.of(key, args, reply);
}

/** ZADD NX and ZSCORE in one step: all callers get the same score. */
export function getOrSet(key: string, member: string, score: number): Command<number> {
  const add = ZADD_NX.of(key, ['NX', scoreText(score), member], readers.integer);
  return transaction([add, get(key, member)], ([added = null, winner = null]) => {
    add.reply(added);
    return readScore(winner);
  });
}

/** ZINCRBY: the new score. https://redis.io/docs/latest/commands/zincrby/ */
export function increment(key: string, member: string, amount: number): Command<number> {
  return ZINCRBY.of(key, [scoreText(amount), member], readScore);
}

/** ZRANK, or ZREVRANK from the top. https://redis.io/docs/latest/commands/zrank/ */
export function rank(key: string, member: string, reverse: boolean): Command<number | undefined> {
  return (reverse ? ZREVRANK : ZRANK).of(key, [member], (raw) =>
    readers.present(raw) ? readers.integer(raw) : undefined,
  );
}

/** ZCARD. https://redis.io/docs/latest/commands/zcard/ */
export function size(key: string): Command<number> {
  return ZCARD.of(key, [], readers.integer);
}

/** ZCOUNT between two bounds in the syntax of ZRANGE. https://redis.io/docs/latest/commands/zcount/ */
export function count(key: string, min: string, max: string): Command<number> {
  return ZCOUNT.of(key, [min, max], readers.integer);
}

/** ZREMRANGEBYSCORE: how many members were removed. https://redis.io/docs/latest/commands/zremrangebyscore/ */
export function removeByScore(key: string, min: string, max: string): Command<number> {
  return ZREMRANGEBYSCORE.of(key, [min, max], readers.integer);
}

/** ZREMRANGEBYRANK: how many members were removed. https://redis.io/docs/latest/commands/zremrangebyrank/ */
export function removeByRank(key: string, first: number, last: number): Command<number> {
  return ZREMRANGEBYRANK.of(key, [int32(first), int32(last)], readers.integer);
}

/** Members with their scores, as ZRANGE … WITHSCORES replies them. */
export type ScoredMembers = readonly (readonly [member: Buffer, score: number])[];

/** Reads member, score, …, which RESP3 replies in pairs. */
function readScored(raw: RawReply): ScoredMembers {
  const replies = readers.array(raw);
  const flat = Array.isArray(replies[0]) ? replies.flatMap((pair) => readers.arrayOf(pair, 2)) : replies;
  if (flat.length % 2 !== 0) throw new readers.UnexpectedReply(raw, 'pairs');
  const pairs: [Buffer, number][] = [];
  for (let i = 0; i < flat.length; i += 2) {
    pairs.push([readers.buffer(flat[i] ?? null), readScore(flat[i + 1] ?? null)]);
  }
  return pairs;
}

/** ZRANGE by rank, from the top if `reverse` is set. https://redis.io/docs/latest/commands/zrange/ */
export function rangeByRank<R>(
  key: string,
  first: number,
  last: number,
  reverse: boolean,
  reply: (pairs: ScoredMembers) => R,
): Command<R> {
  const args = [int32(first), int32(last), ...(reverse ? ['REV'] : []), 'WITHSCORES'];
  return ZRANGE.of(key, args, (raw) => reply(readScored(raw)));
}

/** ZRANGE by score, from the top if `reverse` is set, and the first `limit` of those. */
export function rangeByScore<R>(
  key: string,
  min: string,
  max: string,
  reverse: boolean,
  limit: number | undefined,
  reply: (pairs: ScoredMembers) => R,
): Command<R> {
  const bounds = reverse ? [max, min, 'BYSCORE', 'REV'] : [min, max, 'BYSCORE'];
  const args = [...bounds, ...(limit === undefined ? [] : ['LIMIT', '0', int32(limit)]), 'WITHSCORES'];
  return ZRANGE.of(key, args, (raw) => reply(readScored(raw)));
}

/** ZSCAN from a cursor: member, score, …  https://redis.io/docs/latest/commands/zscan/ */
export function scan(
  key: string,
  cursor: string,
  amount: number,
): Command<{ readonly cursor: string; readonly pairs: readonly Buffer[] }> {
  return ZSCAN.of(key, [cursor, 'COUNT', int32(amount)], (raw) => {
    const { cursor: next, found } = readers.page(raw);
    return { cursor: next, pairs: readers.pairs(found) };
  });
}

const ZREM = CommandKind.writing('zrem', { family: eachFamily('zrem', 'write') });

/** ZREM of one member: whether it existed. https://redis.io/docs/latest/commands/zrem/ */
export function removeOne(key: string, member: string): Command<boolean> {
  return ZREM.of(key, [member], readers.flag);
}

/** ZREM: how many of the members existed. https://redis.io/docs/latest/commands/zrem/ */
export function remove(key: string, members: readonly string[]): Command<number> {
  return ZREM.of(key, members, readers.integer);
}

/** Deletes the members within a window of ranks and a window of scores: how many. */
export function removeBetween(key: string, first: number, last: number, min: string, max: string): Command<number> {
  return sortedSetDeleteBetween.command([key], [first, last, min, max], readers.integer);
}
