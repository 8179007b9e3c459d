import type { Argument, Command, RawReply } from '../command/command.js';
import * as string from '../command/string.js';
import { UnsupportedError } from '../errors.js';
import type { IoredisClient } from './ioredis-client.js';
import { hashScanKeys, stringCompareAndSet } from '../script/scripts.gen.js';
import type { Transport } from './transport.js';
import { wireArguments } from './wire.js';

type MockMethod = (...args: readonly (Argument | number)[]) => Promise<RawReply | Record<string, Buffer>>;

/** The embedded client is the one that cannot send commands by name. */
export function isEmbedded(client: IoredisClient): boolean {
  return typeof (client as Partial<IoredisClient>).callBuffer !== 'function';
}

/** Which type of value the commands of a family work on, by how their names begin. */
const TYPES: readonly (readonly [RegExp, string])[] = [
  [/^h/, 'hash'],
  [/^(l|r)(?!ename)/, 'list'],
  [/^s(?!et$|can$)/, 'set'],
  [/^z/, 'zset'],
  [/^get/, 'string'],
];

/** All embedded clients of a process take turns, because those on one host and port share their data. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * One attempt over ioredis-mock, made to answer as a server does where it would not: in the order of the calls,
 * whole transactions at a time, with WRONGTYPE and index errors, and keeping a time to live on request.
 */
export class EmbeddedTransport implements Transport {
  readonly #client: IoredisClient;
  #ended = false;

  constructor(client: IoredisClient) {
    this.#client = client;
    client.on('end', () => {
      this.#ended = true;
    });
  }

  isReady(): boolean {
    return !this.#ended;
  }

  isEnded(): boolean {
    return this.#ended;
  }

  domainOf(): number {
    return 0;
  }

  lastError(): unknown {
    return undefined;
  }

  send(command: Command<unknown>): Promise<RawReply> {
    const result = turn.then(() => (command.parts === null ? this.#run(command) : this.#runAll(command.parts)));
    turn = result.catch(() => {});
    return result;
  }

  async #runAll(parts: readonly Command<unknown>[]): Promise<RawReply> {
    const replies: RawReply[] = [];
    let failure: unknown;
    // As in a MULTI, one refused command does not keep the others from running.
    for (const part of parts) {
      try {
        replies.push(await this.#run(part));
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return replies;
  }

  async #run(command: Command<unknown>): Promise<RawReply> {
    const { name, keys, args } = command;
    await this.#expectTypes(command);
    switch (name) {
      case 'lset':
        await this.#expectIndex(keys[0], Number(args[0]));
        return this.#call(name, wireArguments(command));
      case 'set':
        return this.#set(command);
      case 'hgetall': {
        const all = (await this.#method(name)(keys[0])) as unknown as Record<string, Buffer>;
        return Object.entries(all).flatMap(([field, value]) => [Buffer.from(field), value]);
      }
      case 'hrandfield': {
        const fields = (await this.#call('hkeys', keys)) as readonly Buffer[];
        return fields[Math.floor(Math.random() * fields.length)] ?? null;
      }
      case 'eval': {
        if (command.source === hashScanKeys.signature.source) return this.#scanKeys(command);
        if (command.source === stringCompareAndSet.signature.source) return this.#compareAndSet(command);
        const reply = await this.#call(name, wireArguments({ ...command, source: adaptScript(command.source ?? '') }));
        return (reply as unknown) === false ? null : reply;
      }
      default:
        return this.#call(name, wireArguments(command));
    }
  }

  async #expectTypes({ name, keys }: Command<unknown>): Promise<void> {
    const wanted = TYPES.find(([pattern]) => pattern.test(name))?.[1];
    if (wanted === undefined) return;
    for (const key of keys) {
      // It does not know the type of bytes.
      const actual = String((await this.#call('type', [key])) ?? 'string');
      if (actual !== 'none' && actual !== wanted) throw new WrongType();
    }
  }

  async #expectIndex(key: string, index: number): Promise<void> {
    const length = Number(await this.#call('llen', [key]));
    if (length === 0) throw new Error('ERR no such key');
    if (index >= length || index < -length) throw new Error('ERR index out of range');
  }

  /** SET, whose KEEPTTL the embedded client ignores and whose GET it refuses to combine. */
  async #set({ keys, args }: Command<unknown>): Promise<RawReply> {
    const [key] = keys;
    const rest = args.slice(1).map(String);
    const getsPrevious = rest.includes('GET');
    const previous = getsPrevious ? await this.#call('get', [key]) : null;
    const ttl = rest.includes('KEEPTTL')
      ? Number(await this.#call('pttl', [key]))
      : Number(rest[rest.indexOf('PX') + 1]);
    const written = await this.#call('set', [key, args[0] as Argument]);
    if (ttl > 0) await this.#call('pexpire', [key, ttl]);
    return getsPrevious ? previous : written;
  }

  /** HSCAN inside a script, whose nested reply the embedded Lua counts wrongly. */
  async #scanKeys({ keys, args }: Command<unknown>): Promise<RawReply> {
    const [cursor = '0', count = '10'] = args;
    const [next, pairs] = (await this.#call('hscan', [keys[0], cursor, 'COUNT', count])) as [Buffer, Buffer[]];
    return [next, ...pairs.filter((_, i) => i % 2 === 0)];
  }

  /** A comparison of strings, which the embedded Lua sees as text instead of bytes. */
  async #compareAndSet({ keys: [key], args }: Command<unknown>): Promise<RawReply> {
    const [expectsValue, expected, leavesValue, next, ttl] = args as [string, Buffer, string, Buffer, string];
    const current = (await this.#call('get', [key])) as Buffer | null;
    if (expectsValue === '1' ? current === null || !current.equals(expected) : current !== null) return 0;
    if (leavesValue === '1') await this.#set(string.set(key, next, ttl === '0' ? undefined : Number(ttl)));
    else await this.#call('del', [key]);
    return 1;
  }

  #call(name: string, args: readonly (Argument | number)[]): Promise<RawReply> {
    return this.#method(name)(...args) as Promise<RawReply>;
  }

  #method(name: string): MockMethod {
    const method = (this.#client as unknown as Record<string, MockMethod | undefined>)[`${name}Buffer`];
    if (method === undefined) {
      throw new UnsupportedError(`The embedded client cannot do ${name.toUpperCase()}: use a Redis server`);
    }
    return method.bind(this.#client);
  }
}

/**
 * The embedded Lua sees bytes as objects of JavaScript: it must be told to compare them by content. And it turns
 * only those tables into arrays that were written as one.
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

/** The reply of a server to a command on a key of another type. */
class WrongType extends Error {
  constructor() {
    super('WRONGTYPE Operation against a key holding the wrong kind of value');
  }
}
