import { describe, expect, test } from 'vitest';
import { messages } from './compile.js';

const START = `import { codec, keyCodec, Namespace, RedisSet } from 'redimap';
import type { AnyKey, ReadonlyRedisSet } from 'redimap';
declare const me: Namespace;
const peer = me.peer({ processType: 'worker', id: 1 });
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._equal: Equal<A, B> extends true ? [] : ['are different']): void {}
`;
const complaints = (code: string): string[] => messages(START + code);

describe('a set', () => {
  const right: Readonly<Record<string, string>> = {
    'is of strings, or of what its codec says': `
      const names = me.set('names');
      same<typeof names, RedisSet<string>>();
      const bad = me.set('bad', { member: keyCodec.int });
      same<typeof bad, RedisSet<number>>();
      const any = me.set('any', { member: keyCodec.any });
      same<typeof any, RedisSet<AnyKey>>();
      const narrow = me.set<'on' | 'off'>('laser');
      same<typeof narrow, RedisSet<'on' | 'off'>>();`,
    'has results of their types': `
      const bad = me.set('bad', { member: keyCodec.int, data: [1, 2], ifExists: 'merge', ttl: 1_000 });
      same<Awaited<ReturnType<typeof bad.has>>, boolean>();
      same<Awaited<ReturnType<typeof bad.hasMany>>, boolean[]>();
      same<Awaited<ReturnType<typeof bad.pop>>, number | undefined>();
      same<Awaited<ReturnType<typeof bad.toSet>>, Set<number>>();
      same<Awaited<typeof bad.size>, number>();
      for await (const member of bad) same<typeof member, number>();
      for await (const [one, two] of bad.entries()) { same<typeof one, number>(); same<typeof two, number>(); }`,
    'has the algebra of the native Set, with its types': `
      const bad = me.set('bad', { member: keyCodec.int });
      const all: Set<number> = await bad.union(new Set([4]));
      const mixed: Set<number | string> = await bad.union(new Set(['a']));
      const both: Set<number> = await bad.intersection(me.set('other', { member: keyCodec.int }));
      const less: Set<number> = await bad.difference(new Set([4]));
      const subset: boolean = await bad.isSubsetOf(new Set([4]));
      await bad.addAll([1], new Set([2]), me.set('other', { member: keyCodec.int }));
      await bad.deleteAll([1]);`,
    'of a peer reads with the same types': `
      const theirs = peer.set('bad', { member: keyCodec.int });
      same<typeof theirs, ReadonlyRedisSet<number>>();
      const names = peer.set('names');
      same<typeof names, ReadonlyRedisSet<string>>();
      const own: ReadonlyRedisSet<string> = me.set('names');`,
  };
  test.each(Object.entries(right))('%s', (_, code) => {
    expect(complaints(code)).toEqual([]);
  });

  const wrong: Readonly<Record<string, [code: string, ...says: string[]]>> = {
    'a wrong member': ["await me.set('s').add(1);", "'number'", "'string'"],
    'a wrong member for a codec': ["await me.set('s', { member: keyCodec.int }).has('1');", "'string'", "'number'"],
    'wrong members': ["await me.set('s').addMany([1]);", "'number'", "'string'"],
    'wrong data': ["me.set('s', { data: [1] });", "'number'", "'string'"],
    'members that are no text without a codec': ["me.set<number>('s');", "'number'", "'string'"],
    'a value codec for members': ["me.set('s', { member: codec.int });", 'Buffer'],
    'an array for the algebra': ["await me.set('s').union(['a']);", 'string[]'],
    'a wrong source': ["await me.set('s').addAll([1]);", "'number[]'", 'MemberSource<string>'],
    'a forgotten await': ["if (me.set('s').size > 0) console.log();", "'Promise<number>'"],
    'a synchronous loop': ["for (const member of me.set('s')) console.log(member);", 'Symbol.iterator'],
  };
  test.each(Object.entries(wrong))('%s does not compile', (_, [code, ...says]) => {
    const said = complaints(code);
    expect(said.length, 'it compiles').toBeGreaterThan(0);
    for (const text of says) expect(said.join('\n')).toContain(text);
  });

  const WRITES = 'add sync addMany delete clear pop addAll deleteAll retainAll toggleAll expire persist'.split(' ');

  test('of a peer has no method that writes, and all that read', () => {
    for (const name of WRITES) {
      const said = complaints(`peer.set('x').${name};`);
      expect(said, name).toHaveLength(1);
      expect(said[0]).toContain(`Property '${name}' does not exist`);
      expect(said[0]).toContain('Readonly');
    }
    const union = [...WRITES, 'ready', 'toJSON'].map((name) => `'${name}'`).join(' | ');
    const left = "Exclude<keyof RedisSet<string> & string, keyof ReadonlyRedisSet<string> | 'toJSON'> | 'toJSON'";
    expect(complaints(`same<${left}, ${union}>();`)).toEqual([]);
  });
});
