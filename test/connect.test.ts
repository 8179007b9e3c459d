import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  connect,
  ConnectionError,
  Namespace,
  NamespaceError,
  RedimapError,
  UnknownOutcomeError,
} from '../src/index.js';
import { rejection, shown, thrown } from './contract/subject.js';
import { describeWithRedis, sharedServers, uniqueHost } from './support/matrix.js';
import { freePort } from './support/ports.js';
import { ask, askText } from './support/raw-client.js';
import { type RedisServer, startRedisServer } from './support/redis-server.js';
import { StoppedClock } from './support/stopped-clock.js';
import { within } from './support/until.js';

const SECRET = 'p4ss-w%rd:/@x';
const ENCODED = encodeURIComponent(SECRET);

function me(client: Redis | Cluster): Namespace {
  return new Namespace(client, { hostname: uniqueHost(), processType: 'worker', id: 1 });
}

/** Writes and reads something, and leaves nothing. */
async function use(client: Redis | Cluster): Promise<void> {
  const value = me(client).value('value');
  await value.set([1]);
  expect(await value.get()).toEqual([1]);
  expect(await value.delete()).toBe(true);
}

const DEADLINE = 10_000;

/**
 * Makes calls, and lets the time of their deadlines pass, all at once, when the client has heard of an error like this:
 * what each of them rejects with.
 */
async function outOfTime(
  client: Redis | Cluster,
  reason: RegExp,
  calls: () => Promise<unknown>[],
): Promise<readonly unknown[]> {
  using clock = new StoppedClock();
  const heard = new Promise<void>((resolve) => {
    client.on('error', (error: unknown) => void (reason.test(String(error)) && resolve()));
  });
  const errors = Promise.all(calls().map(rejection));
  await within(heard, 30_000, `an error like ${reason}`);
  clock.advance(DEADLINE);
  return await within(errors, 2_500, 'the errors');
}

describe('memory:', () => {
  test('alone is a store of its own, with a name a shared one', async () => {
    const name = uniqueHost();
    const [a, b] = [connect('memory:'), connect('memory:')];
    const [c, d, e] = [connect(`memory:${name}`), connect(`memory:${name}`), connect(`memory:${name}2`)];
    const identity = { hostname: 'host', processType: 'worker', id: 1 };
    const values = [a, b, c, d, e].map((client) => new Namespace(client, identity).value('value'));
    await values[0]?.set('a');
    await values[2]?.set('c');
    expect(await Promise.all(values.map((value) => value.get()))).toEqual(['a', undefined, 'c', 'c', undefined]);
    for (const client of [a, b, c, d, e]) client.disconnect();
  });
});

describe('an address that is none', () => {
  const urls = [
    ...['', 'localhost', '127.0.0.1:6379', 'http://user:SECRET@host', 'redis:user:SECRET@host', 'REDIS', 'mem:', ' '],
    ...[
      'redis//user:SECRET@host',
      'redis://user:SECRET@host:port',
      'redis://user:SECRET@host:99999',
      'redis://:SECRET@',
    ],
    ...[
      'rediss://user:SECRET@[::1',
      'redis://user:SECRET@ho st',
      'redis://user:SECRET%zz@host',
      'redis://user:SECRET@host:-1',
    ],
  ];
  test.each(urls)('%j is a TypeError that does not show it', (url) => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    let client: Redis | undefined;
    const error = thrown(() => {
      client = connect(url.replace('SECRET', 'hunter2'), { lazyConnect: true });
    });
    client?.disconnect();
    expect(error).toBeInstanceOf(TypeError);
    expect(shown(error)).not.toContain('hunter2');
    process.off('warning', listen);
    expect(warnings.map(({ message }) => message).join()).not.toContain('hunter2');
  });

  const nodes: readonly unknown[] = [
    ...[
      [],
      [''],
      ['http://user:hunter2@host'],
      ['redis://user:hunter2@host:port'],
      ['redis://user:hunter2@host:99999'],
    ],
    ...[['redis://user:hunter2%zz@host'], [42], [null], [{}], [{ host: 1 }], [{ host: 'a', port: 'b' }], ['host:port']],
    ...[['127.0.0.1:7000', 'ftp://user:hunter2@host'], { host: 'a' }, 42, null, undefined],
  ];
  test.each(nodes)('nodes %j are a TypeError that does not show them', (where) => {
    let client: Cluster | undefined;
    const error = thrown(() => {
      client = connect(where as string[], { lazyConnect: true });
    });
    client?.disconnect();
    expect(error).toBeInstanceOf(TypeError);
    expect(shown(error)).not.toContain('hunter2');
  });

  test.each([0, -1, Number.NaN])('a deadline of %d is a RangeError', (deadline) => {
    expect(() => connect('redis://127.0.0.1:1', { deadline })).toThrow(RangeError);
  });
});

describeWithRedis('connect', () => {
  let server: RedisServer;
  let socketFolder: string;
  const clients: (Redis | Cluster)[] = [];
  const keep = <C extends Redis | Cluster>(client: C): C => {
    clients.push(client);
    return client;
  };
  const cluster = (): readonly number[] => {
    const servers = sharedServers();
    if ('missing' in servers) throw new Error(servers.missing);
    return servers.cluster;
  };
  beforeAll(async () => {
    socketFolder = await mkdtemp(join(tmpdir(), 'redimap-socket-'));
    server = await startRedisServer({
      args: [
        '--unixsocket',
        join(socketFolder, 'redis.sock'),
        '--user',
        'app',
        'on',
        `>${SECRET}`,
        '~*',
        '&*',
        '+@all',
      ],
    });
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await server.stop();
    await rm(socketFolder, { recursive: true, force: true });
  });

  test.each([Number.POSITIVE_INFINITY, 2 ** 31])('a deadline of %d is as long as it says', async (deadline) => {
    const client = keep(connect(server.url, { deadline }));
    const warnings: Error[] = [];
    const listener = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listener);
    let closed = 0;
    client.on('close', () => (closed += 1));
    await use(client);
    expect(await me(client).peers()).toEqual([]);
    process.off('warning', listener);
    expect({ closed, warnings }).toEqual({ closed: 0, warnings: [] });
  });

  test('by URL, by host name, with a database', async () => {
    for (const url of [server.url, `${server.url}/`, `redis://localhost:${server.port}`, `${server.url}/2`]) {
      await use(keep(connect(url)));
    }
    const second = new Namespace(keep(connect(`${server.url}/2`)), { hostname: 'h', processType: 'w', id: 1 });
    await second.value('value').set('in 2');
    expect(await ask(server.port, 'EXISTS', 'h:w:1:value')).toBe(0);
    await second.clear();
  });

  test('by the path of a socket', async () => {
    const client = keep(connect(join(socketFolder, 'redis.sock')));
    await use(client);
    expect(client.options.path).toBe(join(socketFolder, 'redis.sock'));
  });

  test('with options of ioredis, which come first', async () => {
    const client = keep(connect(server.url, { connectionName: 'redimap-named', enableAutoPipelining: true, db: 3 }));
    await use(client);
    expect(client.options.enableAutoPipelining).toBe(true);
    expect(await askText(server.port, 'CLIENT', 'LIST')).toContain('name=redimap-named');
  });

  test('as a user of the server', async () => {
    const client = keep(connect(`redis://app:${ENCODED}@127.0.0.1:${server.port}`));
    await use(client);
    expect(await client.call('ACL', 'WHOAMI')).toBe('app');
    const list = me(client).list('list');
    const taken = list.take({ timeout: 60_000 });
    await list.push('x');
    expect(await taken).toBe('x');
  });

  test.each([
    ['a wrong password', `redis://app:wrong-${ENCODED}@`],
    ['an unknown user', `redis://nobody:${ENCODED}@`],
  ])('%s is a typed error in time, which does not show it', async (_, start) => {
    const client = keep(connect(`${start}127.0.0.1:${server.port}`, { deadline: DEADLINE }));
    const errors = await outOfTime(client, /WRONGPASS|NOAUTH/, () => [
      me(client).value('a').get(),
      me(client).map('b').set('a', SECRET),
      me(client).list('c').push(SECRET),
    ]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error).not.toBeInstanceOf(UnknownOutcomeError);
      const text = shown(error);
      expect(text).toMatch(/WRONGPASS|NOAUTH/);
      for (const secret of [SECRET, ENCODED, 'wrong-']) expect(text).not.toContain(secret);
    }
    expect(await ask(server.port, 'DBSIZE')).toBe(0);
  });

  test('a missing permission is a typed error', async () => {
    await ask(server.port, 'ACL', 'SETUSER', 'reader', 'on', `>${SECRET}`, '~*', '&*', '+@all', '-set');
    const client = keep(connect(`redis://reader:${ENCODED}@127.0.0.1:${server.port}`));
    const error = await rejection(me(client).value('a').set('a stored value'));
    expect(error).toMatchObject({ code: 'SERVER', serverCode: 'NOPERM' });
    expect(shown(error)).not.toContain('a stored value');
    expect(await me(client).value('a').get()).toBeUndefined();
  });

  test('to nobody is a typed error in time', async () => {
    const client = keep(connect(`redis://app:${ENCODED}@127.0.0.1:${await freePort()}`, { deadline: DEADLINE }));
    const [error] = await outOfTime(client, /ECONNREFUSED/, () => [me(client).value('a').set(1)]);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(shown(error)).toContain('ECONNREFUSED');
    expect(shown(error)).not.toContain(SECRET);
  });

  test('to a cluster, by objects, host:port and URLs, one that answers being enough', async () => {
    const [port = 0] = cluster();
    const dead = await freePort();
    const addresses = [
      cluster().map((one) => ({ host: '127.0.0.1', port: one })),
      [`127.0.0.1:${port}`],
      [`redis://127.0.0.1:${port}`],
      [`127.0.0.1:${dead}`, { host: '127.0.0.1', port }],
    ];
    for (const address of addresses) {
      const client = keep(connect(address));
      const one = me(client);
      await Promise.all(Array.from({ length: 20 }, (_, i) => one.value(`value ${i}`).set(i)));
      expect(await one.value('value 7').get()).toBe(7);
      await one.clear();
    }
  });

  test('wrong credentials for a cluster are a typed error in time, which does not show them', async () => {
    const [port = 0] = cluster();
    const client = keep(connect([`redis://nobody:${ENCODED}@127.0.0.1:${port}`], { deadline: 600 }));
    const error = await within(rejection(me(client).value('a').get()), 2_500, 'the error');
    expect(error).toBeInstanceOf(RedimapError);
    expect(error).toMatchObject({ code: 'CONNECTION' });
    for (const secret of [SECRET, ENCODED]) expect(shown(error)).not.toContain(secret);
  });

  test('keyPrefix is refused, and no connection stays behind', async () => {
    const options = { keyPrefix: 'app:', connectionName: 'redimap-refused' };
    expect(() => connect(server.url, options)).toThrow(NamespaceError);
    await use(keep(connect(server.url)));
    expect(await askText(server.port, 'CLIENT', 'LIST')).not.toContain('redimap-refused');
  });

  test('a client that was opened elsewhere is never closed', async () => {
    for (const client of [new Redis(server.port), new Cluster([{ host: '127.0.0.1', port: cluster()[0] ?? 0 }])]) {
      keep(client);
      let ended = false;
      client.on('end', () => (ended = true));
      const one = me(client);
      {
        await using _presence = await one.announce();
        await use(client);
        expect(await one.list('list').take({ timeout: 1 })).toBeUndefined();
        await one.clear();
      }
      await rejection(one.value('a').set(() => 1));
      expect([client.status, ended]).toEqual(['ready', false]);
      expect(await client.get('none')).toBeNull();
    }
  });

  const root = fileURLToPath(new URL('..', import.meta.url));
  const places: readonly [string, () => string][] = [
    ['a server', () => JSON.stringify(server.url)],
    ['a cluster', () => JSON.stringify(cluster().map((port) => `127.0.0.1:${port}`))],
    ['memory:', () => '"memory:"'],
  ];
  test.each(places)('a process that has quit %s ends by itself', async (_, where) => {
    const program = `
      import { connect, Namespace } from ${JSON.stringify(pathToFileURL(join(root, 'src/index.ts')).href)};
      const client = connect(${where()});
      const me = new Namespace(client, { hostname: '${uniqueHost()}', processType: 'worker' });
      const presence = await me.announce();
      const list = me.list('list');
      const taken = list.take();
      await list.push('x');
      await me.map('map').update('a', () => 1);
      const item = await taken;
      await me.clear();
      await presence.stop();
      await client.quit();
      console.log('done', item);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { cwd: root });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    const timer = setTimeout(() => child.kill('SIGKILL'), 90_000);
    const [code, signal] = await new Promise<unknown[]>((resolve) => child.on('close', (...all) => resolve(all)));
    clearTimeout(timer);
    expect([output.trim(), code, signal]).toEqual(['done x', 0, null]);
  });
});

const noTls = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0 ? undefined : 'there is no openssl';
// eslint-disable-next-line no-console -- what is left out has to be seen in the run's output
if (noTls !== undefined) console.warn(`  !! LEFT OUT: connect() over TLS: ${noTls}`);

if (noTls === undefined) {
  describeWithRedis('connect over TLS', () => {
    let folder: string;
    let server: RedisServer;
    let port: number;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'redimap-tls-'));
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const made = spawnSync('openssl', [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
        ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
        ...['-keyout', key, '-out', cert],
      ]);
      expect(made.status, String(made.stderr)).toBe(0);
      port = await freePort();
      const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
      server = await startRedisServer({ args: ['--tls-port', String(port), ...files, '--tls-auth-clients', 'no'] });
    });
    afterAll(async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    });

    test('works with the certificate of its issuer, blocking connections included', async () => {
      const client = connect(`rediss://127.0.0.1:${port}`, { tls: { ca: readFileSync(join(folder, 'cert.pem')) } });
      await use(client);
      const list = me(client).list('list');
      const taken = list.take({ timeout: 60_000 });
      await list.push('x');
      expect(await taken).toBe('x');
      client.disconnect();
    });

    test('is refused without it, in time', async () => {
      const client = connect(`rediss://app:${ENCODED}@127.0.0.1:${port}`, { deadline: DEADLINE });
      const [error] = await outOfTime(client, /self.signed/, () => [me(client).value('a').get()]);
      expect(error).toBeInstanceOf(ConnectionError);
      expect(shown(error)).toMatch(/self-signed|self signed/);
      expect(shown(error)).not.toContain(SECRET);
      client.disconnect();
    });
  });
}
