import type { Argument, Command, RawReply } from '../../src/command/command.js';
import { each, hashCompareAndSet, hashIncrement } from '../../src/command/scripts.gen.js';

type Content =
  | { readonly type: 'hash'; readonly fields: Map<string, Buffer> }
  | { readonly type: 'list'; readonly items: Buffer[] }
  | { readonly type: 'set'; readonly members: Set<string> }
  | { readonly type: 'string'; readonly bytes: Buffer };

type Entry = Content & { expires?: number | undefined };

/** An error as the server replies it. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
}

const text = (argument: Argument | undefined): string => String(argument);
const bytes = (argument: Argument | undefined): Buffer => Buffer.from(argument ?? '');

/** As much of a Redis as the commands of the library need: what one server would reply, one command after the other. */
export class ModelStore {
  readonly #keys = new Map<string, Entry>();

  /** What the server replies. It throws where the server replies an error. */
  run(command: Command<unknown>): RawReply {
    if (command.parts !== null) {
      // One refused command does not keep the others from running, and then the first error is what is said.
      const replies = command.parts.map((part) => {
        try {
          return this.run(part);
        } catch (error) {
          return error as ReplyError;
        }
      });
      for (const one of replies) if (one instanceof Error) throw one;
      return replies as RawReply[];
    }
    const reply = this.#one(command);
    for (const key of command.keys) this.#removeEmpty(key);
    return reply;
  }

  /** All that there is, for comparison. */
  dump(): unknown {
    return [...this.#keys]
      .map(([key, entry]): [string, unknown] => [key, { content: plain(entry), expires: entry.expires ?? null }])
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #one(command: Command<unknown>): RawReply {
    const { name, args, keys } = command;
    const [key, second = ''] = keys;
    switch (name) {
      case 'hget':
        return this.#hash(key).get(text(args[0])) ?? null;
      case 'hmget':
        return args.map((field) => this.#hash(key).get(text(field)) ?? null);
      case 'hset': {
        if (args.length === 0 || args.length % 2 !== 0) throw new ReplyError('ERR wrong number of arguments');
        const fields = this.#hash(key, true);
        const before = fields.size;
        for (let i = 0; i < args.length; i += 2) fields.set(text(args[i]), bytes(args[i + 1]));
        return fields.size - before;
      }
      case 'hsetnx': {
        const fields = this.#hash(key, true);
        if (fields.has(text(args[0]))) return 0;
        fields.set(text(args[0]), bytes(args[1]));
        return 1;
      }
      case 'hlen':
        return this.#hash(key).size;
      case 'hgetall':
        return [...this.#hash(key)].flatMap(([field, value]) => [Buffer.from(field), value]);
      case 'hexists':
        return this.#hash(key).has(text(args[0])) ? 1 : 0;
      case 'hdel':
        return args.filter((field) => this.#hash(key).delete(text(field))).length;
      case 'hincrby':
        return this.#increment(key, text(args[0]), text(args[1]));
      case 'sadd':
        return args.filter((member) => add(this.#set(key, true), text(member))).length;
      case 'srem':
        return args.filter((member) => this.#set(key).delete(text(member))).length;
      case 'sismember':
        return this.#set(key).has(text(args[0])) ? 1 : 0;
      case 'smismember':
        return args.map((member) => (this.#set(key).has(text(member)) ? 1 : 0));
      case 'scard':
        return this.#set(key).size;
      case 'smembers':
        return [...this.#set(key)].sort().map((member) => Buffer.from(member));
      case 'eval':
        return this.#script(command);
      case 'get':
        return this.#string(key);
      case 'set':
        return this.#write(key, args);
      case 'getdel': {
        const value = this.#string(key);
        this.#keys.delete(key);
        return value;
      }
      case 'exists':
        return this.#keys.has(key) ? 1 : 0;
      case 'unlink':
        return keys.filter((one) => this.#keys.delete(one)).length;
      case 'pexpire': {
        const entry = this.#keys.get(key);
        if (entry !== undefined) entry.expires = Number(args[0]);
        return entry === undefined ? 0 : 1;
      }
      case 'pttl':
        return this.#keys.has(key) ? (this.#keys.get(key)?.expires ?? -1) : -2;
      case 'rpush':
        return this.#list(key, true).push(...args.map(bytes));
      case 'lpush':
        return this.#list(key, true).unshift(...args.map(bytes).reverse());
      case 'rpop':
      case 'lpop': {
        const items = this.#list(key);
        const take = () => (name === 'rpop' ? items.pop() : items.shift());
        if (args.length === 0) return take() ?? null;
        return items.length === 0
          ? null
          : Array.from({ length: Math.min(Number(args[0]), items.length) }, () => take()!);
      }
      case 'ltrim': {
        const items = this.#list(key);
        const [first, last] = args.map((index) => (Number(index) < 0 ? items.length + Number(index) : Number(index)));
        items.splice(0, items.length, ...items.slice(Math.max(0, first ?? 0), Math.max(0, (last ?? 0) + 1)));
        return 'OK';
      }
      case 'llen':
        return this.#list(key).length;
      case 'lrange':
        return [...this.#list(key)];
      case 'lmove': {
        const source = this.#list(key);
        if (source.length === 0) return null;
        const target = this.#list(second, true);
        const item = source.shift() as Buffer;
        target.push(item);
        return item;
      }
      default:
        throw new Error(`The model does not know ${name}`);
    }
  }

  #write(key: string, args: readonly Argument[]): RawReply {
    const [value, ...options] = args;
    const wants = options.map(text);
    const before = wants.includes('GET') ? this.#string(key) : 'OK';
    const known = this.#keys.get(key)?.expires;
    const expires = wants.includes('KEEPTTL') ? known : Number(wants[wants.indexOf('PX') + 1]);
    this.#keys.set(key, { type: 'string', bytes: bytes(value), expires });
    return before;
  }

  #script({ source, keys, args }: Command<unknown>): RawReply {
    const [key] = keys;
    switch (source) {
      case each.source: {
        const [name, ...rest] = args;
        return rest.map((argument) => this.#again(text(name), key, [argument]));
      }
      case hashIncrement.source: {
        const [together, ...pairs] = args;
        if (text(together) !== '0') throw new Error('The model increments one by one only');
        this.#hash(key);
        const replies: RawReply[] = [];
        for (let i = 0; i < pairs.length; i += 2) {
          try {
            replies.push(Buffer.from(String(this.#again('hincrby', key, pairs.slice(i, i + 2)))));
          } catch (error) {
            replies.push(Buffer.from((error as ReplyError).message));
          }
        }
        return replies;
      }
      case hashCompareAndSet.source: {
        const [field, expectsEntry, expected, leavesEntry, next] = args;
        const current = this.#hash(key).get(text(field));
        const same = text(expectsEntry) === '1' ? current?.equals(bytes(expected)) === true : current === undefined;
        if (!same) return 0;
        if (text(leavesEntry) === '1') this.#hash(key, true).set(text(field), bytes(next));
        else this.#hash(key).delete(text(field));
        return 1;
      }
      default:
        throw new Error('The model does not know this script');
    }
  }

  /** A command that a script calls. */
  #again(name: string, key: string, args: readonly (Argument | undefined)[]): RawReply {
    const reply = this.#one({ name, keys: [key], args } as unknown as Command<unknown>);
    this.#removeEmpty(key);
    return reply;
  }

  #increment(key: string, field: string, amount: string): number {
    const current = this.#hash(key).get(field)?.toString() ?? '0';
    if (!/^-?\d+$/.test(current)) throw new ReplyError('ERR hash value is not an integer');
    const next = Number(current) + Number(amount);
    this.#hash(key, true).set(field, Buffer.from(String(next)));
    return next;
  }

  #removeEmpty(key: string): void {
    const entry = this.#keys.get(key);
    if (entry !== undefined && entry.type !== 'string' && sizeOf(entry) === 0) this.#keys.delete(key);
  }

  #typed<T extends Entry['type']>(key: string, type: T): Extract<Entry, { type: T }> | undefined {
    const entry = this.#keys.get(key);
    if (entry !== undefined && entry.type !== type) throw new ReplyError('WRONGTYPE Operation against a wrong kind');
    return entry as Extract<Entry, { type: T }> | undefined;
  }

  #hash(key: string, create = false): Map<string, Buffer> {
    const known = this.#typed(key, 'hash')?.fields;
    if (known !== undefined || !create) return known ?? new Map();
    const fields = new Map<string, Buffer>();
    this.#keys.set(key, { type: 'hash', fields });
    return fields;
  }

  #list(key: string, create = false): Buffer[] {
    const known = this.#typed(key, 'list')?.items;
    if (known !== undefined || !create) return known ?? [];
    const items: Buffer[] = [];
    this.#keys.set(key, { type: 'list', items });
    return items;
  }

  #set(key: string, create = false): Set<string> {
    const known = this.#typed(key, 'set')?.members;
    if (known !== undefined || !create) return known ?? new Set();
    const members = new Set<string>();
    this.#keys.set(key, { type: 'set', members });
    return members;
  }

  #string(key: string): Buffer | null {
    return this.#typed(key, 'string')?.bytes ?? null;
  }
}

function add(set: Set<string>, member: string): boolean {
  const before = set.size;
  return set.add(member).size > before;
}

function sizeOf(entry: Exclude<Entry, { type: 'string' }>): number {
  if (entry.type === 'list') return entry.items.length;
  return entry.type === 'hash' ? entry.fields.size : entry.members.size;
}

function plain(entry: Entry): unknown {
  if (entry.type === 'hash') return [...entry.fields].map(([field, value]) => `${field}=${String(value)}`).sort();
  if (entry.type === 'set') return [...entry.members].sort();
  return entry.type === 'list' ? entry.items.map(String) : String(entry.bytes);
}
