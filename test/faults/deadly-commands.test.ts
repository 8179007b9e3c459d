import { afterAll, beforeAll, expect, test } from 'vitest';
import { codec } from '../../src/codec/index.js';
import { RedimapError } from '../../src/errors.js';
import type { FaultProxy } from '../support/fault-proxy.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { ask } from '../support/raw-client.js';
import { clientKinds, codeOf, fieldOf, openScene, text } from './scene.js';
import { describeWithRedis } from '../support/matrix.js';

const MEBIBYTE = 1 << 20;
const big = Buffer.alloc(MEBIBYTE / 2, 1);

/** How many connections there were that commands came over. */
function connectionsOf(proxy: FaultProxy): number {
  return new Set(proxy.commands.map(({ connection }) => connection)).size;
}

async function errorOf(call: Promise<unknown>): Promise<RedimapError | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => error as RedimapError,
  );
}

for (const kind of clientKinds) {
  describeWithRedis(`a command that makes the server close its connection [${kind.name}]`, () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await startRedisServer();
    });
    afterAll(() => server.stop());

    test('by a reply beyond its limit is given up, and says why; the others go on', async () => {
      await using scene = await openScene(kind, { port: server.port, deadline: 60_000 });
      const { me, proxy, direct } = scene;
      const map = me.map('big', { value: codec.bytes });
      for (let i = 0; i < 8; i += 1) await map.set(`${i}`, big);
      await ask(server.port, 'CONFIG', 'SET', 'client-output-buffer-limit', 'normal 1mb 0 0');
      proxy.reset();
      const counter = me.counter('counter');
      let done = false;
      const deadly = errorOf(map.toMap()).finally(() => (done = true));
      const codes: (string | undefined)[] = [];
      while (!done || codes.length < 20) codes.push(await codeOf(counter.increment('n')));
      expect(await deadly).toMatchObject({
        code: 'CONNECTION',
        message: expect.stringMatching(/HGETALL was given up.*client-output-buffer-limit/),
        key: map.key,
      });
      // Two times with what else was under way, and three times without.
      expect(connectionsOf(proxy)).toBeLessThanOrEqual(6);
      const unknown = codes.filter((code) => code === 'UNKNOWN_OUTCOME').length;
      expect(unknown).toBeLessThanOrEqual(2);
      expect(new Set(codes)).toEqual(new Set(unknown > 0 ? [undefined, 'UNKNOWN_OUTCOME'] : [undefined]));
      const succeeded = codes.length - unknown;
      const count = Number(await fieldOf(direct, counter.key, 'n'));
      expect(count).toBeGreaterThanOrEqual(succeeded);
      expect(count).toBeLessThanOrEqual(succeeded + unknown);

      // Whoever tries again harms nobody: it is alone from the start.
      proxy.reset();
      const increments = Array.from({ length: 20 }, () => codeOf(counter.increment('n')));
      const again = errorOf(map.toMap());
      const later = Array.from({ length: 20 }, () => codeOf(counter.increment('n')));
      expect(await again).toMatchObject({ code: 'CONNECTION' });
      expect(new Set(await Promise.all([...increments, ...later]))).toEqual(new Set([undefined]));
      expect(connectionsOf(proxy)).toBeLessThanOrEqual(3);

      // What fits is read, from the same map.
      expect((await map.get('0'))?.byteLength).toBe(big.length);
      await ask(server.port, 'CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 0 0');
      expect((await map.toMap()).size).toBe(8);
      await map.clear();
    });

    test('by a request beyond its limit is given up, and its outcome is unknown', async () => {
      await using scene = await openScene(kind, { port: server.port, deadline: 60_000 });
      const { me, proxy } = scene;
      const map = me.map('map', { value: codec.bytes });
      await map.set('a', Buffer.from('1'));
      const long = Buffer.alloc(4 * MEBIBYTE, 1);
      for (const limit of ['client-query-buffer-limit', 'proto-max-bulk-len']) {
        const [, before] = (await ask(server.port, 'CONFIG', 'GET', limit)) as [Buffer, Buffer];
        await ask(server.port, 'CONFIG', 'SET', limit, `${MEBIBYTE}`);
        proxy.reset();
        const error = await errorOf(map.set('a', long));
        expect(error, limit).toBeInstanceOf(RedimapError);
        // The server says what is wrong with it, if that still arrives.
        expect(String(error)).toMatch(
          limit === 'proto-max-bulk-len' ? /proto-max-bulk-len|invalid bulk length/ : /client-query-buffer-limit/,
        );
        expect(connectionsOf(proxy), limit).toBeLessThanOrEqual(6);
        expect(String(await map.get('a')), limit).toBe('1');
        await ask(server.port, 'CONFIG', 'SET', limit, String(before));
      }
      await map.set('a', long);
      expect((await map.get('a'))?.byteLength).toBe(long.length);
      await map.clear();
    });

    test('while others read: those are read all the same, however many they are', async () => {
      await using scene = await openScene(kind, { port: server.port, deadline: 60_000 });
      const { me } = scene;
      const map = me.map('big', { value: codec.bytes });
      for (let i = 0; i < 8; i += 1) await map.set(`${i}`, big);
      const names = Array.from({ length: 300 }, (_, i) => me.map(`m${i}`, text));
      await Promise.all(names.map((one, i) => one.set('a', `${i}`)));
      await ask(server.port, 'CONFIG', 'SET', 'client-output-buffer-limit', 'normal 1mb 0 0');
      const reads = names.slice(0, 150).map((one) => one.get('a'));
      const deadly = errorOf(map.toMap());
      reads.push(...names.slice(150).map((one) => one.get('a')));
      expect(await Promise.all(reads)).toEqual(names.map((_, i) => `${i}`));
      expect(await deadly).toMatchObject({ code: 'CONNECTION' });
      await ask(server.port, 'CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 0 0');
      await me.clear();
    });
  });
}
