import type { Command, Family, RawReply, ReplyReader } from './command.js';
import { decimal } from './argument.js';
import { CommandKind } from './command.js';
import * as readers from './readers.js';

/** Reads of one value share one GET. */
const GETS: Family = {
  name: 'get',
  access: 'read',
  scope: 'whole',
  stride: 0,
  combine: ({ key }) => GET.of(key, [], readers.nothing),
  distribute: (raw, members) => members.map(() => raw),
};

const GET = CommandKind.reading('get', GETS);
const GETDEL = CommandKind.writing('getdel');
const SET = CommandKind.writing('set', { idempotent: true });
/** A second run would reply what the first one wrote. */
const SET_GET = SET.with({ idempotent: false });

/** How long a write lets a value live: as long as it would have anyway, or so many milliseconds from now. */
export function lifetime(ttl: number | undefined): readonly string[] {
  return ttl === undefined ? ['KEEPTTL'] : ['PX', decimal(ttl)];
}

/** GET. https://redis.io/docs/latest/commands/get/ */
export function get<R>(key: string, reply: ReplyReader<R>): Command<R> {
  return GET.of(key, [], reply);
}

/** SET, keeping the time to live or setting it, whatever the key holds. https://redis.io/docs/latest/commands/set/ */
export function set(key: string, value: Buffer, ttl?: number): Command<void> {
  return SET.of(key, [value, ...lifetime(ttl)], readers.ok);
}

/** SET … GET: writes, and replies what was there. */
export function swap<R>(key: string, value: Buffer, ttl: number | undefined, reply: ReplyReader<R>): Command<R> {
  return SET_GET.of(key, [value, ...lifetime(ttl), 'GET'], reply);
}

/** GET and DEL at once. https://redis.io/docs/latest/commands/getdel/ */
export function getDelete<R>(key: string, reply: (raw: RawReply) => R): Command<R> {
  return GETDEL.of(key, [], reply);
}
