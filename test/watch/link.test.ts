import { describe, expect, test } from 'vitest';
import { contextOf } from '../../src/collections/context.js';
import type { Link, Notice } from '../../src/collections/link.js';
import { connect, Namespace } from '../../src/index.js';
import { describeEachBackend, useBackend } from '../support/matrix.js';
import { until } from '../support/until.js';

describeEachBackend('the link', {}, (backend) => {
  const session = useBackend(backend);
  const open = (): { me: Namespace; link: Link; key: string } => {
    const me = new Namespace(session.client, { hostname: session.host, processType: 'test', id: 1 });
    return { me, link: contextOf(me).link, key: me.value('v').key };
  };

  test('tells of a change of a watched key, and is idle while nothing is watched', async () => {
    const { me, link, key } = open();
    expect(me.link.mode).toBe('idle');
    const notices: Notice[] = [];
    const watching = await link.watch(key, (notice) => notices.push(notice));
    expect(me.link.mode).not.toBe('idle');
    const before = notices.length;
    await me.value('v').set(1);
    await until(() => notices.length > before);
    watching[Symbol.dispose]();
    expect(me.link.mode).toBe('idle');
    await me.value('v').delete();
  });

  test('tells no listener that was disposed, though others watch the key', async () => {
    const { me, link, key } = open();
    let [first, second, disposed] = [0, 0, false];
    const one = await link.watch(key, () => {
      expect(disposed).toBe(false);
      first += 1;
    });
    const other = await link.watch(key, () => (second += 1));
    await me.value('v').set(1);
    await until(() => first > 0 && second > 0);
    one[Symbol.dispose]();
    disposed = true;
    const before = second;
    await me.value('v').delete();
    await until(() => second > before);
    other[Symbol.dispose]();
  });

  test('is one for all namespaces of a client', () => {
    expect(open().link).toBe(open().link);
  });
});

describe('the link of a client that was closed', () => {
  test('tells once more, and watches nothing new', async () => {
    const client = connect('memory:');
    const me = new Namespace(client, { hostname: 'h', processType: 'link', id: 1 });
    const { link } = contextOf(me);
    const notices: Notice[] = [];
    await link.watch(me.value('v').key, (notice) => notices.push(notice));
    await client.quit();
    await until(() => notices.length > 0);
    expect(me.link.mode).toBe('idle');
    await expect(link.watch(me.value('v').key, () => {})).rejects.toMatchObject({ code: 'CONNECTION' });
  });

  test('rejects with the reason of a signal that is aborted', async () => {
    const me = new Namespace(connect('memory:'), { hostname: 'h', processType: 'link', id: 2 });
    const reason = new Error('enough');
    const watching = contextOf(me).link.watch(me.value('v').key, () => {}, { signal: AbortSignal.abort(reason) });
    await expect(watching).rejects.toBe(reason);
    expect(me.link.mode).toBe('idle');
  });
});
