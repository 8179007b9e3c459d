import { expect, test } from 'vitest';
import { RedimapError } from '../../src/errors.js';
import { Namespace } from '../../src/namespace/namespace.js';
import { describeWithRedis, uniqueHost } from '../support/matrix.js';
import { ask } from '../support/raw-client.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { until, within } from '../support/until.js';
import { type ClientKind, clientKinds, text } from './scene.js';

const GROUP = 'queues';

interface Group extends AsyncDisposable {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinel: RedisServer;
}

/**
 * A master, its replica, and a Sentinel that puts the one in the place of the other when that is silent for so long; at
 * first for hours: a Sentinel that waited for the processor itself takes that for silence.
 */
async function startGroup(): Promise<Group> {
  const started: RedisServer[] = [];
  const stop = async (): Promise<void> => {
    for (const server of started.reverse()) await server.stop();
  };
  const start = async (options: Parameters<typeof startRedisServer>[0]): Promise<RedisServer> => {
    const server = await startRedisServer(options);
    started.push(server);
    return server;
  };
  try {
    const master = await start({});
    const follow = ['--replicaof', '127.0.0.1', String(master.port)];
    const replica = await start({ args: [...follow, '--repl-diskless-sync-delay', '0'] });
    const config = [
      `sentinel monitor ${GROUP} 127.0.0.1 ${master.port} 1`,
      `sentinel down-after-milliseconds ${GROUP} ${3_600_000}`,
      `sentinel failover-timeout ${GROUP} 4000`,
    ];
    const sentinel = await start({ config, args: ['--sentinel'] });
    await until(async () => String(await ask(replica.port, 'INFO', 'replication')).includes('master_link_status:up'));
    await until(async () => ((await ask(sentinel.port, 'SENTINEL', 'REPLICAS', GROUP)) as unknown[]).length === 1);
    return { master, replica, sentinel, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function isMaster({ port }: RedisServer): Promise<boolean> {
  // In the step that makes it the master, the Sentinel closes the connections of all clients.
  const info = await ask(port, 'INFO', 'replication').catch(() => '');
  return String(info).includes('role:master');
}

interface Taker extends Disposable {
  readonly key: string;
  readonly name: string;
  /** The item that comes, whatever the takes before it ended with. */
  readonly taken: Promise<string | undefined>;
  /** Those ends. */
  readonly codes: Set<string>;
}

function startTaker(kind: ClientKind, group: Group): Taker {
  const sentinels = [{ host: '127.0.0.1', port: group.sentinel.port }];
  const client = kind.open(group.master.port, { sentinels, name: GROUP });
  client.on('error', () => {});
  const me = new Namespace(client, { hostname: uniqueHost(), processType: 'test', id: 1, deadline: 1_000 });
  const list = me.list('l', text);
  const codes = new Set<string>();
  let ended = false;
  const consume = async (): Promise<string | undefined> => {
    while (!ended) {
      try {
        return await list.take();
      } catch (error) {
        if (!(error instanceof RedimapError)) throw error;
        codes.add(error.code);
      }
    }
    return undefined;
  };
  const end = (): void => {
    // Over a closed client every take rejects at once: going on would leave the process no time for anything else.
    ended = true;
    client.disconnect();
  };
  const taken = consume();
  taken.catch(() => {});
  return { key: list.key, name: kind.name, taken, codes, [Symbol.dispose]: end };
}

describeWithRedis('behind a Sentinel', () => {
  test.each([
    ['at once', () => true],
    // The clients have connected to the old master again by then: it still accepts connections.
    ['when all have given it up', ({ codes }: Taker) => codes.has('UNKNOWN_OUTCOME') && codes.has('CONNECTION')],
  ])('who takes again gets what is pushed to the new master, which is made %s', async (_, isReady) => {
    await using group = await startGroup();
    const takers = clientKinds.map((kind) => startTaker(kind, group));
    try {
      const waiting = `blocked_clients:${takers.length}\r\n`;
      await until(async () => String(await ask(group.master.port, 'INFO', 'clients')).includes(waiting));
      await group.master.kill('SIGSTOP');
      await until(() => takers.every(isReady), { deadline: 60_000, what: 'the end of the first takes' });
      await ask(group.sentinel.port, 'SENTINEL', 'SET', GROUP, 'down-after-milliseconds', '1000');
      await until(() => isMaster(group.replica), { deadline: 60_000, what: 'the failover' });
      for (const { key, name } of takers) await ask(group.replica.port, 'RPUSH', key, name);
      for (const { name, taken, codes } of takers) {
        expect(await within(taken, 90_000, `the item of ${name}`)).toBe(name);
        expect(codes).toContain('UNKNOWN_OUTCOME');
        for (const code of codes) expect(['UNKNOWN_OUTCOME', 'CONNECTION']).toContain(code);
      }
    } finally {
      for (const taker of takers) taker[Symbol.dispose]();
    }
  });
});
