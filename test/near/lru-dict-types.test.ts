import { describe, expect, test } from 'vitest';
import { messages } from '../types/compile.js';

const START = `import { codec, keyCodec, LRUDict, Namespace } from 'redimap';
import type { NdArray, ReadonlyLRUDict } from 'redimap';
declare const me: Namespace;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._equal: Equal<A, B> extends true ? [] : ['are different']): void {}
`;

const complaints = (code: string): string[] => messages(START + code);

describe('the types of LRUDict', () => {
  test.each<[string, string]>([
    [
      'follow the codecs',
      `const frames = me.lru('frames', { value: codec.ndarray('float64'), maxBytes: 2 ** 28, write: 'back' });
      same<typeof frames, LRUDict<string, NdArray<'float64'>>>();
      const runs = me.lru('runs', { key: keyCodec.int, value: codec.text, maxSize: 10 });
      same<typeof runs, LRUDict<number, string>>();`,
    ],
    [
      'follow the type arguments',
      `const counts = me.lru<number>('counts', { ttl: 1_000 });
      same<typeof counts, LRUDict<string, number>>();
      same<ReturnType<typeof counts.peek>, number | undefined>();
      const runs = me.lru('runs');
      same<typeof runs, LRUDict<string, unknown>>();`,
    ],
    [
      'are those of what is called',
      `const counts = me.lru<number>('counts');
      same<ReturnType<typeof counts.peek>, number | undefined>();
      same<Awaited<ReturnType<typeof counts.get>>, number | undefined>();
      same<Awaited<typeof counts.size>, number>();
      for await (const [key, value] of counts) { same<typeof key, string>(); same<typeof value, number>(); }
      const readable: ReadonlyLRUDict<string, number> = counts;
      await using scoped = counts;`,
    ],
  ])('%s', (_, code) => {
    expect(complaints(code)).toEqual([]);
  });

  test.each<[string, string, RegExp]>([
    ['keys that are no strings, without a codec', `me.lru<number, string>('runs');`, /number/],
    ['another value', `await me.lru<number>('counts').set('a', 'b');`, /'string' is not assignable/],
    ['a way of writing that there is not', `me.lru('a', { write: 'around' });`, /around/],
    ['writes, read-only', `declare const d: ReadonlyLRUDict<string, 1>; await d.set('a', 1);`, /'set' does not exist/],
  ])('refuse %s', (_, code, message) => {
    expect(complaints(code).join('\n')).toMatch(message);
  });
});
