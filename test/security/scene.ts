import type { Redis } from 'ioredis';
import { Presence } from '../../src/namespace/presence.js';
import { connect, Namespace } from '../../src/index.js';
import { type MonitorLine, parseMonitorLine } from '../support/command-counter.js';
import { RawClient } from '../support/raw-client.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { until, within } from '../support/until.js';
import { fill, type Operation } from './operation.js';

export const IDENTITY = { hostname: 'host', processType: 'worker', id: 3 };

/** What an operation came to. */
export interface Outcome {
  readonly error: unknown;
  /** What the server holds then. */
  readonly state: readonly string[];
}

/** All that there is: types, whether they have a lifetime, and what is in them. A staged value is there for no one. */
const STATE = `local all = {}
local names = redis.call('keys', '*')
table.sort(names)
for _, key in ipairs(names) do
  local type = redis.call('type', key).ok
  local items
  if type == 'string' then items = { redis.call('get', key) } end
  if type == 'list' then items = redis.call('lrange', key, 0, -1) end
  if type == 'zset' then items = redis.call('zrange', key, 0, -1, 'WITHSCORES') end
  if type == 'set' then items = redis.call('smembers', key) table.sort(items) end
  if type == 'stream' then
    -- Ids are times.
    items = {}
    for _, entry in ipairs(redis.call('xrange', key, '-', '+')) do items[#items + 1] = table.concat(entry[2], '=') end
  end
  if type == 'hash' then
    local flat = redis.call('hgetall', key)
    items = {}
    for i = 1, #flat, 2 do items[#items + 1] = flat[i] .. '=' .. flat[i + 1] end
    table.sort(items)
  end
  local lives = redis.call('pttl', key) < 0 and 'for ever' or 'for a time'
  all[#all + 1] = key .. ' ' .. type .. ' ' .. lives .. ': ' .. table.concat(items, ', ')
end
return all`;

/** Empties the server, and puts back what was dumped: keys, dumps and lifetimes in turn. */
const RESET = `redis.call('flushall')
for i = 1, #ARGV, 3 do redis.call('restore', ARGV[i], ARGV[i + 2], ARGV[i + 1]) end`;

/** A server of its own, whose user `some` may do what the test says. */
export class Scene implements AsyncDisposable {
  readonly #server: RedisServer;
  readonly #admin: RawClient;
  readonly #monitor: RawClient;
  readonly #client: Redis;
  readonly #lines: MonitorLine[] = [];
  #dump: (string | Buffer | number)[] = [];

  private constructor(server: RedisServer, admin: RawClient, monitor: RawClient, client: Redis) {
    this.#server = server;
    this.#admin = admin;
    this.#monitor = monitor;
    this.#client = client;
    monitor.onUnasked = (line) => void this.#lines.push(parseMonitorLine(String(line)));
  }

  static async open(): Promise<Scene> {
    const server = await startRedisServer();
    const admin = await RawClient.connect(server.port);
    await admin.send('ACL', 'SETUSER', 'some', 'reset', 'on', '>pass', '~*', '&*', '+@all');
    const scene = new Scene(server, admin, await RawClient.connect(server.port), await openClient(server));
    await fill(new Namespace(scene.#client, IDENTITY), new Namespace(scene.#client, { ...IDENTITY, id: 4 }));
    const keys = ((await admin.send('KEYS', '*')) as readonly Buffer[]).map(String);
    for (const key of keys) {
      const lifetime = Math.max(0, Number(await admin.send('PTTL', key)));
      scene.#dump.push(key, (await admin.send('DUMP', key)) as Buffer, lifetime);
    }
    await scene.#monitor.send('MONITOR');
    return scene;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.disconnect();
    this.#admin.close();
    this.#monitor.close();
    await this.#server.stop();
  }

  /** Runs a command as whoever may do anything. */
  async ask(...words: string[]): Promise<unknown> {
    return this.#admin.send(...words);
  }

  /** Puts the server back to what is there before an operation. */
  async reset(): Promise<readonly string[]> {
    await this.#admin.send('EVAL', RESET, 0, ...this.#dump);
    return this.#state();
  }

  /** Runs an operation as the user. What must be ready before, `before` does. */
  async run(operation: Operation, before: () => Promise<unknown> = async () => {}): Promise<Outcome> {
    const own = operation.long ? await openClient(this.#server) : undefined;
    const client = own ?? this.#client;
    try {
      await before();
      let result: unknown;
      let error: unknown;
      try {
        result = await operation.run(new Namespace(client, IDENTITY));
      } catch (reason) {
        error = reason ?? new Error('nothing');
      }
      // What was sent with what failed, or after it, is carried out by then.
      await client.ping();
      const state = await this.#state();
      if (result instanceof Presence) await result.stop().catch(() => {});
      return { error, state };
    } finally {
      own?.disconnect();
    }
  }

  /** Runs an operation as one who may do anything: what comes of it, and which commands it may need. */
  async record(operation: Operation): Promise<Outcome & { readonly commands: ReadonlySet<string> }> {
    let first = 0;
    const outcome = await this.run(operation, async () => {
      await this.#mark();
      first = this.#lines.length;
    });
    await this.#mark();
    const commands = new Set(['eval', 'multi', 'exec']);
    for (const { words } of this.#lines.splice(0).slice(first)) {
      const [name = '', source = ''] = words.map(String);
      commands.add(name.toLowerCase());
      // What a script makes sure of, though it did not run it this time.
      if (name.toLowerCase() === 'eval')
        for (const one of source.matchAll(NEEDS)) one[1]?.split(' ').forEach((n) => commands.add(n));
    }
    for (const own of OWN_COMMANDS) commands.delete(own);
    return { ...outcome, commands };
  }

  async #state(): Promise<readonly string[]> {
    return ((await this.#admin.send('EVAL', STATE, 0)) as readonly Buffer[]).map(String);
  }

  /** The server has one order for everything: once MONITOR shows this, it has shown all before. */
  async #mark(): Promise<void> {
    const mark = `mark ${Math.random()}`;
    await this.#admin.send('ECHO', mark);
    const shown = (): boolean => this.#lines.some(({ words }) => String(words[1]) === mark);
    await within(until(shown, { what: 'MONITOR' }), 30_000, 'MONITOR');
  }
}

const NEEDS = /\bneed\('([a-z ]+)'/g;

/** Of the test itself, and of the client when it connects. */
const OWN_COMMANDS = 'keys echo ping flushall restore dump auth hello info client monitor'.split(' ');

async function openClient(server: RedisServer): Promise<Redis> {
  const client = connect(`redis://some:pass@127.0.0.1:${server.port}`);
  client.on('error', () => {});
  await client.ping();
  return client;
}
