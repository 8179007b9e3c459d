import { expect, test } from 'vitest';
import { ask } from '../support/raw-client.js';
import { startRedisServer } from '../support/redis-server.js';
import { within } from '../support/until.js';
import { describeEachClient, openScene, text } from './scene.js';

/** What comes after a step that cannot be undone never costs its result. */
describeEachClient('an item that was handed out, of a list with a lifetime,', (kind) => {
  const options = { ...text, ttl: 60_000 };

  test('is returned where the lifetime is refused, or its reply is lost', async () => {
    await using scene = await openScene(kind);
    const list = scene.me.list('l', options);
    await list.push('a', 'b', 'c', 'd', 'e');
    scene.proxy.replyOnce('pexpire', 'OOM no').catch(() => {});
    scene.proxy.replyOnce('eval', 'OOM no').catch(() => {});
    expect(await within(list.take(), 20_000, 'the first item')).toBe('a');
    expect(await within(list.take({ timeout: 60_000 }), 20_000, 'the second item')).toBe('b');
    scene.proxy.reset();
    scene.proxy.dropReplyTo('pexpire').catch(() => {});
    scene.proxy.dropReplyTo('eval').catch(() => {});
    expect(await within(list.take(), 20_000, 'the third item')).toBe('c');
    scene.proxy.reset();
    expect(await within(list.take(), 20_000, 'the fourth item')).toBe('d');
    expect(await list.toArray()).toEqual(['e']);
  });

  test('has given the list its lifetime anew when it is returned', async () => {
    await using scene = await openScene(kind);
    const list = scene.me.list('l', options);
    await list.push('a', 'b');
    await list.expire(1_000_000);
    expect(await list.take()).toBe('a');
    // The same connection, so that it comes after what was sent behind the first take.
    await scene.me.list('l', text).push('c');
    expect(await list.take()).toBe('b');
    const left = await list.ttl();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);
  });

  test('has given both lists their lifetimes anew when it is moved', async () => {
    await using scene = await openScene(kind);
    const { me } = scene;
    const [from, to] = [me.list('from', options), me.list('to', { ...options, data: ['z'], ifExists: 'replace' })];
    await me.list('from', text).push('a', 'b');
    // The other list is not awaited: the item comes after its initial data.
    expect(await from.moveTo(to)).toBe('a');
    for (const list of [from, to]) {
      expect(await list.ttl()).toBeGreaterThan(0);
      await list.persist();
    }
    expect(await from.moveTo(me.list('to', text))).toBe('b');
    expect([await from.ttl(), await to.ttl()]).toEqual([undefined, null]);
    expect(await to.toArray()).toEqual(['z', 'a', 'b']);
  });

  test('stays where it is if the user may give no lifetimes, or is returned where nothing could tell before', async () => {
    await using server = await startRedisServer();
    await ask(server.port, 'ACL', 'SETUSER', 'one', 'on', '>one', '~*', '+@all', '-pexpire');
    await using scene = await openScene(kind, { port: server.port, redis: { username: 'one', password: 'one' } });
    const { me } = scene;
    const list = me.list('l', options);
    await me.list('l', text).push('a', 'b', 'c');
    const map = me.map('m', { ...text, ttl: 60_000 });
    await me.map('m', text).set('k', 'v');
    const set = me.set('s', { ttl: 60_000 });
    await me.set('s').add('x');
    const value = me.value('v', { ...text, ttl: 60_000 });
    await me.value('v', text).set('old');
    const calls: readonly (() => Promise<unknown>)[] = [
      () => list.shift(),
      () => list.pop(),
      () => list.take({ timeout: 0 }),
      () => list.moveTo(me.list('other', options)),
      () => map.swap('k', 'w'),
      () => map.pop('k'),
      () => set.pop(),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'SERVER', serverCode: 'NOPERM' });
    expect(await list.toArray()).toEqual(['a', 'b', 'c']);
    expect(await me.list('other', text).toArray()).toEqual([]);
    expect([await map.get('k'), await set.has('x')]).toEqual(['v', true]);
    // SET gives the lifetime itself, and BLPOP takes no script with it.
    expect(await value.swap('new')).toBe('old');
    expect(await list.take()).toBe('a');
  });

  test('and where a lifetime is kept that may not be given, nothing is done', async () => {
    await using server = await startRedisServer();
    await ask(server.port, 'ACL', 'SETUSER', 'one', 'on', '>one', '~*', '+@all', '-pexpire');
    await using scene = await openScene(kind, { port: server.port, redis: { username: 'one', password: 'one' } });
    const list = scene.me.list('l', text);
    await list.push('b', 'a', 'c');
    await ask(server.port, 'PEXPIRE', list.key, 1_000_000);
    const refused = { code: 'SERVER', serverCode: 'NOPERM' };
    await expect(list.splice(0, 2)).rejects.toMatchObject(refused);
    await expect(list.sort()).rejects.toMatchObject(refused);
    const made = scene.me.list('made', { ...options, data: ['x'] });
    await expect(made.ready).rejects.toMatchObject(refused);
    expect(await list.toArray()).toEqual(['b', 'a', 'c']);
    expect(await scene.me.list('made', text).toArray()).toEqual([]);
  });
});
