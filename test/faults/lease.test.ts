import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Lease, LeaseLostError, Namespace, UnknownOutcomeError } from '../../src/index.js';
import { describeWithRedis } from '../support/matrix.js';
import { startRedisServer } from '../support/redis-server.js';
import { until } from '../support/until.js';
import { rejection } from '../contract/subject.js';
import { clientKinds, type ClientKind, openScene, type Scene } from './scene.js';

const [, ioredis] = clientKinds as [ClientKind, ClientKind];

describeWithRedis('a lease over a connection that breaks', () => {
  let scene: Scene;
  let other: Scene;
  let lease: Lease;
  let elsewhere: Lease;
  beforeEach(async () => {
    [scene, other] = await Promise.all([openScene(ioredis), openScene(ioredis)]);
    lease = scene.me.lease('writer');
    // The same lease, over a client that nothing befalls.
    elsewhere = new Namespace(other.client, scene.me).lease('writer');
  });
  afterEach(async () => {
    await other[Symbol.asyncDispose]();
    await scene[Symbol.asyncDispose]();
  });

  const about = () => ({ arg: lease.key });
  const scripts = () => scene.proxy.commands.filter(({ name, args }) => name === 'EVAL' && includes(args, lease.key));

  test('a grant of which the reply is lost is asked for again, and is the same', async () => {
    const lost = scene.proxy.dropReplyTo('EVAL', about());
    await using held = await lease.acquire();
    await lost;
    expect(scripts().length).toBe(2);
    expect((await elsewhere.holder())?.token).toBe(held.token);
    expect(String(await scene.direct.send('GET', `{${lease.key}}token`))).toContain(String(held.token));
  });

  test('a renewal of which the reply is lost is made again', async () => {
    const short = scene.me.lease('writer', { ttl: 600 });
    await using held = await short.acquire();
    scene.proxy.reset();
    await scene.proxy.dropReplyTo('EVAL', about());
    const before = scripts().length;
    await until(() => scripts().length >= before + 2, { what: 'the next renewals' });
    expect(held.signal.aborted).toBe(false);
    expect((await elsewhere.holder())?.token).toBe(held.token);
  });

  test.each(['nobody', 'another'])('a release of which the reply is lost was one, and goes on to %s', async (next) => {
    const held = await lease.acquire();
    const turn = next === 'nobody' ? undefined : elsewhere.acquire();
    if (turn !== undefined) await queued(1);
    const lost = scene.proxy.dropReplyTo('EVAL', about());
    expect(await held.release()).toBe(true);
    await lost;
    const after = await turn;
    expect((await elsewhere.holder())?.token).toBe(after?.token);
    await after?.release();
  });

  test('a waiter is served, though its connections are cut while it waits', async () => {
    const held = await elsewhere.acquire();
    const turn = lease.acquire();
    await until(() => scene.me.link.mode === 'tracking', { what: 'the watch' });
    expect(scene.proxy.cutAll()).toBeGreaterThan(1);
    await held.release();
    await using next = await turn;
    expect(next.token).toBeGreaterThan(held.token);
  });

  test('a grant that nobody knows of is given back as soon as that is possible', async () => {
    const impatient = new Namespace(scene.client, { ...scene.me, deadline: 200 }).lease('writer', { ttl: 60_000 });
    const held = scene.proxy.holdReplyTo('EVAL', about());
    const outcome = rejection(impatient.acquire());
    await held.reached;
    expect(await elsewhere.holder()).toBeDefined();
    expect(await outcome).toBeInstanceOf(UnknownOutcomeError);
    held.release();
    await until(async () => (await elsewhere.holder()) === undefined, { what: 'the lease to be free' });
  });

  test('an owner without a connection has lost it when the server may have ended it, though no timer has run', async () => {
    const begun = performance.now();
    const held = await scene.me.lease('writer', { ttl: 500 }).acquire();
    scene.proxy.refuse();
    expect(held.signal.aborted).toBe(false);
    while (performance.now() < begun + 500);
    expect(held.remaining).toBe(0);
    expect(held.signal.aborted).toBe(true);
    expect(held.signal.reason).toBeInstanceOf(LeaseLostError);
    await scene.proxy.accept();
    expect(await held.release()).toBe(false);
  });

  test('an owner without a connection is told, and gives back what the server still keeps for it', async () => {
    const held = await scene.me.lease('writer', { ttl: 500 }).acquire();
    scene.proxy.refuse();
    await until(() => held.signal.aborted, { what: 'the loss' });
    expect(held.signal.reason).toBeInstanceOf(LeaseLostError);
    await scene.proxy.accept();
    await using next = await elsewhere.acquire();
    expect(next.token).toBeGreaterThan(held.token);
  });

  test('the next one asks once after a release, and waits for no other reply: a hand-over takes two round trips', async () => {
    const held = await elsewhere.acquire();
    const turn = lease.acquire();
    // It asks, and once more when its watch stands.
    await until(() => scripts().length === 2, { what: 'the second look' });
    const granted = `{${lease.key}}token`;
    await until(() => scene.proxy.commands.some(({ name, args }) => name === 'EXISTS' && includes(args, granted)));
    scene.proxy.reset();
    // The request for notices of later changes has no reply yet.
    const again = scene.proxy.holdReplyTo('EXISTS', { arg: granted });
    await held.release();
    await using next = await turn;
    await again.reached;
    expect(next.token).toBeGreaterThan(held.token);
    expect(scene.proxy.commands.map(({ name }) => name).toSorted()).toEqual(['EVAL', 'EXISTS']);
    again.release();
  });

  function queued(count: number): Promise<unknown> {
    const waiters = `{${lease.key}}waiters`;
    return until(async () => Number(await scene.direct.send('ZCARD', waiters)) === count, { what: `${count} to wait` });
  }
});

describeWithRedis('a lease on a server that restarts without its data', () => {
  test('is lost, and the next token is greater all the same', async () => {
    await using server = await startRedisServer();
    await using scene = await openScene(ioredis, { port: server.port });
    const lease = scene.me.lease('writer', { ttl: 1_000 });
    const held = await lease.acquire();
    await server.restart();
    await until(() => held.signal.aborted, { what: 'the loss' });
    await using next = await lease.acquire();
    expect(next.token).toBeGreaterThan(held.token);
  });
});

function includes(args: readonly Buffer[], text: string): boolean {
  return args.some((arg) => String(arg) === text);
}
