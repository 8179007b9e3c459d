import type { Command, RawReply } from '../../command/command.js';
import { leaseRenew, leaseTurn } from '../../command/lease.gen.js';
import { timers } from '../../timers.js';
import { type Call, WrongType } from './embedded-commands.js';

type Answer = (call: Call, command: Command<unknown>) => Promise<RawReply>;

async function textAt(call: Call, key: string): Promise<string | undefined> {
  const type = String((await call('type', key)) ?? 'string');
  if (type !== 'none' && type !== 'string') throw new WrongType();
  const held = await call('get', key);
  return held === null ? undefined : String(held);
}

/** Reads a lease: `TOKEN OWNER`. */
async function heldAt(call: Call, key: string): Promise<readonly [token: number, owner: string] | undefined> {
  const held = await textAt(call, key);
  if (held === undefined) return undefined;
  const [, token, owner] = /^(\d+) (.+)$/s.exec(held) ?? [];
  if (owner === undefined) throw new WrongType();
  return [Number(token), owner];
}

/** Members of a sorted set in order, with their scores. */
async function scored(call: Call, key: string): Promise<[member: string, score: number][]> {
  const flat = (await call('zrange', key, 0, -1, 'WITHSCORES')) as readonly Buffer[];
  return flat.flatMap((member, i) => (i % 2 === 0 ? [[String(member), Number(flat[i + 1])]] : []));
}

/** The script of the same name; the Lua of the embedded client has neither its clock nor its errors. */
const takeTurn: Answer = async (call, { keys, args }) => {
  const [lease, granted = '', waiters = '', places = ''] = keys;
  const [owner = '', ttl = 0, place = 0, arrived = 0, takeover = 0] = args.map((arg, i) =>
    i === 0 ? String(arg) : Number(arg),
  ) as [string, number, number, number, number];
  const asks = ttl !== 0;
  const held = await heldAt(call, lease);
  const owns = held?.[1] === owner;
  if (owns && asks) {
    await call('pexpire', lease, ttl);
    return [1, held[0]];
  }
  const now = Math.floor(timers.epoch() * 1_000);
  const leave = async (waiter: string): Promise<void> => {
    await call('zrem', waiters, waiter);
    await call('zrem', places, waiter);
  };
  for (const [waiter, expires] of await scored(call, places)) if (expires <= now) await leave(waiter);
  let arrival = arrived;
  if (!asks) {
    await leave(owner);
  } else if (place !== 0) {
    if (arrival === 0) arrival = Math.max(now, ((await scored(call, waiters)).at(-1)?.[1] ?? 0) + 1);
    await call('zadd', waiters, arrival, owner);
    await call('zadd', places, now + place * 1_000, owner);
    await call('pexpire', waiters, place);
    await call('pexpire', places, place);
  }
  if (owns || held === undefined) {
    const next = (await scored(call, waiters))[0]?.[0] ?? (asks ? owner : undefined);
    if (next !== undefined) {
      const last = Number((await textAt(call, granted))?.split(' ')[0] ?? 0);
      const token = Math.max(last + 1, now);
      const own = Number(next.split(' ')[1]);
      const grant = Buffer.from(`${token} ${next}`);
      await call('set', lease, grant);
      await call('pexpire', lease, next === owner ? own : Math.min(own, takeover));
      await call('set', granted, grant);
      await leave(next);
      if (next === owner) return [1, token];
    } else if (owns) {
      await call('del', lease);
    }
  }
  if (!asks) return [owns ? 1 : 0];
  const queue = await scored(call, waiters);
  const ahead = queue.findIndex(([waiter]) => waiter === owner);
  return [0, ahead < 0 ? queue.length : ahead, await call('pttl', lease), arrival];
};

const renew: Answer = async (call, { keys: [lease], args: [owner, ttl = '0'] }) =>
  (await heldAt(call, lease))?.[1] === String(owner) ? call('pexpire', lease, Number(ttl)) : 0;

/** Returns the replacement of a script of leases; undefined for other commands. */
export function leaseAnswerOf({ source }: Command<unknown>): Answer | undefined {
  if (source === leaseTurn.source) return takeTurn;
  return source === leaseRenew.source ? renew : undefined;
}
