import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { codec, Namespace, type RedisValue } from '../../src/index.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { RawClient } from '../support/raw-client.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { until } from '../support/until.js';
import { clientKinds } from './scene.js';

/** The number of values that are watched. */
const VALUES = 20;

/** The clients of ioredis 5 and of ioredis 6. */
const KINDS = clientKinds.slice(1);

const IDENTITY = { hostname: 'host', processType: 'link', id: 1 };

/** The values that a watcher believes in; undefined or absent for none. */
type Belief = Map<string, number | undefined>;

/** Watchers over ioredis 5 and 6 and a naive one, all through one proxy, and a connection past that. */
export interface LinkScene extends AsyncDisposable {
  readonly server: RedisServer;
  readonly proxy: FaultProxy;
  readonly spaces: readonly Namespace[];
  /** Writes the next values to one key after the other, past the proxy. */
  write(count: number): Promise<void>;
  /** Sends a command past the proxy. */
  ask(...args: (string | number)[]): ReturnType<RawClient['send']>;
  /** Waits until the watchers believe what the server has; also the naive one, if told. */
  untilRight(withNaive?: boolean): Promise<void>;
  /** Whether the naive watcher believes it. */
  isNaiveRight(): Promise<boolean>;
  /** The numbers of the proxy's connections on which a command was sent that has this word. */
  connectionsWith(name: string, word: string): readonly number[];
}

export async function openLinkScene(): Promise<LinkScene> {
  const server = await startRedisServer();
  const proxy = await startFaultProxy(server);
  let direct = await RawClient.connect(server.port);
  const stop = new AbortController();
  const watchers = KINDS.map((kind) => {
    const client = kind.open(proxy.port, {});
    client.on('error', () => {});
    const me = new Namespace(client, { ...IDENTITY, deadline: 20_000 });
    const values = Array.from({ length: VALUES }, (_, i) => me.value(`v${i}`, { value: codec.int }));
    const belief: Belief = new Map();
    const loops = values.map((value) => watch(value, belief, stop.signal));
    return { client, me, values, belief, loops };
  });
  const keys = watchers[0]?.values.map(({ key }) => key) ?? [];
  const naive = await NaiveWatcher.start(proxy.port, keys);
  let written = 0;
  const ask: LinkScene['ask'] = async (...args) => {
    // After a restart of the server.
    const reply = direct.send(...args).catch(async () => {
      direct = await until(() => RawClient.connect(server.port).catch(() => undefined));
      return direct.send(...args);
    });
    return reply;
  };
  const onServer = async (): Promise<(number | undefined)[]> => {
    const found = (await ask('MGET', ...keys)) as (Buffer | null)[];
    return found.map((bytes) => (bytes === null ? undefined : Number(bytes)));
  };
  const isRight = async (belief: Belief): Promise<boolean> => {
    const truth = await onServer();
    return keys.every((key, i) => belief.get(key) === truth[i]);
  };
  return {
    server,
    proxy,
    spaces: watchers.map(({ me }) => me),
    ask,
    async write(count) {
      for (const end = written + count; written < end; ) {
        const batch: Promise<unknown>[] = [];
        for (let i = 0; i < 500 && written < end; i += 1, written += 1) {
          batch.push(ask('SET', keys[written % VALUES] as string, written));
        }
        await Promise.all(batch);
      }
    },
    async untilRight(withNaive = false) {
      const all = [...watchers.map(({ belief }) => belief), ...(withNaive ? [naive.belief] : [])];
      for (const belief of all) await until(() => isRight(belief), { what: 'a watcher to believe what is true' });
    },
    isNaiveRight: () => isRight(naive.belief),
    connectionsWith(name, word) {
      const sent = proxy.commands.filter((one) => one.name === name && one.args.some((arg) => String(arg) === word));
      return [...new Set(sent.map(({ connection }) => connection))];
    },
    async [Symbol.asyncDispose]() {
      const reason = new Error('the end of the test');
      stop.abort(reason);
      const ends = await Promise.allSettled(watchers.flatMap(({ loops }) => loops));
      for (const { client } of watchers) client.disconnect();
      naive.stop();
      direct.close();
      await proxy.stop();
      await server.stop();
      for (const end of ends) expect(end).toEqual({ status: 'rejected', reason });
    },
  };
}

/** Notes what a value is. What comes must have been written, and later than what came before. */
async function watch(value: RedisValue<number>, belief: Belief, signal: AbortSignal): Promise<void> {
  let last = -1;
  for await (const number of value.watch({ signal })) {
    if (number !== undefined) {
      expect(number).toBeGreaterThan(last);
      expect(number % VALUES).toBe(Number(value.name.slice(1)));
      last = number;
    }
    belief.set(value.key, number);
  }
}

/** Asks for notices once, and trusts that none is ever missed. */
class NaiveWatcher {
  readonly belief: Belief = new Map();
  readonly #notices: Redis;
  readonly #reader: Redis;

  private constructor(port: number) {
    // ioredis would leave a rejection unhandled if it is closed while it subscribes again.
    this.#notices = new Redis(port, { autoResubscribe: false });
    this.#reader = new Redis(port, { autoResendUnfulfilledCommands: false });
    for (const client of [this.#notices, this.#reader]) client.on('error', () => {});
  }

  static async start(port: number, keys: readonly string[]): Promise<NaiveWatcher> {
    const naive = new NaiveWatcher(port);
    const id = await naive.#notices.client('ID');
    naive.#notices.on('messageBuffer', (_, changed: readonly Buffer[] | null) => {
      for (const key of changed ?? []) void naive.#read(String(key));
    });
    await naive.#notices.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', String(id), 'BCAST');
    await naive.#notices.subscribe('__redis__:invalidate');
    await Promise.all(keys.map((key) => naive.#read(key)));
    return naive;
  }

  stop(): void {
    this.#notices.disconnect();
    this.#reader.disconnect();
  }

  async #read(key: string): Promise<void> {
    const found = await this.#reader.get(key).catch(() => undefined);
    if (found !== undefined) this.belief.set(key, found === null ? undefined : Number(found));
  }
}
