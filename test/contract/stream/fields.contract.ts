import { beforeEach, describe, expect, test } from 'vitest';
import { codec, CodecError, type RedisStream } from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { rejection, useSubject } from '../subject.js';
import { valuesOf } from './stream.contract.js';

interface Hit {
  readonly run: number;
  readonly name: string;
  readonly trace: Float64Array;
  readonly note: unknown;
}

/** How values lie in the fields of entries. */
export function redisStreamFieldsContract(backend: Backend): void {
  const subject = useSubject(backend);
  /** Tests that write as other programs do: ioredis-mock has no `call` for that. */
  const onServers = (title: string, run: () => Promise<void>): void => {
    if (backend.kind === 'embedded') test.skip(`${title} (ioredis-mock has no call)`, run);
    else test(title, run);
  };
  let hits: RedisStream<Hit>;
  beforeEach(() => {
    hits = subject.me.stream('hits', {
      fields: { run: codec.int, name: codec.text, trace: codec.typedArray(Float64Array), note: codec.auto },
    });
  });
  const call = (...words: [string, ...(string | Buffer)[]]): Promise<unknown> => subject.session.client.call(...words);

  describe('with a schema', () => {
    const hit: Hit = { run: 7, name: 'Zürich\n', trace: new Float64Array([1.5, -0]), note: undefined };

    test('objects come back as they were', async () => {
      const id = await hits.add(hit);
      expect(await hits.get(id)).toEqual({ id, value: hit });
      await hits.addMany([hit, { ...hit, run: 8, note: { a: 1 } }]);
      expect(valuesOf(await hits.toArray())).toEqual([hit, hit, { ...hit, run: 8, note: { a: 1 } }]);
      expect(Object.keys((await hits.first)?.value ?? {})).toEqual(['run', 'name', 'trace', 'note']);
    });

    onServers('each member is a field that others read, in the order of the schema', async () => {
      const id = await hits.add(hit);
      const [entry] = (await call('XRANGE', hits.key, '-', '+')) as [[string, string[]]];
      expect(entry[0]).toBe(id);
      expect(entry[1].slice(0, 4)).toEqual(['run', '7', 'name', 'Zürich\n']);
      expect(entry[1].filter((_, i) => i % 2 === 0)).toEqual(['run', 'name', 'trace', 'note']);
    });

    test('what has no field, lacks a member or is no object is refused before anything is sent', async () => {
      const { note: _, ...less } = hit;
      const refused: unknown[] = [{ ...hit, other: 1 }, { ...less, run: undefined }, 7, null, 'hit', { name: 'a' }];
      await subject.expectNothingSent(async () => {
        for (const value of refused) {
          const error = await rejection(hits.add(value as Hit));
          expect(error).toBeInstanceOf(CodecError);
          expect(error).toHaveProperty('key', hits.key);
        }
      });
      // A codec that carries undefined carries a missing member.
      expect(valuesOf([(await hits.get(await hits.add(less as Hit))) as { value: Hit }])).toEqual([hit]);
    });

    onServers('entries of others are read by their names; what does not fit is the error of that entry', async () => {
      const add = (...pairs: string[]) => call('XADD', hits.key, '*', ...pairs) as Promise<string>;
      const small = subject.me.stream('hits', { fields: { run: codec.int, name: codec.text } });
      const good = await add('name', 'a', 'extra', 'x', 'run', '1', 'run', '2');
      const lacks = await add('run', '3');
      const wrong = await add('run', 'three', 'name', 'b');
      const last = await add('run', '4', 'name', 'c');
      expect(await small.get(good)).toEqual({ id: good, value: { run: 2, name: 'a' } });
      for (const id of [lacks, wrong]) {
        const error = await rejection(small.get(id));
        expect(error).toBeInstanceOf(CodecError);
        expect(error).toMatchObject({ key: hits.key, entry: id, code: 'CODEC' });
        expect((error as Error).message).toContain(id);
        expect((error as Error).message).not.toContain('three');
      }
      expect(await rejection(small.range())).toMatchObject({ entry: lacks });
      // Iteration fails at those two only.
      const outcomes: unknown[] = [];
      const iterator = small[Symbol.asyncIterator]();
      for (let done = false; !done; ) {
        try {
          const next = await iterator.next();
          done = next.done === true;
          if (!done) outcomes.push((next.value as { id: string }).id);
        } catch (error) {
          outcomes.push((error as CodecError).entry === undefined ? error : `not ${(error as CodecError).entry}`);
        }
      }
      expect(outcomes).toEqual([good, `not ${lacks}`, `not ${wrong}`, last]);
    });

    test('a schema of none, or of too many, and both options are refused', () => {
      const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`f${i}`, codec.int]));
      expect(() => subject.me.stream('x', { fields: {} })).toThrow(RangeError);
      expect(() => subject.me.stream('x', { fields: many })).toThrow(RangeError);
      expect(() => subject.me.stream('x', { fields: { a: codec.int }, value: codec.int } as never)).toThrow(TypeError);
    });

    test('a thousand fields, and names that are easily damaged', async () => {
      const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`f${i}`, codec.int]));
      const wide = subject.me.stream<Record<string, number>>('hits', { fields: many });
      const value = Object.fromEntries(Object.keys(many).map((name, i) => [name, i]));
      await wide.addMany([value, value]);
      await Promise.all([wide.add(value), wide.add(value)]);
      expect(valuesOf(await wide.toArray())).toEqual([value, value, value, value]);
      await wide.clear();
      const fields = { ä: codec.int, '': codec.int, 'a b\r\n': codec.int, constructor: codec.int, v: codec.int };
      const odd = subject.me.stream<{ [N in keyof typeof fields]: number }>('hits', { fields });
      const strange = { ä: 1, '': 2, 'a b\r\n': 3, constructor: 4, v: 5 };
      expect(await odd.get(await odd.add(strange))).toHaveProperty('value', strange);
    });
  });

  describe('with a value codec', () => {
    onServers('the value is the field v, and text is readable', async () => {
      const numbers = subject.me.stream('hits', { value: codec.int });
      const id = await numbers.add(42);
      expect(await call('XRANGE', numbers.key, '-', '+')).toEqual([[id, ['v', '42']]]);
      const theirs = (await call('XADD', numbers.key, '*', 'a', '1', 'v', '7')) as string;
      expect(await numbers.get(theirs)).toEqual({ id: theirs, value: 7 });
      const other = (await call('XADD', numbers.key, '*', 'value', '7')) as string;
      expect(await rejection(numbers.get(other))).toMatchObject({ code: 'CODEC', entry: other, key: numbers.key });
    });
  });
}
