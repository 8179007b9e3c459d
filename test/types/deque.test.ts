import { describe, expect, test } from 'vitest';
import { messages } from './compile.js';

const START = `import { codec, Namespace, RedisDeque } from 'redimap';
import type { NdArray, ReadonlyRedisDeque } from 'redimap';
declare const me: Namespace;
const peer = me.peer({ processType: 'worker', id: 1 });
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._equal: Equal<A, B> extends true ? [] : ['are different']): void {}
`;
const complaints = (code: string): string[] => messages(START + code);

describe('a deque', () => {
  const right: Readonly<Record<string, string>> = {
    'takes the type of its items from the codec, a type argument, or its data': `
      const frames = me.deque('frames', { value: codec.ndarray('float64'), maxLength: 10 });
      same<typeof frames, RedisDeque<NdArray<'float64'>>>();
      const last = me.deque<number>('last', { maxLength: 3 });
      same<typeof last, RedisDeque<number>>();
      const some = me.deque('some', { data: ['a'] });
      same<typeof some, RedisDeque<string>>();
      const unknown = me.deque('unknown');
      same<typeof unknown, RedisDeque<unknown>>();`,
    'has results of their types': `
      const last = me.deque<number>('last', { maxLength: 3 });
      same<typeof last.maxLength, number | undefined>();
      same<Awaited<ReturnType<typeof last.push>>, number>();
      same<Awaited<ReturnType<typeof last.extendLeft>>, number>();
      same<Awaited<ReturnType<typeof last.pop>>, number | undefined>();
      same<Awaited<ReturnType<typeof last.toArray>>, number[]>();
      const self: RedisDeque<number> = await last.rotate();
      await last.extend(new Set([1]));
      for await (const item of last) same<typeof item, number>();`,
    'of a peer reads with the same types': `
      const theirs = peer.deque<number>('last');
      same<typeof theirs, ReadonlyRedisDeque<number>>();
      const own: ReadonlyRedisDeque<number> = me.deque<number>('last');`,
  };
  test.each(Object.entries(right))('%s', (_, code) => {
    expect(complaints(code)).toEqual([]);
  });

  const DEQUE = "const deque = me.deque<number>('d', { maxLength: 3 });\n";
  const wrong: Readonly<Record<string, [code: string, ...says: string[]]>> = {
    'a wrong item': [`${DEQUE}await deque.push('1');`, "'string'", "'number'"],
    'wrong items': [`${DEQUE}await deque.extend(['1']);`, "'string'", "'number'"],
    'a wrong item to insert': [`${DEQUE}await deque.insert(0, '1');`, "'string'", "'number'"],
    'several items to insert': [`${DEQUE}await deque.insert(0, 1, 2);`, 'Expected 2 arguments'],
    'a change of the bound': [`${DEQUE}deque.maxLength = 5;`, "'maxLength'", 'read-only'],
    'a bound that is no number': ["me.deque('d', { maxLength: '3' });", "'string'", "'number'"],
    'wrong data': ["me.deque<number>('d', { data: ['a'] });", "'string'", "'number'"],
    'the methods of a queue, which would pass the bound by': [
      `${DEQUE}await deque.splice(0, 1);`,
      "'splice' does not exist",
    ],
    'a forgotten await': [`${DEQUE}const item: number | undefined = deque.pop();`, 'Promise<number | undefined>'],
  };
  test.each(Object.entries(wrong))('%s does not compile', (_, [code, ...says]) => {
    const said = complaints(code);
    expect(said.length, 'it compiles').toBeGreaterThan(0);
    for (const text of says) expect(said.join('\n')).toContain(text);
  });

  const WRITES =
    'set sync push unshift pop shift extend extendLeft rotate insert remove reverse clear expire persist'.split(' ');

  test('of a peer has no method that writes, and all that read', () => {
    for (const name of WRITES) {
      const said = complaints(`peer.deque<number>('x').${name};`);
      expect(said, name).toHaveLength(1);
      expect(said[0]).toContain(`Property '${name}' does not exist`);
      expect(said[0]).toContain('Readonly');
    }
    const union = [...WRITES, 'ready', 'toJSON'].map((name) => `'${name}'`).join(' | ');
    const left = "Exclude<keyof RedisDeque<number> & string, keyof ReadonlyRedisDeque<number> | 'toJSON'> | 'toJSON'";
    expect(complaints(`same<${left}, ${union}>();`)).toEqual([]);
  });
});
