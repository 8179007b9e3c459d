import type { Argument, Command, RawReply } from '../../command/command.js';
import * as string from '../../command/string.js';
import { expireIfType, hashScanKeys, listMove, stringCompareAndSet, stringPut } from '../../command/scripts.gen.js';

/** Runs a command of the embedded client unchanged. */
export type Call = (name: string, ...args: readonly (Argument | number)[]) => Promise<RawReply>;

/** Answers a command as a server does, where the embedded client would not. */
type Answer = (call: Call, command: Command<unknown>) => Promise<RawReply>;

const bytes = (argument: Argument | undefined): Buffer => Buffer.from(argument ?? '');

/** Reads a whole list. */
async function allItems(call: Call, key: string): Promise<readonly Buffer[]> {
  return (await call('lrange', key, 0, -1)) as readonly Buffer[];
}

/** The embedded client wraps an end that is before the start. */
const lrange: Answer = async (call, { keys: [key], args }) => {
  const items = await allItems(call, key);
  const [first, last] = args.map((end) => (Number(end) < 0 ? items.length + Number(end) : Number(end)));
  return items.slice(Math.max(0, first ?? 0), Math.max(0, (last ?? 0) + 1));
};

/** It does not compare bytes by content. */
const lpos: Answer = async (call, { keys: [key], args: [item, ...options] }) => {
  const found = [...(await allItems(call, key)).entries()]
    .filter(([, other]) => other.equals(bytes(item)))
    .map(([i]) => i);
  const words = options.map(String);
  if (words.includes('COUNT')) return found;
  return (words[words.indexOf('RANK') + 1] === '-1' ? found.at(-1) : found[0]) ?? null;
};

/** It does not compare bytes by content. */
const lrem: Answer = async (call, { keys: [key], args: [count, item] }) => {
  const items = await allItems(call, key);
  const wanted = Number(count);
  const found = [...items.keys()].filter((i) => items[i]?.equals(bytes(item)) === true);
  const most = wanted === 0 ? found.length : Math.abs(wanted);
  const removed = new Set(wanted < 0 ? found.slice(-most) : found.slice(0, most));
  await rewrite(
    call,
    key,
    items.filter((_, i) => !removed.has(i)),
  );
  return removed.size;
};

async function rewrite(call: Call, key: string, items: readonly Buffer[]): Promise<void> {
  const ttl = Number(await call('pttl', key));
  await call('del', key);
  if (items.length > 0) await call('rpush', key, ...items);
  if (ttl > 0) await call('pexpire', key, ttl);
}

/** The embedded client accepts any index. */
const lset: Answer = async (call, { keys: [key], args: [index = '0', item = ''] }) => {
  const length = Number(await call('llen', key));
  if (length === 0) throw new Error('ERR no such key');
  if (Number(index) >= length || Number(index) < -length) throw new Error('ERR index out of range');
  return call('lset', key, index, item);
};

/** The embedded client leaves an empty list behind. */
const lmove: Answer = async (call, { keys: [source, target = source], args }) => {
  const item = await call('lmove', source, target, ...args);
  if (Number(await call('llen', source)) === 0) await call('del', source);
  return item;
};

/** Replaces the script of the same name, whose reply would be mangled. */
const moveList: Answer = async (call, command) => {
  const [source, target = source] = command.keys;
  const [from = '', to = '', most = '-1', ttl = '0', targetTtl = '0'] = command.args.map(String);
  const item = await lmove(call, command.with({ args: [from, to] }));
  if (item === null) return item;
  if (most !== '-1') {
    const kept = most === '0' ? ['1', '0'] : to === 'RIGHT' ? [`-${most}`, '-1'] : ['0', String(Number(most) - 1)];
    await call('ltrim', target, ...kept);
    if (Number(await call('llen', target)) === 0) await call('del', target);
  }
  if (ttl !== '0') await call('pexpire', source, ttl);
  if (targetTtl !== '0') await call('pexpire', target, targetTtl);
  return item;
};

/** The embedded client cannot block; the caller polls. */
const blpop: Answer = async (call, { keys: [key] }) => {
  const item = await call('lpop', key);
  return item === null ? null : [Buffer.from(key), item];
};

/** The embedded client ignores KEEPTTL, and refuses it with GET. */
const set: Answer = async (call, { keys: [key], args: [value = '', ...options] }) => {
  const words = options.map(String);
  const previous = words.includes('GET') ? await call('get', key) : null;
  const ttl = words.includes('KEEPTTL') ? Number(await call('pttl', key)) : Number(words[words.indexOf('PX') + 1]);
  const written = await call('set', key, value);
  if (ttl > 0) await call('pexpire', key, ttl);
  return words.includes('GET') ? previous : written;
};

/** Drops members of Object.prototype, which are not stored values. */
const stored = (raw: RawReply | undefined): RawReply => (Buffer.isBuffer(raw) || typeof raw === 'string' ? raw : null);

const hget: Answer = async (call, { keys: [key], args: [field = ''] }) => stored(await call('hget', key, field));

const hmget: Answer = async (call, { keys: [key], args }) =>
  ((await call('hmget', key, ...args)) as readonly RawReply[]).map(stored);

const hexists: Answer = async (call, { keys: [key], args: [field = ''] }) =>
  stored(await call('hget', key, field)) === null ? 0 : 1;

/** The embedded client replies an object. */
const hgetall: Answer = async (call, { keys: [key] }) =>
  Object.entries((await call('hgetall', key)) as unknown as Record<string, Buffer>).flatMap(([field, value]) => [
    Buffer.from(field),
    value,
  ]);

const hrandfield: Answer = async (call, { keys: [key] }) => {
  const fields = (await call('hkeys', key)) as readonly Buffer[];
  return fields[Math.floor(Math.random() * fields.length)] ?? null;
};

/** Replies one page with everything: cursors of the embedded client skip entries when others are deleted. */
const hscan: Answer = async (call, command) => [Buffer.from('0'), await hgetall(call, command)];

/** Replaces the script of HSCAN without values. */
const scanKeys: Answer = async (call, { keys: [key] }) => [
  Buffer.from('0'),
  ...((await call('hkeys', key)) as readonly Buffer[]),
];

/** Compares bytes, which the embedded Lua sees as text. */
const compareAndSet: Answer = async (call, { keys: [key], args }) => {
  const [expectsValue, expected, leavesValue, next, ttl] = args as [string, Buffer, string, Buffer, string];
  const current = (await call('get', key)) as Buffer | null;
  if (expectsValue === '1' ? current === null || !current.equals(expected) : current !== null) return 0;
  if (leavesValue === '1') await set(call, string.set(key, next, ttl === '0' ? undefined : Number(ttl)));
  else await call('del', key);
  return 1;
};

const putString: Answer = async (call, { keys: [key, staged = key], args: [ttl = '0'] }) => {
  const value = (await call('get', staged)) as Buffer;
  await call('del', staged);
  if (!['none', 'string', 'undefined'].includes(String((await call('type', key)) ?? undefined))) throw new WrongType();
  return set(call, string.set(key, value, ttl === '0' ? undefined : Number(ttl)));
};

const expireType: Answer = async (call, { keys: [key], args: [type, ttl = '0'] }) =>
  String((await call('type', key)) ?? 'string') === String(type) ? call('pexpire', key, ttl) : 0;

/** The error of a server for a key that holds another type. */
export class WrongType extends Error {
  constructor() {
    super('WRONGTYPE Operation against a key holding the wrong kind of value');
  }
}

/**
 * Adapts a script to the embedded Lua, which sees bytes as JavaScript objects, to be compared by content, and turns
 * only table literals into arrays.
 */
function adaptScript(source: string): string {
  return `for _, value in ipairs(ARGV) do
  if type(value) == 'userdata' then
    getmetatable(value).__eq = function(a, b) return a:toString('latin1') == b:toString('latin1') end
  end
end
local reply = (function()
${source}
end)()
if type(reply) == 'table' then return { table.unpack(reply) } end
return reply`;
}

const SCRIPTS: ReadonlyMap<string, Answer> = new Map([
  [expireIfType.source, expireType],
  [hashScanKeys.source, scanKeys],
  [listMove.source, moveList],
  [stringCompareAndSet.source, compareAndSet],
  [stringPut.source, putString],
]);

const evaluate: Answer = async (call, command) => {
  const source = command.source ?? '';
  const own = SCRIPTS.get(source);
  if (own !== undefined) return own(call, command);
  const reply = await call('eval', adaptScript(source), command.keys.length, ...command.keys, ...command.args);
  return (reply as unknown) === false ? null : reply;
};

/** The replaced commands by name. */
export const ANSWERS: ReadonlyMap<string, Answer> = new Map(
  Object.entries({
    lrange,
    lpos,
    lrem,
    lset,
    lmove,
    blpop,
    set,
    hget,
    hmget,
    hexists,
    hgetall,
    hrandfield,
    hscan,
    eval: evaluate,
  }),
);
