import type { Argument, Command, RawReply } from '../../command/command.js';
import { create, sortedSetDeleteBetween } from '../../command/scripts.gen.js';
import { ANSWERS, type Call } from './embedded-commands.js';

type Answer = (call: Call, command: Command<unknown>) => Promise<RawReply>;

/** A member of a sorted set, and its score. */
interface Scored {
  readonly member: Buffer;
  readonly score: number;
}

/** Reads a sorted set in its order, which the embedded client gets wrong for members of the same score. */
async function allScored(call: Call, key: string): Promise<Scored[]> {
  const flat = (await call('zrange', key, 0, -1, 'WITHSCORES')) as readonly Buffer[];
  const all: Scored[] = [];
  for (let i = 0; i < flat.length; i += 2) all.push({ member: flat[i] as Buffer, score: Number(flat[i + 1]) });
  return all.sort((a, b) => a.score - b.score || Buffer.compare(a.member, b.member));
}

/** The embedded client knows infinities by JavaScript's names only. */
const readable = (score: string): string => score.replace(/^([+-]?)inf$/, '$1Infinity');

/** Converts the scores at the end of the arguments of ZADD and ZINCRBY. */
function withReadableScores(args: readonly Argument[]): Argument[] {
  return args.map((arg, i) => (i % 2 === args.length % 2 ? readable(String(arg)) : arg));
}

function boundOf(bound: Argument | undefined): { readonly score: number; readonly excluded: boolean } {
  const text = String(bound);
  const excluded = text.startsWith('(');
  return { score: Number(readable(excluded ? text.slice(1) : text)), excluded };
}

/** Selects members by the bounds of ZRANGE … BYSCORE, of which the embedded client reads integers only. */
function within(all: readonly Scored[], min: Argument | undefined, max: Argument | undefined): Scored[] {
  const [lowest, highest] = [boundOf(min), boundOf(max)];
  return all.filter(
    ({ score }) =>
      (lowest.excluded ? score > lowest.score : score >= lowest.score) &&
      (highest.excluded ? score < highest.score : score <= highest.score),
  );
}

/** Selects members by the ranks of ZRANGE. */
function ranked(all: readonly Scored[], first: Argument | undefined, last: Argument | undefined): Scored[] {
  return all.slice(Number(first), Number(last) === -1 ? undefined : Number(last) + 1);
}

async function remove(call: Call, key: string, all: readonly Scored[]): Promise<RawReply> {
  return all.length === 0 ? 0 : call('zrem', key, ...all.map(({ member }) => member.toString()));
}

const zadd: Answer = (call, { keys: [key], args }) => call('zadd', key, ...withReadableScores(args));

/** The embedded client lets a score become NaN. */
const zincrby: Answer = async (call, { keys: [key], args }) => {
  const [amount = '', member = ''] = withReadableScores(args);
  const before = Number((await call('zscore', key, member)) ?? 0);
  if (Number.isNaN(before + Number(amount))) throw new Error('ERR resulting score is not a number (NaN)');
  return call('zincrby', key, amount, member);
};

const zrange: Answer = async (call, { keys: [key], args: [start, stop, ...options] }) => {
  const words = options.map(String);
  const isByScore = words.includes('BYSCORE');
  const isReverse = words.includes('REV');
  let found = await allScored(call, key);
  if (isByScore) found = isReverse ? within(found, stop, start) : within(found, start, stop);
  if (isReverse) found.reverse();
  if (!isByScore) found = ranked(found, start, stop);
  const limit = words.indexOf('LIMIT');
  if (limit >= 0) found = found.slice(Number(words[limit + 1])).slice(0, Number(words[limit + 2]));
  return found.flatMap(({ member, score }) => [member, score]);
};

const zcount: Answer = async (call, { keys: [key], args: [min, max] }) =>
  within(await allScored(call, key), min, max).length;

const rank: Answer = async (call, { name, keys: [key], args: [wanted] }) => {
  const all = await allScored(call, key);
  if (name === 'zrevrank') all.reverse();
  const place = all.findIndex(({ member }) => member.toString() === wanted);
  return place < 0 ? null : place;
};

const zremrangebyscore: Answer = async (call, { keys: [key], args: [min, max] }) =>
  remove(call, key, within(await allScored(call, key), min, max));

const zremrangebyrank: Answer = async (call, { keys: [key], args: [first, last] }) =>
  remove(call, key, ranked(await allScored(call, key), first, last));

const deleteBetween: Answer = async (call, { keys: [key], args: [first, last, min, max] }) =>
  remove(call, key, within(ranked(await allScored(call, key), first, last), min, max));

/** The embedded client takes the first members, and only then shuffles them. */
const srandmember: Answer = async (call, { keys: [key], args: [count] }) => {
  const all = [...((await call('smembers', key)) as readonly Buffer[])];
  const most = Math.min(Number(count), all.length);
  for (let i = 0; i < most; i += 1) {
    const other = i + Math.floor(Math.random() * (all.length - i));
    [all[i], all[other]] = [all[other] as Buffer, all[i] as Buffer];
  }
  return all.slice(0, most);
};

/** Replies one page with everything: cursors of the embedded client skip members when others are deleted. */
const sscan: Answer = async (call, { keys: [key] }) => [Buffer.from('0'), await call('smembers', key)];

const zscan: Answer = async (call, { keys: [key] }) => [
  Buffer.from('0'),
  (await allScored(call, key)).flatMap(({ member, score }) => [member, Buffer.from(String(score))]),
];

const SET_ANSWERS: ReadonlyMap<string, Answer> = new Map(
  Object.entries({
    srandmember,
    sscan,
    zadd,
    zincrby,
    zrange,
    zcount,
    zrank: rank,
    zrevrank: rank,
    zremrangebyscore,
    zremrangebyrank,
    zscan,
  }),
);

/** Returns the replacement of a command for which the embedded client differs from a server; undefined for others. */
export function answerOf(command: Command<unknown>): Answer | undefined {
  const { name, source, args } = command;
  if (source === sortedSetDeleteBetween.source) return deleteBetween;
  const answer = SET_ANSWERS.get(name) ?? ANSWERS.get(name);
  if (answer === undefined || source !== create.source || args[0] !== 'zset') return answer;
  return (call, whole) =>
    answer(call, whole.with({ args: [...args.slice(0, 5), ...withReadableScores(args.slice(5))] }));
}

/** Removes an empty set, which the embedded client leaves behind. */
export async function dropIfEmpty(call: Call, key: string): Promise<void> {
  const type = String(await call('type', key));
  if (type !== 'set' && type !== 'zset') return;
  if ((await call(type === 'set' ? 'scard' : 'zcard', key)) === 0) await call('del', key);
}
