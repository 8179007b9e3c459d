import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { codec } from '../../src/codec/index.js';
import { RedimapError } from '../../src/errors.js';
import { ask } from '../support/raw-client.js';
import { startRedisServer } from '../support/redis-server.js';
import { until } from '../support/until.js';
import { describeEachClient, openScene, type Scene, text } from './scene.js';

/** Stands for a value that must not get out. */
const MARKER = 'zq7-marker';
const big = MARKER.repeat(20);

/** Everything that an error would show to somebody who prints or logs it, its chain of causes included. */
function everything(error: unknown): string {
  const seen = new Set<unknown>();
  const parts: string[] = [];
  for (let one = error; one instanceof Error && !seen.has(one); one = one.cause) {
    seen.add(one);
    parts.push(inspect(one, { depth: 10, showHidden: true, maxStringLength: null, maxArrayLength: null }));
    parts.push(String(one), String(one.stack), JSON.stringify(one));
    parts.push(JSON.stringify(Object.getOwnPropertyNames(one).map((name) => String((one as never)[name]))));
  }
  return parts.join('\n');
}

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function expectNoValue(call: Promise<unknown>, code: string): Promise<void> {
  const error = await errorOf(call);
  expect(error).toBeInstanceOf(RedimapError);
  expect((error as RedimapError).code).toBe(code);
  const shown = everything(error);
  expect(shown).not.toContain(MARKER);
  // As inspect shows the bytes of a Buffer.
  expect(shown).not.toContain(
    Buffer.from(MARKER)
      .toString('hex')
      .replaceAll(/(..)(?!$)/g, '$1 '),
  );
}

/** Calls of all shapes that carry the marker: as a value, in a script, in a transaction. */
function callsWithValues({ me }: Pick<Scene, 'me'>): (() => Promise<unknown>)[] {
  const map = me.map('map', text);
  const list = me.list('list', text);
  return [
    () => map.set('a', big),
    () => map.getOrInsert('a', big),
    () => map.swap('a', big),
    () => map.compareAndSet('a', undefined, big),
    () => list.push(big),
    () => list.splice(0, 0, big),
    () => me.value('value', text).set(big),
    () => me.value('value', text).swap(big),
  ];
}

describeEachClient('errors hold no values', (kind) => {
  test('of the wrong type', async () => {
    await using scene = await openScene(kind);
    const { me } = scene;
    await me.value('map', text).set(big);
    await me.map('list', text).set('a', big);
    await me.list('value', text).push(big);
    await expectNoValue(me.map('map', text).set('a', big), 'WRONG_TYPE');
    await expectNoValue(me.map('map', text).swap('a', big), 'WRONG_TYPE');
    await expectNoValue(me.map('map', text).compareAndSet('a', big, big), 'WRONG_TYPE');
    await expectNoValue(me.list('list', text).push(big), 'WRONG_TYPE');
    await expectNoValue(me.list('list', text).splice(0, 1, big), 'WRONG_TYPE');
    await expectNoValue(me.value('value', text).swap(big), 'WRONG_TYPE');
  });

  test('of the codec, on the way in and out', async () => {
    await using scene = await openScene(kind);
    const { me } = scene;
    await me.map('map', text).set('a', big);
    await me.list('list', text).push(big);
    await me.map('json', text).set('a', `{"x": ${big}`);
    for (const value of [codec.int, codec.bool, codec.float, codec.auto, codec.ndarray('float64')]) {
      await expectNoValue(me.map<unknown>('map', { value: value }).get('a'), 'CODEC');
      await expectNoValue(me.map<unknown>('map', { value: value }).toMap(), 'CODEC');
      await expectNoValue(me.list<unknown>('list', { value: value }).toArray(), 'CODEC');
    }
    await expectNoValue(me.map('json', { value: codec.json }).get('a'), 'CODEC');
    await expectNoValue(me.map<unknown>('map', { value: codec.int }).set('a', big), 'CODEC');
    await expectNoValue(me.map<unknown>('map').set('a', { x: [big, () => big] }), 'CODEC');
    const own = {
      encode: (value: string) => Buffer.from(value),
      decode: (bytes: Buffer): string => {
        throw new Error(`cannot read ${String(bytes)}`);
      },
    };
    await expectNoValue(me.map('map', { value: own }).get('a'), 'CODEC');
  });

  test('of an outage', async () => {
    await using scene = await openScene(kind, { deadline: 100, redis: { retryStrategy: () => 20 } });
    const { proxy, client, patient } = scene;
    for (const call of callsWithValues(scene)) {
      await until(() => client.status === 'ready', { what: 'the client' });
      proxy.pause();
      const lost = await errorOf(call());
      expect(lost).toBeInstanceOf(RedimapError);
      expect(everything(lost)).not.toContain(MARKER);
      proxy.refuse();
      proxy.resume();
      await until(() => client.status !== 'ready', { what: 'the client to notice' });
      const down = await errorOf(call());
      expect(down).toMatchObject({ code: 'CONNECTION' });
      expect(everything(down)).not.toContain(MARKER);
      await proxy.accept();
    }
    await until(() => client.status === 'ready', { what: 'the client' });
    const patiently = callsWithValues({ me: patient });
    for (const [name, call] of [
      ['rpush', patiently[4]],
      ['eval', patiently[3]],
      ['eval', patiently[2]],
    ] as const) {
      const cut = proxy.dropReplyTo(name);
      await expectNoValue(call!(), 'UNKNOWN_OUTCOME');
      await cut;
      await until(() => client.status === 'ready', { what: 'the client' });
    }
  });

  test('of a server that refuses: out of memory, no permission, unknown commands', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(kind, { port: server.port });
    await scene.me.map('map', text).get('a');
    await ask(server.port, 'CONFIG', 'SET', 'maxmemory', '1');
    for (const call of callsWithValues(scene)) await expectNoValue(call(), 'SERVER');
    expect(await errorOf(scene.me.list('l', text).push(big))).toMatchObject({ serverCode: 'OOM' });
    await ask(server.port, 'CONFIG', 'SET', 'maxmemory', '0');

    const restrict = ['+@all', '-hset', '-hsetnx', '-rpush', '-eval', '-set'];
    for (const rule of restrict) await scene.direct.send('ACL', 'SETUSER', 'default', rule);
    for (const call of callsWithValues(scene)) await expectNoValue(call(), 'SERVER');
    expect(await errorOf(scene.me.list('l', text).push(big))).toMatchObject({ serverCode: 'NOPERM' });
    await scene.direct.send('ACL', 'SETUSER', 'default', '+@all');
  });

  test('of replies that quote the command', async () => {
    await using scene = await openScene(kind);
    const quotes = [
      `ERR unknown command 'HSET', with args beginning with: 'key' 'a' '${big}' `,
      `ERR unknown command \`HSET\`, with args beginning with: \`key\`, \`a\`, \`${big}\`, `,
    ];
    for (const reply of quotes) {
      const struck = scene.proxy.replyOnce('hset', reply);
      await expectNoValue(scene.me.map('map', text).set('a', big), 'SERVER');
      await struck;
    }
  });
});
