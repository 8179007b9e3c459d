import { expect, test } from 'vitest';
import type { LRUDict, LRULimits } from '../../src/index.js';
import { codeOf, describeEachClient, fieldOf, openScene, type Scene, text, unhandledDuring } from '../faults/scene.js';
import { until } from '../support/until.js';

const open = ({ me }: Scene, limits: LRULimits = {}): LRUDict<string, string> => me.lru('dict', { ...text, ...limits });
/** As another process would. */
const setDirectly = ({ direct }: Scene, { key }: { key: string }, field: string, value: string) =>
  direct.send('HSET', key, field, value);

describeEachClient('LRUDict: what fails', (kind) => {
  const REFUSED = 'OOM command not allowed when used memory > maxmemory';

  test('a set that is refused leaves nothing here', async () => {
    await using scene = await openScene(kind);
    const dict = open(scene);
    await dict.set('a', '1');
    const refused = scene.proxy.replyOnce('hset', REFUSED);
    expect(await codeOf(dict.set('a', '2'))).toBe('SERVER');
    await refused;
    expect(dict.peek('a')).toBeUndefined();
    expect(await dict.get('a')).toBe('1');
  });

  test('a get that fails is nothing that is held, and the next one asks again', async () => {
    await using scene = await openScene(kind);
    const dict = open(scene);
    await setDirectly(scene, dict, 'a', '1');
    const refused = scene.proxy.replyOnce('hget', 'NOPERM no');
    expect(await Promise.all([dict.get('a'), dict.get('a')].map(codeOf))).toEqual(['SERVER', 'SERVER']);
    await refused;
    expect(await dict.get('a')).toBe('1');
  });

  test('an eviction that is refused stays here, and the next flush tries again', async () => {
    await using scene = await openScene(kind);
    const { proxy, direct } = scene;
    const dict = open(scene, { write: 'back', maxSize: 1 });
    const unhandled = await unhandledDuring(async () => {
      const refused = proxy.replyOnce('hset', REFUSED);
      await dict.set('a', '1');
      await dict.set('b', '2');
      await refused;
      await dict.get('x');
      expect(dict.peek('a')).toBe('1');
      expect(await dict.size).toBe(2);
      const again = proxy.replyOnce('hset', REFUSED, { times: 1 });
      expect(await codeOf(dict.flush())).toBe('SERVER');
      await again;
      expect(await dict.get('a')).toBe('1');
      await dict.flush();
    });
    expect(unhandled).toEqual([]);
    expect([await fieldOf(direct, dict.key, 'a'), await fieldOf(direct, dict.key, 'b')]).toEqual(['1', '2']);
  });

  test('a removal that is refused has changed nothing', async () => {
    await using scene = await openScene(kind);
    const { proxy, direct } = scene;
    for (const [name, remove] of [
      ['hdel', (dict: LRUDict<string, string>) => Promise.all([dict.delete('a'), dict.delete('b')])],
      ['unlink', (dict: LRUDict<string, string>) => dict.clear()],
    ] as const) {
      for (const limits of [{}, { maxSize: 1 }]) {
        const dict = open(scene, { write: 'back', ...limits });
        await setDirectly(scene, dict, 'a', '0');
        const evicting = limits.maxSize === undefined ? undefined : proxy.replyOnce('hset', REFUSED);
        await dict.set('a', '1');
        await dict.set('b', '2');
        await evicting;
        await dict.get('x');
        const refused = proxy.replyOnce(name === 'hdel' ? 'eval' : name, 'NOPERM no');
        expect(await codeOf(remove(dict))).toBe('SERVER');
        await refused;
        expect([dict.peek('a'), dict.peek('b')], name).toEqual(['1', '2']);
        await dict.flush();
        expect([await fieldOf(direct, dict.key, 'a'), await fieldOf(direct, dict.key, 'b')]).toEqual(['1', '2']);
        await dict.clear();
      }
    }
  });

  test('a write that is refused stays, though an earlier one of its key goes through', async () => {
    await using scene = await openScene(kind);
    const { proxy, direct } = scene;
    const dict = open(scene, { write: 'back', maxSize: 1 });
    const held = proxy.holdReplyTo('hset');
    await dict.set('a', '1');
    await dict.set('b', '1');
    await held.reached;
    const refused = proxy.replyOnce('hset', REFUSED, { arg: '2' });
    await dict.set('a', '2');
    await dict.set('c', '1');
    held.release();
    await refused;
    await dict.has('x');
    expect(await fieldOf(direct, dict.key, 'a')).toBe('1');
    expect(dict.peek('a')).toBe('2');
    await dict.flush();
    expect(await fieldOf(direct, dict.key, 'a')).toBe('2');
  });

  test('a write that is refused and was for nothing is no concern of the flush', async () => {
    await using scene = await openScene(kind);
    const dict = open(scene, { write: 'back' });
    await dict.set('a', '1');
    const refused = scene.proxy.replyOnce('hset', REFUSED);
    const flushing = dict.flush();
    const removal = dict.delete('a');
    await refused;
    await flushing;
    expect(await removal).toBe(true);
    await dict.flush();
    expect(await dict.size).toBe(0);
  });

  test('what a get finds during a removal that is refused does not hide what was unsaved', async () => {
    await using scene = await openScene(kind);
    const { proxy, direct } = scene;
    const dict = open(scene, { write: 'back' });
    await setDirectly(scene, dict, 'a', '0');
    await dict.set('a', '1');
    const refused = proxy.replyOnce('hdel', 'NOPERM no');
    const held = proxy.holdReplyTo('hget');
    const removal = codeOf(dict.delete('a'));
    const get = dict.get('a');
    await refused;
    expect(await removal).toBe('SERVER');
    held.release();
    expect(await get).toBe('0');
    expect(dict.peek('a')).toBe('1');
    await dict.flush();
    expect(await fieldOf(direct, dict.key, 'a')).toBe('1');
  });

  test('a removal that is refused does not undo what was set since', async () => {
    await using scene = await openScene(kind);
    const { proxy, direct } = scene;
    const dict = open(scene, { write: 'back' });
    await dict.set('a', '1');
    await dict.set('b', '1');
    const refused = proxy.replyOnce('unlink', 'NOPERM no');
    const clearing = codeOf(dict.clear());
    await dict.set('a', '2');
    expect(await clearing).toBe('SERVER');
    await refused;
    await dict.flush();
    expect([await fieldOf(direct, dict.key, 'a'), await fieldOf(direct, dict.key, 'b')]).toEqual(['2', '1']);
  });

  test('a server that is away during a flush costs nothing but time', async () => {
    await using scene = await openScene(kind, { deadline: 200 });
    const { proxy, direct } = scene;
    const dict = open(scene, { write: 'back', maxSize: 5 });
    const unhandled = await unhandledDuring(async () => {
      for (let i = 0; i < 5; i += 1) await dict.set(`k${i}`, `${i}`);
      proxy.refuse();
      expect(['CONNECTION', 'UNKNOWN_OUTCOME']).toContain(await codeOf(dict.flush()));
      for (let i = 5; i < 10; i += 1) await dict.set(`k${i}`, `${i}`);
      expect(['CONNECTION', 'UNKNOWN_OUTCOME']).toContain(await codeOf(dict[Symbol.asyncDispose]()));
      for (let i = 0; i < 10; i += 1) expect(await dict.get(`k${i}`)).toBe(`${i}`);
      await proxy.accept();
      await until(async () => (await codeOf(dict.flush())) === undefined);
    });
    expect(unhandled).toEqual([]);
    for (let i = 0; i < 10; i += 1) expect(await fieldOf(direct, dict.key, `k${i}`)).toBe(`${i}`);
    await dict[Symbol.asyncDispose]();
    expect(() => dict.peek('x')).toThrow(ReferenceError);
  });

  test('a connection that is cut before the reply to a flush makes no difference', async () => {
    await using scene = await openScene(kind);
    const dict = open(scene, { write: 'back' });
    await dict.set('a', '1');
    const cut = scene.proxy.dropReplyTo('hset');
    await dict.flush();
    await cut;
    expect(await fieldOf(scene.direct, dict.key, 'a')).toBe('1');
  });

  test('the end of the scope says what could not be saved', async () => {
    await using scene = await openScene(kind);
    const { proxy } = scene;
    let dict: LRUDict<string, string> | undefined;
    const scope = async () => {
      await using scoped = open(scene, { write: 'back' });
      dict = scoped;
      await scoped.set('a', '1');
      void proxy.replyOnce('hset', REFUSED);
    };
    expect(await codeOf(scope())).toBe('SERVER');
    expect(dict?.peek('a')).toBe('1');
    await dict?.[Symbol.asyncDispose]();
    expect(await fieldOf(scene.direct, dict?.key ?? '', 'a')).toBe('1');
  });

  test('a flush of the timer that fails is made up for by the next', async () => {
    await using scene = await openScene(kind);
    const dict = open(scene, { write: 'back', flushInterval: 5 });
    const unhandled = await unhandledDuring(async () => {
      const refused = scene.proxy.replyOnce('hset', REFUSED, { times: 3 });
      await dict.set('a', '1');
      await refused;
      await until(async () => (await fieldOf(scene.direct, dict.key, 'a')) === '1');
    });
    expect(unhandled).toEqual([]);
    await dict[Symbol.asyncDispose]();
  });
});
