import { describe, expect, test } from 'vitest';
import { RedimapError } from '../../src/errors.js';
import { Namespace } from '../../src/namespace/namespace.js';
import { sync } from '../../src/sync/sync.js';
import { startFakeServer } from '../support/fake-server.js';
import { until, within } from '../support/until.js';
import { clientKinds, describeEachClient, fieldOf, openScene, text } from './scene.js';

const HTTP = 'HTTP/1.1 502 Bad Gateway\r\nServer: proxy\r\n\r\n<html>zq7-marker</html>\r\n';

describeEachClient('a reply that is no RESP', (kind) => {
  test('leaves the outcome of a write unknown, that was carried out, and reads are sent again', async () => {
    await using scene = await openScene(kind);
    const { proxy, me, direct } = scene;
    const counter = me.counter('counter');
    const map = me.map('map', text);
    await map.set('a', '1');
    for (const [i, bytes] of [HTTP, '<html>\r\n', '\r\n', 'xyz'].entries()) {
      const strange = proxy.replaceReplyTo('hincrby', bytes);
      await expect(counter.increment('n'), bytes).rejects.toMatchObject({
        code: 'UNKNOWN_OUTCOME',
        message: expect.stringMatching(/last word/),
      });
      await strange;
      expect(await fieldOf(direct, counter.key, 'n')).toBe(`${i + 1}`);
      const struck = proxy.replaceReplyTo('hget', bytes);
      expect(await map.get('a')).toBe('1');
      await struck;
    }
    const struck = proxy.replaceReplyTo('eval', HTTP);
    await expect(map.swap('a', '2')).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' });
    await struck;
    expect(await map.get('a')).toBe('2');
  });
});

/** Replies by what they are, all of them well-formed. */
const SHAPES: Readonly<Record<string, string>> = {
  nil: '$-1\r\n',
  'nil array': '*-1\r\n',
  integer: ':7\r\n',
  status: '+OK\r\n',
  bytes: '$10\r\nzq7-marker\r\n',
  'empty array': '*0\r\n',
  'array of nil': '*1\r\n$-1\r\n',
  'array of an error': '*2\r\n$1\r\n0\r\n-ERR no\r\n',
  'nested array': '*1\r\n*1\r\n*1\r\n:1\r\n',
  'three items': '*3\r\n$10\r\nzq7-marker\r\n$1\r\nb\r\n$1\r\nc\r\n',
  'a page with an error': '*2\r\n$1\r\n0\r\n*2\r\n$10\r\nzq7-marker\r\n-ERR no\r\n',
  'a page with a nil': '*2\r\n$1\r\n0\r\n*2\r\n$10\r\nzq7-marker\r\n$-1\r\n',
  'a page of three': '*2\r\n$1\r\n0\r\n*3\r\n$10\r\nzq7-marker\r\n$1\r\nb\r\n$1\r\nc\r\n',
  'a page without cursor': '*2\r\n$-1\r\n*0\r\n',
};

const NIL = ['nil', 'nil array'];
const NUMBER = ['integer'];
const BYTES = [...NIL, 'status', 'bytes'];
const ITEMS = ['empty array', 'three items'];
const MEMBERS = [...ITEMS];

async function all(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Calls of all kinds: the name, the shapes that may well be its reply, and what it does. */
function callsOf(me: Namespace): readonly (readonly [string, readonly string[], () => Promise<unknown>])[] {
  const map = me.map('m', text);
  const list = me.list('l', text);
  const deque = me.deque('d', { ...text, maxLength: 5 });
  const set = me.set('s');
  const scores = me.sortedSetCounter('z');
  const counter = me.counter('c');
  const value = me.value('v', text);
  return [
    ['get', BYTES, () => map.get('a')],
    ['gets', [], () => Promise.all([map.get('a'), map.get('b')])],
    ['getMany', ['three items'], () => map.getMany(['a', 'b', 'c'])],
    ['getMany of one', ['array of nil'], () => map.getMany(['a'])],
    ['getMany and get', [], () => Promise.all([map.getMany(['a', 'b', 'c']), map.get('b')])],
    ['has', NUMBER, () => map.has('a')],
    ['hases', [], () => Promise.all([map.has('a'), map.has('b')])],
    ['size', NUMBER, () => map.size],
    ['toMap', ['empty array'], () => map.toMap()],
    ['entries', [], () => all(map.entries())],
    ['keys', [], () => all(map.keys())],
    ['popEntry', BYTES, () => map.popEntry()],
    ['pop', [], () => map.pop('a')],
    ['swap', [], () => map.swap('a', 'b')],
    ['getOrInsert', [], () => map.getOrInsert('a', 'b')],
    ['compareAndSet', NUMBER, () => map.compareAndSet('a', 'b', 'c')],
    ['set', NUMBER, () => map.set('a', 'b')],
    ['sets', NUMBER, () => Promise.all([map.set('a', 'b'), map.set('b', 'c')])],
    ['setMany', NUMBER, () => map.setMany([['a', 'b']])],
    ['clear', NUMBER, () => map.clear()],
    ['reverse', NUMBER, () => list.reverse()],
    ['add', NUMBER, () => set.add('a')],
    ['adds', NUMBER, () => Promise.all([set.add('a'), set.add('b')])],
    ['score set', NUMBER, () => scores.set('a', 1)],
    ['value set', BYTES, () => value.set('a')],
    ['delete', NUMBER, () => map.delete('a')],
    ['deletes', [], () => Promise.all([map.delete('a'), map.delete('b')])],
    ['push', NUMBER, () => list.push('a')],
    ['pushes', NUMBER, () => Promise.all([list.push('a'), list.push('b')])],
    ['shift', BYTES, () => list.shift()],
    ['shifts', [...NIL, 'empty array', 'array of nil'], () => Promise.all([list.shift(), list.shift()])],
    ['at', BYTES, () => list.at(0)],
    ['toArray', ITEMS, () => list.toArray()],
    ['iterate', ITEMS, () => all(list)],
    ['indexOf', [...NIL, ...NUMBER], () => list.indexOf('a')],
    ['length', NUMBER, () => list.length],
    ['splice', ITEMS, () => list.splice(0, 1)],
    ['bounded push', [], () => deque.push('a')],
    ['bounded pushes', [], () => Promise.all([deque.push('a'), deque.push('b')])],
    ['set has', NUMBER, () => set.has('a')],
    ['set hases', [], () => Promise.all([set.has('a'), set.has('b')])],
    ['set size', NUMBER, () => set.size],
    ['toSet', MEMBERS, () => set.toSet()],
    ['set values', ['a page of three'], () => all(set.values())],
    ['set pop', BYTES, () => set.pop()],
    ['set sample', ITEMS, () => set.sample(3)],
    ['union', MEMBERS, () => set.union(me.set('t'))],
    ['score', [...NIL, 'integer'], () => scores.get('a')],
    ['scores', [], () => Promise.all([scores.get('a'), scores.get('b')])],
    ['scores of many', ['array of nil'], () => scores.getMany(['a'])],
    ['score increment', NUMBER, () => scores.increment('a')],
    ['rank', [...NIL, ...NUMBER], () => scores.rank('a')],
    ['scored', ['empty array'], () => scores.items()],
    ['scored entries', [], () => all(scores.entries())],
    ['increment', NUMBER, () => counter.increment('a')],
    ['increments', [], () => Promise.all([counter.increment('a'), counter.increment('b')])],
    ['value get', BYTES, () => value.get()],
    ['value gets', BYTES, () => Promise.all([value.get(), value.get()])],
    ['value swap', BYTES, () => value.swap('a')],
    ['ttl', NUMBER, () => value.ttl()],
    ['peers', ['empty array'], () => me.peers('test')],
    ['sync of a map', [], () => map.sync((local) => local.size)],
    ['sync of two', [], () => sync({ map, list }, ({ map: local }) => local.size)],
  ];
}

for (const kind of clientKinds) {
  describe(`a reply of another shape [${kind.name}]`, () => {
    test('is a typed error that shows no value, whatever was called, and never a missing entry', async () => {
      let shape = '';
      await using server = await startFakeServer({ answer: (name) => (name === 'MULTI' ? '+OK\r\n' : shape) });
      const client = kind.open(server.port);
      client.on('error', () => {});
      try {
        await until(() => client.status === 'ready', { what: 'the client' });
        const me = new Namespace(client, { hostname: 'h', processType: 'test', id: 1, deadline: 20_000 });
        for (const [called, legitimate, call] of callsOf(me)) {
          for (const [title, bytes] of Object.entries(SHAPES)) {
            if (legitimate.includes(title)) continue;
            shape = bytes;
            const context = `${called}: ${title}`;
            const outcome = await within(
              call().then(
                (result) => ({ result }),
                (error: unknown) => error,
              ),
              30_000,
              context,
            );
            expect(outcome, context).toBeInstanceOf(RedimapError);
            const { code, message } = outcome as RedimapError;
            expect(['SERVER', 'UNKNOWN_OUTCOME', 'CODEC', 'CONNECTION'], context).toContain(code);
            expect(message, context).not.toContain('zq7-marker');
          }
        }
        expect(server.accepted).toBe(1);
      } finally {
        client.disconnect();
      }
    });
  });
}
