import { expect, test } from 'vitest';
import { Namespace } from '../../src/namespace/namespace.js';
import { ask } from '../support/raw-client.js';
import { startRedisServer } from '../support/redis-server.js';
import { until, within } from '../support/until.js';
import { codeOf, describeEachClient, openScene, text } from './scene.js';

/** Who takes, as the server sees it, once somebody waits there. */
function taker(port: number): Promise<string> {
  return until(
    async () => {
      const all = String(await ask(port, 'CLIENT', 'LIST')).split('\n');
      return all.find((line) => / flags=b /.test(line));
    },
    { what: 'a take to wait' },
  );
}

describeEachClient('a connection for a take is what the client is', (kind) => {
  test('in the database that the client has selected, whichever way', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port });
    const { client } = scene;
    const list = scene.me.list('l', text);
    const selections: ((db: number) => unknown)[] = [
      (db) => client.select(db),
      (db) => client.call('SELECT', db),
      (db) => client.pipeline().select(db).exec(),
      (db) => client.multi().select(db).exec(),
    ];
    for (const [i, select] of selections.entries()) {
      await select(i + 1);
      await list.push(`db ${i + 1}`);
      expect(await within(list.take(), 20_000, 'the item')).toBe(`db ${i + 1}`);
    }
    await client.select(9);
    await list.push('db 9');
    await client.select(0);
    expect(await list.take({ timeout: 1 })).toBeUndefined();
    // Not awaited: the take comes after it.
    void client.select(9);
    expect(await within(list.take(), 20_000, 'the item')).toBe('db 9');
  });

  test('after a reconnect, and after a selection that was refused', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port });
    const { client, proxy } = scene;
    const list = scene.me.list('l', text);
    await client.select(3);
    await list.push('a', 'b', 'c');
    expect(await list.take()).toBe('a');
    proxy.cutAll();
    await until(() => client.status !== 'ready');
    expect(await within(list.take(), 20_000, 'the item after a reconnect')).toBe('b');
    await expect(client.select(99)).rejects.toThrow('out of range');
    expect(await within(list.take(), 20_000, 'the item after the refusal')).toBe('c');
  });

  test('the user that the client has become', async () => {
    await using server = await startRedisServer();
    for (const name of ['one', 'two']) {
      await ask(server.port, 'ACL', 'SETUSER', name, 'on', `>${name}`, '~*', '+@all');
    }
    await using scene = await openScene(kind, { port: server.port, redis: { username: 'one', password: 'one' } });
    const list = scene.me.list('l', text);
    await list.push('a', 'b', 'c', 'd');
    expect(await list.take()).toBe('a');
    await scene.client.auth('two', 'two');
    // Who it was before is nobody any more: neither a kept connection nor the options help.
    await ask(server.port, 'ACL', 'DELUSER', 'one');
    expect(await within(list.take(), 20_000, 'the item')).toBe('b');
    await ask(server.port, 'ACL', 'SETUSER', 'two', 'resetpass', '>new');
    await scene.client.call('HELLO', '2', 'AUTH', 'two', 'new');
    expect(await within(list.take(), 20_000, 'the item')).toBe('c');
    await expect(scene.client.auth('two', 'wrong')).rejects.toThrow('WRONGPASS');
    expect(await within(list.take(), 20_000, 'the item')).toBe('d');
  });

  test('by the credentials that its options have got for the next connection', async () => {
    await using server = await startRedisServer();
    await ask(server.port, 'ACL', 'SETUSER', 'one', 'on', '>old', '~*', '+@all');
    await using scene = await openScene(kind, { port: server.port, redis: { username: 'one', password: 'old' } });
    const list = scene.me.list('l', text);
    await list.push('a', 'b');
    await scene.client.auth('one', 'old');
    await ask(server.port, 'ACL', 'SETUSER', 'one', 'resetpass', '>new');
    Object.assign(scene.client.options, { password: 'new' });
    expect(await within(list.take(), 20_000, 'the item')).toBe('a');
  });

  test('of the same name', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port, redis: { connectionName: 'first' } });
    const list = scene.me.list('l', text);
    for (const name of ['first', 'second']) {
      if (name === 'second') await scene.client.client('SETNAME', 'second');
      const taken = list.take();
      const seen = await taker(server.port);
      expect(seen).toContain(` name=${name} `);
      await list.push('x');
      expect(await within(taken, 20_000, 'the item')).toBe('x');
    }
  });

  test('and where it cannot be, nothing is taken from elsewhere', async () => {
    await using server = await startRedisServer();
    await ask(server.port, 'ACL', 'SETUSER', 'one', 'on', '>one', '~*', '+@all');
    await using scene = await openScene(kind, { port: server.port, redis: { username: 'one', password: 'one' } });
    const list = scene.me.list('l', text);
    const elsewhere = list.key;
    await ask(server.port, 'RPUSH', elsewhere, 'of database 0');
    await scene.client.select(2);
    await list.push('of database 2');
    await ask(server.port, 'ACL', 'SETUSER', 'one', '-select');
    const error = await list.take({ timeout: 200 }).catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({
      code: 'CONNECTION',
      cause: { message: expect.stringContaining('NOPERM') as string },
    });
    expect(await list.length).toBe(1);
    expect(await ask(server.port, 'LLEN', elsewhere)).toBe(1);
  });

  test('a user who may not ask who he is takes all the same', async () => {
    await using server = await startRedisServer();
    await ask(server.port, 'ACL', 'SETUSER', 'one', 'on', '>one', '~*', '+@all', '-client|id', '-ping');
    await using scene = await openScene(kind, { port: server.port, redis: { username: 'one', password: 'one' } });
    const list = scene.me.list('l', text);
    const taken = list.take();
    await taker(server.port);
    await list.push('a');
    expect(await within(taken, 20_000, 'the item')).toBe('a');
    const stop = new AbortController();
    const aborted = codeOf(list.take({ signal: stop.signal }));
    await taker(server.port);
    stop.abort();
    expect(await within(aborted, 20_000, 'the abort')).toBe('UNKNOWN_OUTCOME');
  });

  test('what a client sends still goes through it, whoever has replaced its methods', async () => {
    await using server = await startRedisServer();
    const client = kind.open(server.port);
    const seen: string[] = [];
    const send = client.sendCommand.bind(client);
    client.sendCommand = (command, stream) => {
      seen.push(command.name.toLowerCase());
      return send(command, stream);
    };
    const me = new Namespace(client, { processType: 'test', id: 1 });
    await me.list('l', text).push('a');
    expect(seen).toContain('rpush');
    client.disconnect();
  });
});
