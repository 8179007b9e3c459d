import { describe, expect, test } from 'vitest';
import { messages } from './compile.js';

const START = `import { codec, keyCodec, Namespace, RedisDefaultMap, RedisMap } from 'redimap';
import type { ReadonlyRedisMap } from 'redimap';
declare const me: Namespace;
const peer = me.peer({ processType: 'worker', id: 1 });
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._equal: Equal<A, B> extends true ? [] : ['are different']): void {}
`;
const complaints = (code: string): string[] => messages(START + code);

describe('a default map', () => {
  const right: Readonly<Record<string, string>> = {
    'takes the type of its values from the factory': `
      const tags = me.defaultMap('tags', { factory: () => [] as string[] });
      same<typeof tags, RedisDefaultMap<string, string[]>>();
      const counts = me.defaultMap<number>('counts', { factory: () => 0 });
      same<typeof counts, RedisDefaultMap<string, number>>();`,
    'takes it from the codec, and the type of keys from theirs': `
      const runs = me.defaultMap('runs', { key: keyCodec.int, value: codec.text, factory: (run) => run.toFixed() });
      same<typeof runs, RedisDefaultMap<number, string>>();
      const flags = me.defaultMap('flags', { value: codec.bool, factory: (name) => name.startsWith('on') });
      same<typeof flags, RedisDefaultMap<string, boolean>>();`,
    'always has a value for get, and maybe one for peek and getMany': `
      const counts = me.defaultMap<number>('counts', { factory: () => 0 });
      same<Awaited<ReturnType<typeof counts.get>>, number>();
      same<Awaited<ReturnType<typeof counts.peek>>, number | undefined>();
      same<Awaited<ReturnType<typeof counts.getMany>>, (number | undefined)[]>();
      const next: number = (await counts.get('a')) + 1;`,
    'is a map': `
      const map: RedisMap<string, number> = me.defaultMap<number>('counts', { factory: () => 0, data: { a: 1 } });
      const readonly: ReadonlyRedisMap<string, number> = me.defaultMap<number>('counts', { factory: () => 0 });`,
    'of a peer is a map that reads: it inserts nothing': `
      const theirs = peer.defaultMap<number>('counts');
      same<typeof theirs, ReadonlyRedisMap<string, number>>();
      same<Awaited<ReturnType<typeof theirs.get>>, number | undefined>();
      const runs = peer.defaultMap('runs', { key: keyCodec.int, value: codec.text });
      same<typeof runs, ReadonlyRedisMap<number, string>>();`,
  };
  test.each(Object.entries(right))('%s', (_, code) => {
    expect(complaints(code)).toEqual([]);
  });

  const wrong: Readonly<Record<string, [code: string, ...says: string[]]>> = {
    'no options': ["me.defaultMap('d');", 'Expected 2 arguments'],
    'no factory': ["me.defaultMap('d', { value: codec.int });", 'factory'],
    'a value in place of a factory': [
      "me.defaultMap<number>('d', { factory: 0 });",
      "'number'",
      '(key: string) => number',
    ],
    'a factory of something else': [
      "me.defaultMap('d', { value: codec.int, factory: () => 'x' });",
      "'string'",
      "'number'",
    ],
    'a wrong value': [
      "await me.defaultMap('d', { factory: () => 0 as number }).set('a', 'x');",
      "'string'",
      "'number'",
    ],
    'a wrong key': [
      "await me.defaultMap('d', { key: keyCodec.int, factory: () => 0 }).get('a');",
      "'string'",
      "'number'",
    ],
    'a write to a peer': ["peer.defaultMap<number>('d').set('a', 1);", "Property 'set' does not exist"],
    'peek at a map': ["me.map<number>('m').peek('a');", "Property 'peek' does not exist"],
  };
  test.each(Object.entries(wrong))('%s does not compile', (_, [code, ...says]) => {
    const said = complaints(code);
    expect(said.length, 'it compiles').toBeGreaterThan(0);
    for (const text of says) expect(said.join('\n')).toContain(text);
  });
});
