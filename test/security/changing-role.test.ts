import { afterAll, beforeAll, expect, test } from 'vitest';
import { codec, connect, Namespace, ServerError, UnknownOutcomeError } from '../../src/index.js';
import { rejection } from '../contract/subject.js';
import { describeWithRedis } from '../support/matrix.js';
import { ask } from '../support/raw-client.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { LONG } from './operation.js';

/** Two values so long that the second goes in a MULTI, when the first has told that it may. */
const [old, long] = [LONG, `${LONG}2`];

describeWithRedis('a user whose role changes while it is connected', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  async function user(autoPipelining: boolean) {
    await ask(server.port, 'FLUSHALL');
    await ask(server.port, 'ACL', 'SETUSER', 'some', 'reset', 'on', '>pass', '~*', '+@all');
    const client = connect(`redis://some:pass@127.0.0.1:${server.port}`, { enableAutoPipelining: autoPipelining });
    client.on('error', () => {});
    const map = new Namespace(client, { processType: 'worker', id: 1 }).map('map', { value: codec.text });
    const take = (...commands: string[]) =>
      ask(server.port, 'ACL', 'SETUSER', 'some', ...commands.map((command) => `-${command}`));
    return { client, map, take, [Symbol.dispose]: () => client.disconnect() };
  }

  for (const autoPipelining of [false, true]) {
    const how = autoPipelining ? 'automatic pipelining' : 'no pipelining';
    for (const commands of [['multi'], ['multi', 'exec']]) {
      test(`${commands.join(' and ')}: what may have run in parts says so, and later ones are whole [${how}]`, async () => {
        using one = await user(autoPipelining);
        const { map, take } = one;
        await map.swap('a', old);
        await map.swap('a', old);
        await take(...commands);
        expect(await rejection(map.swap('a', long))).toBeInstanceOf(UnknownOutcomeError);
        // What may be repeated comes out right.
        expect(await map.getOrInsert('a', long)).toBe(await map.get('a'));
        expect(await map.swap('a', old)).toBe(await map.get('a').then(() => long));
        await take('hset');
        expect(await rejection(map.swap('a', long))).toMatchObject({ serverCode: 'NOPERM' });
        expect(await map.get('a')).toBe(old);
      });
    }

    test(`a client that becomes a user who may less: nothing is run [${how}]`, async () => {
      using one = await user(autoPipelining);
      const { client, map } = one;
      await ask(server.port, 'ACL', 'SETUSER', 'less', 'reset', 'on', '>pass', '~*', '+@all', '-multi', '-hset');
      await map.swap('a', old);
      await map.swap('a', old);
      await client.auth('less', 'pass');
      expect(await rejection(map.swap('a', long))).toMatchObject({ serverCode: 'NOPERM' });
      await ask(server.port, 'ACL', 'SETUSER', 'less', '+hset');
      expect(await map.swap('a', long)).toBe(old);
    });

    test.each(['exec', 'hset', 'hget'])(`%s: nothing is run [${how}]`, async (command) => {
      using one = await user(autoPipelining);
      const { map, take } = one;
      await map.swap('a', old);
      await map.swap('a', old);
      await take(command);
      const error = await rejection(map.swap('a', long));
      expect(error).toBeInstanceOf(ServerError);
      expect(error).toHaveProperty('serverCode', 'NOPERM');
      await ask(server.port, 'ACL', 'SETUSER', 'some', '+@all');
      expect(await map.get('a')).toBe(old);
    });
  }
});
