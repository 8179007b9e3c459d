import { describe, expect, test } from 'vitest';
import { messages } from './compile.js';

const START = `import { codec, keyCodec, Namespace, RedisCounter } from 'redimap';
import type { AnyKey, ReadonlyRedisCounter } from 'redimap';
declare const me: Namespace;
const peer = me.peer({ processType: 'worker', id: 1 });
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._equal: Equal<A, B> extends true ? [] : ['are different']): void {}
`;
const complaints = (code: string): string[] => messages(START + code);

describe('a counter', () => {
  const right: Readonly<Record<string, string>> = {
    'counts strings with numbers': `
      const hits = me.counter('hits');
      same<typeof hits, RedisCounter<string, number>>();
      same<Awaited<ReturnType<typeof hits.get>>, number>();
      same<Awaited<ReturnType<typeof hits.increment>>, number>();
      same<Awaited<ReturnType<typeof hits.mostCommon>>, [string, number][]>();
      same<Awaited<ReturnType<typeof hits.plus>>, Map<string, number>>();`,
    'counts with bigints where it is told to': `
      const hits = me.counter('hits', { bigint: true });
      same<typeof hits, RedisCounter<string, bigint>>();
      await hits.increment('a', 2n);
      await hits.update({ a: 2n });
      same<Awaited<ReturnType<typeof hits.total>>, bigint>();
      same<Awaited<ReturnType<typeof hits.getMany>>, bigint[]>();
      const byRun = me.counter('runs', { key: keyCodec.int, bigint: true });
      same<typeof byRun, RedisCounter<number, bigint>>();
      const plain = me.counter('hits', { bigint: false });
      same<typeof plain, RedisCounter<string, number>>();`,
    'takes the type of keys from their codec': `
      const runs = me.counter('runs', { key: keyCodec.int });
      same<typeof runs, RedisCounter<number, number>>();
      const any = me.counter('any', { key: keyCodec.any });
      same<typeof any, RedisCounter<AnyKey, number>>();
      const narrow = me.counter<'on' | 'off'>('laser');
      same<typeof narrow, RedisCounter<'on' | 'off', number>>();
      for await (const [key, count] of runs) { same<typeof key, number>(); same<typeof count, number>(); }
      for await (const key of narrow.elements()) same<typeof key, 'on' | 'off'>();`,
    'counts anything iterable, objects, Maps, and other counters': `
      const hits = me.counter('hits');
      await hits.update('gallahad');
      await hits.update(['a', 'b']);
      await hits.update(new Set(['a']));
      await hits.update({ a: 1, b: -1 });
      await hits.subtract(new Map([['a', 1]]));
      await hits.update(me.counter('other'));
      await hits.minus(me.counter('other'));
      await me.counter('runs', { key: keyCodec.int }).update([1, 2, 1]);
      await me.counter('runs', { key: keyCodec.int }).update(new Map([[1, 5]]));`,
    'begins with data of those kinds, in its own type': `
      me.counter('hits', { data: 'gallahad' });
      me.counter('hits', { data: { a: 1 }, ifExists: 'merge', ttl: 1_000 });
      me.counter('hits', { data: new Map([['a', 2n]]), bigint: true });
      me.counter('runs', { key: keyCodec.int, data: [1, 2], ifExists: 'attach' });`,
    'of a peer reads with the same types': `
      const theirs = peer.counter('hits');
      same<typeof theirs, ReadonlyRedisCounter<string, number>>();
      const exact = peer.counter('hits', { bigint: true });
      same<Awaited<ReturnType<typeof exact.get>>, bigint>();
      const runs = peer.counter('runs', { key: keyCodec.int, bigint: true });
      same<Awaited<ReturnType<typeof runs.mostCommon>>, [number, bigint][]>();
      const own: ReadonlyRedisCounter<string> = me.counter('hits');`,
  };
  test.each(Object.entries(right))('%s', (_, code) => {
    expect(complaints(code)).toEqual([]);
  });

  const wrong: Readonly<Record<string, [code: string, ...says: string[]]>> = {
    'a wrong key': ["await me.counter('c').increment(1);", "'number'", "'string'"],
    'a wrong key for a key codec': ["await me.counter('c', { key: keyCodec.int }).get('1');", "'string'", "'number'"],
    'a bigint where numbers are counted': ["await me.counter('c').increment('a', 1n);", 'bigint', "'number'"],
    'a number where bigints are counted': [
      "await me.counter('c', { bigint: true }).increment('a', 1);",
      "'number'",
      "'bigint'",
    ],
    'counts of the wrong kind': ["await me.counter('c', { bigint: true }).update({ a: 1 });", 'number', 'bigint'],
    'data of the wrong kind': ["me.counter('c', { data: { a: 'x' } });", 'No overload matches', 'CountSource'],
    'elements of the wrong type': ["await me.counter('c').update([1, 2]);", 'number', 'string'],
    'elements for arithmetic': ["await me.counter('c').plus(['a']);", "'string'", "'number'"],
    'a text as an amount': ["await me.counter('c').increment('a', '1');", "'string'", "'number'"],
    'keys that are no text without a key codec': ["me.counter<number>('c');", "'number'", "'string'"],
    'a value codec': ["me.counter('c', { value: codec.int });", "'value'"],
    'methods of maps that make no sense of counts': [
      "await me.counter('c').getOrInsert('a', 1);",
      "'getOrInsert' does not exist",
    ],
    'a forgotten await': ["const n: number = me.counter('c').get('a');", 'Promise<number>', "'number'"],
    'an unknown choice': ["me.counter('c', { data: 'a', ifExists: 'overwrite' });", '"overwrite"'],
  };
  test.each(Object.entries(wrong))('%s does not compile', (_, [code, ...says]) => {
    const said = complaints(code);
    expect(said.length, 'it compiles').toBeGreaterThan(0);
    for (const text of says) expect(said.join('\n')).toContain(text);
  });

  const WRITES = 'set sync setMany delete deleteMany clear increment decrement update subtract expire persist'.split(
    ' ',
  );

  test('of a peer has no method that writes, and all that read', () => {
    for (const name of WRITES) {
      const said = complaints(`peer.counter('x').${name};`);
      expect(said, name).toHaveLength(1);
      expect(said[0]).toContain(`Property '${name}' does not exist`);
      expect(said[0]).toContain('Readonly');
    }
    const union = [...WRITES, 'ready', 'toJSON'].map((name) => `'${name}'`).join(' | ');
    expect(
      complaints(
        `same<Exclude<keyof RedisCounter<string> & string, keyof ReadonlyRedisCounter<string> | 'toJSON'> | 'toJSON', ${union}>();`,
      ),
    ).toEqual([]);
  });

  test('the comparison of types can fail', () => {
    expect(complaints('same<RedisCounter<string, number>, RedisCounter<string, bigint>>();')).toHaveLength(1);
  });
});
