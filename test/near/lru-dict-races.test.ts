import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { LRUDict, LRULimits } from '../../src/index.js';
import { describeEachClient, fieldOf, openScene, type Scene, text } from '../faults/scene.js';

const open = ({ me }: Scene, limits: LRULimits = {}): LRUDict<string, string> => me.lru('dict', { ...text, ...limits });
/** As another process would. */
const setDirectly = ({ direct }: Scene, { key }: { key: string }, field: string, value: string) =>
  direct.send('HSET', key, field, value);

describeEachClient('LRUDict: what happens while a reply is on its way', (kind) => {
  test('gets of one key share one command, in whichever tick they are called', async () => {
    await using scene = await openScene(kind);
    const { proxy } = scene;
    const dict = open(scene);
    await setDirectly(scene, dict, 'a', '1');
    const held = proxy.holdReplyTo('hget');
    const gets = [dict.get('a'), dict.get('a')];
    await held.reached;
    gets.push(dict.get('a'));
    await nextTurn();
    gets.push(dict.get('a'));
    held.release();
    expect(await Promise.all(gets)).toEqual(['1', '1', '1', '1']);
    expect(proxy.count('hget') + proxy.count('hmget')).toBe(1);
    expect(dict.peek('a')).toBe('1');
  });

  type Change = (dict: LRUDict<string, string>) => Promise<unknown>;
  const changes: [what: string, change: Change, after: string | undefined][] = [
    ['set', (dict) => dict.set('a', '2'), '2'],
    ['setMany', (dict) => dict.setMany({ a: '2', b: '2' }), '2'],
    ['delete', (dict) => dict.delete('a'), undefined],
    ['clear', (dict) => dict.clear(), undefined],
    ['delete and getOrInsert', (dict) => Promise.all([dict.delete('a'), dict.getOrInsert('a', '2')]), '2'],
  ];
  const refreshes: [what: string, refresh: (dict: LRUDict<string, string>) => void][] = [
    ['all', (dict) => dict.refresh()],
    ['the key', (dict) => dict.refresh(['a'])],
  ];
  describe.each(['through', 'back'] as const)('written %s', (write) => {
    test.each(changes)('what a get finds before %s is not held', async (_, change, after) => {
      await using scene = await openScene(kind);
      const dict = open(scene, { write });
      await setDirectly(scene, dict, 'a', '1');
      const held = scene.proxy.holdReplyTo('hget');
      const early = dict.get('a');
      await held.reached;
      const changing = change(dict);
      held.release();
      expect(await early).toBe('1');
      await changing;
      expect(dict.peek('a')).toBe(after);
      expect(await dict.get('a')).toBe(after);
    });

    test.each(refreshes)('what a get finds before a refresh of %s is not held', async (_, refresh) => {
      await using scene = await openScene(kind);
      const dict = open(scene, { write });
      await setDirectly(scene, dict, 'a', '1');
      const held = scene.proxy.holdReplyTo('hget');
      const early = dict.get('a');
      await held.reached;
      await setDirectly(scene, dict, 'a', '2');
      refresh(dict);
      const late = dict.get('a');
      held.release();
      expect(await Promise.all([early, late])).toEqual(['1', '2']);
      expect(dict.peek('a')).toBe('2');
    });
  });

  test('where nothing is held, what a get finds is not older than the get', async () => {
    await using scene = await openScene(kind);
    const dict = open(scene, { maxSize: 0 });
    await setDirectly(scene, dict, 'a', '1');
    const held = scene.proxy.holdReplyTo('hget');
    const early = dict.get('a');
    await held.reached;
    await setDirectly(scene, dict, 'a', '2');
    const late = dict.get('a');
    held.release();
    expect(await Promise.all([early, late])).toEqual(['1', '2']);
  });

  test('of two sets on their way the later one is held', async () => {
    await using scene = await openScene(kind);
    const dict = open(scene);
    const held = scene.proxy.holdReplyTo('hset');
    const first = dict.set('a', '1');
    await held.reached;
    const second = dict.set('a', '2');
    const get = dict.get('a');
    expect(dict.peek('a')).toBeUndefined();
    held.release();
    expect(await get).toBe('2');
    await Promise.all([first, second]);
    expect(dict.peek('a')).toBe('2');
    await dict.set('b', '1');
    expect(dict.peek('b')).toBe('1');
  });

  test('an evicted write is read here until Redis has it', async () => {
    await using scene = await openScene(kind);
    const { proxy, direct } = scene;
    const dict = open(scene, { write: 'back', maxSize: 1 });
    const held = proxy.holdReplyTo('hset');
    await dict.set('a', '1');
    await dict.set('b', '2');
    await held.reached;
    expect(dict.peek('a')).toBe('1');
    expect(await dict.has('a')).toBe(true);
    expect(await dict.get('a')).toBe('1');
    expect(await dict.get('b')).toBe('2');
    expect(proxy.count('hget') + proxy.count('hexists')).toBe(0);
    const size = dict.size;
    held.release();
    expect(await size).toBe(2);
    await dict.flush();
    expect([await fieldOf(direct, dict.key, 'a'), await fieldOf(direct, dict.key, 'b')]).toEqual(['1', '2']);
    expect(await dict.size).toBe(2);
  });

  const removals: [string, (dict: LRUDict<string, string>) => Promise<unknown>][] = [
    ['delete', (dict) => dict.delete('a')],
    ['clear', (dict) => dict.clear()],
  ];
  test.each(removals)('%s during a flush, and during an eviction, ends with nothing', async (_, remove) => {
    await using scene = await openScene(kind);
    const { proxy, direct } = scene;
    for (const start of [
      (dict: LRUDict<string, string>) => dict.flush(),
      (dict: LRUDict<string, string>) => dict.get('z').then(() => dict.flush()),
    ]) {
      const dict = open(scene, { write: 'back', maxSize: 1 });
      await setDirectly(scene, dict, 'z', '0');
      await dict.set('a', '1');
      const held = proxy.holdReplyTo('hset');
      const saving = start(dict);
      await held.reached;
      const removal = remove(dict);
      expect(dict.peek('a')).toBeUndefined();
      const get = dict.get('a');
      held.release();
      await Promise.all([saving, removal]);
      expect(await get).toBeUndefined();
      await dict.flush();
      expect(await fieldOf(direct, dict.key, 'a')).toBeNull();
    }
  });

  test('a set during a flush is saved by the next one', async () => {
    await using scene = await openScene(kind);
    const { proxy, direct } = scene;
    const dict = open(scene, { write: 'back' });
    await dict.set('a', '1');
    const held = proxy.holdReplyTo('hset');
    const first = dict.flush();
    await held.reached;
    await dict.set('a', '2');
    const size = dict.size;
    held.release();
    await first;
    expect(await size).toBe(1);
    expect(await fieldOf(direct, dict.key, 'a')).toBe('1');
    expect(dict.peek('a')).toBe('2');
    await dict.flush();
    expect(await fieldOf(direct, dict.key, 'a')).toBe('2');
    expect(proxy.count('hset')).toBe(2);
  });
});
