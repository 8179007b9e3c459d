import { inspect } from 'node:util';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type AnyKey, type Codec, codec, CodecError, keyCodec, type RedisMap } from '../../../src/index.js';
import type { MakeMap } from './map.contract.js';
import { AWKWARD_TEXTS, collect, LONE_SURROGATES, rejection, sorted, type Subject } from '../subject.js';

/** Which keys and values a map takes, and which of them are the same. */
export function redisMapKeysContract(subject: Subject, make: MakeMap): void {
  let map: RedisMap<string, unknown>;
  let anyMap: RedisMap<AnyKey, unknown>;
  beforeEach(() => {
    map = make<string, unknown>(subject.me, 'map');
    anyMap = make<AnyKey, unknown>(subject.me, 'any', { key: keyCodec.any });
  });

  describe('keys of text', () => {
    test('that is easily damaged come back as they were', async () => {
      for (const [i, text] of AWKWARD_TEXTS.entries()) await map.set(text, i);
      expect(await map.size).toBe(AWKWARD_TEXTS.length);
      expect(await map.getMany(AWKWARD_TEXTS)).toEqual(AWKWARD_TEXTS.map((_, i) => i));
      expect(sorted((await map.toMap()).keys())).toEqual(sorted(AWKWARD_TEXTS));
      expect(sorted(await collect(map.keys()))).toEqual(sorted(AWKWARD_TEXTS));
      for (const [i, text] of AWKWARD_TEXTS.entries()) expect(await map.pop(text)).toBe(i);
      expect(await map.size).toBe(0);
    });

    const embedded = subject.session.backend.kind === 'embedded';
    test(`named as members of Object are entries like others${embedded ? ' (not __proto__ and valueOf: ioredis-mock keeps a hash in a plain object)' : ''}`, async () => {
      const names = ['__defineGetter__', 'isPrototypeOf', ...(embedded ? [] : ['__proto__', 'valueOf'])];
      for (const name of names) {
        expect(await map.has(name), name).toBe(false);
        expect(await map.get(name), name).toBeUndefined();
        expect(await map.getOrInsert(name, name), name).toBe(name);
      }
      expect(await map.setMany(names.map((name): [string, unknown] => [name, `${name}!`]))).toBe(map);
      const whole = await map.toMap();
      expect(sorted(whole)).toEqual(sorted(names.map((name) => [name, `${name}!`])));
      expect(sorted(await collect(map.entries()))).toEqual(sorted(names.map((name) => [name, `${name}!`])));
      for (const name of names) expect(await map.delete(name), name).toBe(true);
      expect({}).not.toHaveProperty('polluted');
      expect(await map.size).toBe(0);
    });

    test('with lone surrogates are a CodecError before anything is sent, and never there', async () => {
      await subject.expectNothingSent(async () => {
        for (const text of LONE_SURROGATES) {
          const calls = [
            map.get(text),
            map.set(text, 1),
            map.delete(text),
            map.getMany(['a', text]),
            map.setMany([
              ['a', 1],
              [text, 2],
            ]),
            map.deleteMany([text]),
            map.pop(text),
            map.swap(text, 1),
            map.compareAndSet(text, undefined, 1),
            map.update(text, () => 1),
            map.getOrInsert(text, 1),
            map.getOrInsertComputed(text, () => 1),
          ];
          for (const call of calls) {
            const error = await rejection(call);
            expect(error).toBeInstanceOf(CodecError);
            expect(error).toMatchObject({ code: 'CODEC', key: map.key });
          }
          expect(await map.has(text)).toBe(false);
        }
      });
    });

    test('must be text, unless there is a codec for others', async () => {
      await subject.expectNothingSent(async () => {
        for (const key of [1, null, undefined, Buffer.from('a'), {}, Symbol('s')] as unknown as string[]) {
          expect(await rejection(map.set(key, 1))).toBeInstanceOf(CodecError);
          expect(await map.has(key)).toBe(false);
        }
      });
    });

    test('property: any well-formed text is a key of its own', async () => {
      const texts = fc.uniqueArray(
        fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed() && !(text in {})),
        { minLength: 1, maxLength: 30 },
      );
      await fc.assert(
        fc.asyncProperty(texts, async (keys) => {
          await map.clear();
          await map.setMany(keys.map((key, i): [string, unknown] => [key, i]));
          expect(await map.getMany(keys)).toEqual(keys.map((_, i) => i));
          expect(sorted(await collect(map.keys()))).toEqual(sorted(keys));
        }),
        { numRuns: 30 },
      );
    });
  });

  describe('keys of other types', () => {
    test('1, "1", true, 1n and bytes are different keys; 1 and 1.0 are one', async () => {
      const keys: AnyKey[] = [1, '1', true, 1n, Buffer.from('1'), 'true', [1], ['1'], { 1: 1 }, null, 'null'];
      for (const [i, key] of keys.entries()) await anyMap.set(key, i);
      expect(await anyMap.size).toBe(keys.length);
      expect(await anyMap.getMany(keys)).toEqual(keys.map((_, i) => i));
      await anyMap.set(Number('1.0'), 'x');
      expect(await anyMap.size).toBe(keys.length);
      expect(await anyMap.get(1)).toBe('x');
      expect(await anyMap.delete('1')).toBe(true);
      expect(await anyMap.has(1)).toBe(true);
      expect((await anyMap.toMap()).size).toBe(await anyMap.size);
    });

    test('text and bytes of one spelling are two entries', async () => {
      await anyMap.set('a', 'text');
      await anyMap.set(Buffer.from('a'), 'bytes');
      await anyMap.set(new Uint8Array([0xff, 0xfe]), 'ff fe');
      await anyMap.set(Buffer.from([0xff, 0xff]), 'ff ff');
      expect(await anyMap.size).toBe(4);
      expect(await anyMap.get(new Uint8Array([0x61]))).toBe('bytes');
      expect(await anyMap.delete('a')).toBe(true);
      expect(await anyMap.get(Buffer.from('a'))).toBe('bytes');
      const keys = await collect(anyMap.keys());
      expect(keys.every((key) => Buffer.isBuffer(key))).toBe(true);
      expect(keys.map((key) => (key as Buffer).toString('hex')).sort()).toEqual(['61', 'fffe', 'ffff']);
    });

    test('NaN is one key, -0 is 0, and both come back', async () => {
      await anyMap.set(Number.NaN, 'nan');
      await anyMap.set(-0, 'zero');
      expect(await anyMap.get(Number.NaN)).toBe('nan');
      expect(await anyMap.get(0)).toBe('zero');
      expect(await anyMap.size).toBe(2);
      expect(await anyMap.has(Number.POSITIVE_INFINITY)).toBe(false);
      expect(new Set(await collect(anyMap.keys()))).toEqual(new Set([Number.NaN, 0]));
    });

    test('compound keys come back as they went in; the order of names in them is of no account', async () => {
      const keys: AnyKey[] = [
        [],
        {},
        [[]],
        ['a', ['b', 1n, null]],
        { run: 12, at: [1, 'x'] },
        { $bytes: 'AAE=' },
        { __proto__x: 1 },
      ];
      for (const [i, key] of keys.entries()) await anyMap.set(key, i);
      expect(await anyMap.size).toBe(keys.length);
      expect(await anyMap.get({ at: [1, 'x'], run: 12 })).toBe(4);
      const entries = await collect(anyMap.entries());
      const byValue = new Map(entries.map(([key, value]) => [value, key]));
      expect(keys.map((_, i) => byValue.get(i))).toEqual(keys);
      expect((await anyMap.toMap()).size).toBe(keys.length);
      const [key] = (await anyMap.popEntry()) ?? expect.unreachable();
      expect(keys).toContainEqual(key);
    });

    test('the key that an object with a __proto__ of its own makes is not lost', async () => {
      const key = JSON.parse('{"__proto__":1,"a":2}') as AnyKey;
      await anyMap.set(key, 'x');
      expect(await anyMap.get(key)).toBe('x');
      expect(await anyMap.has({ a: 2 })).toBe(false);
      const [back] = await collect(anyMap.keys());
      expect(Object.keys(back as object).sort()).toEqual(['__proto__', 'a']);
      expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    });

    test('what cannot be a key is never there, and is refused', async () => {
      const strange = [undefined, () => 1, Symbol('s'), new Date(0), new Map(), [undefined]] as unknown as AnyKey[];
      await subject.expectNothingSent(async () => {
        for (const key of strange) {
          expect(await anyMap.has(key)).toBe(false);
          expect(await rejection(anyMap.set(key, 1))).toBeInstanceOf(CodecError);
          expect(await rejection(anyMap.get(key))).toBeInstanceOf(CodecError);
        }
      });
    });

    test('whole numbers', async () => {
      const runs = make<number, string>(subject.me, 'runs', { key: keyCodec.int, value: codec.text });
      await runs.setMany(Array.from({ length: 1_024 }, (_, i) => [i - 512, `run ${i}`]));
      await runs.set(-0, 'zero');
      expect(await runs.size).toBe(1_024);
      expect((await collect(runs.keys())).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 1_024 }, (_, i) => i - 512),
      );
      expect(await runs.get(0)).toBe('zero');
      expect(await rejection(runs.set(1.5, 'x'))).toBeInstanceOf(CodecError);
      expect(await runs.has(1.5)).toBe(false);
    });
  });

  describe('values that are text to their codec', () => {
    const copied = { ...codec.text, encode: (value: string) => Buffer.from(value.toUpperCase()) };
    const cases = [
      ['text', codec.text, [...AWKWARD_TEXTS, 'x'.repeat(1_024), 'ü'.repeat(1_025), '\u{1F600}'.repeat(5_000)]],
      ['json', codec.json, [{ a: ['ü', null] }, '', 'x'.repeat(2_000), 0, false]],
      ['float', codec.float, [1.5, -0, Number.NaN, Number.NEGATIVE_INFINITY]],
      ['int', codec.int, [0, -7, 2 ** 53 - 1]],
      ['bool', codec.bool, [true, false]],
      ['a copy of text with an encode of its own', copied, ['a', 'b'.repeat(2_000)]],
    ] as const;
    test('are those of an `encode` that was replaced', async () => {
      const replaced = { ...codec.json };
      const json = make<string, unknown>(subject.me, 'replaced', { value: replaced });
      replaced.encode = () => Buffer.from('2');
      const later = make<string, unknown>(subject.me, 'replaced', { value: replaced });
      await later.set('a', 1);
      expect(await json.get('a')).toBe(2);
    });

    test.each(cases)('%s: are stored as the bytes that the codec gives', async (_name, textual, values) => {
      const value = textual as Codec<unknown>;
      const many = make<string, unknown>(subject.me, 'textual', { value });
      const raw = make<string, Uint8Array>(subject.me, 'textual', { value: codec.bytes });
      const stored = values.map((one) => value.encode(one));
      const decoded = stored.map((bytes) => value.decode(bytes));
      const fields = values.map((_, i) => `${i}`);
      const expectStored = async (): Promise<void> => {
        expect(await raw.getMany(fields)).toEqual(stored);
        expect(await many.getMany(fields)).toEqual(decoded);
        await many.clear();
      };
      for (const [i, one] of values.entries()) await many.set(`${i}`, one);
      await expectStored();
      await Promise.all(values.map((one, i) => many.set(`${i}`, one)));
      await expectStored();
      await many.setMany(values.map((one, i) => [`${i}`, one] as const));
      for (const [i, one] of values.entries()) expect(await many.compareAndSet(`${i}`, one, one)).toBe(true);
      await expectStored();
      await subject.me.transaction((scope) => {
        for (const [i, one] of values.entries()) scope.on(many).set(`${i}`, one);
      });
      await many.sync((local) => expect([...local.values()]).toHaveLength(values.length));
      await expectStored();
      for (const wrong of [undefined, Symbol('s')]) {
        await subject.expectNothingSent(async () => {
          expect(await rejection(many.set('0', wrong))).toBeInstanceOf(CodecError);
          expect(await rejection(many.setMany([['0', wrong]]))).toBeInstanceOf(CodecError);
        });
      }
    });
  });

  describe('values', () => {
    test('keep their types', async () => {
      const values = [
        1,
        1.5,
        '1',
        true,
        1n,
        2n ** 70n,
        new Date(0),
        new Map([[1, { 2: 3 }]]),
        new Set(['a']),
        [1, [2]],
      ];
      const more = [new Uint8Array([1, 255]), Buffer.from([0, 255]), new Float64Array([Number.NaN, -0]), { 1: 'a' }];
      const edges = [
        Number.MAX_VALUE,
        Number.NEGATIVE_INFINITY,
        '\uD83D',
        '\u{10FFFF}',
        null,
        undefined,
        { a: undefined },
      ];
      const all = [...values, ...more, ...edges];
      await map.setMany(all.map((value, i): [string, unknown] => [`k${i}`, value]));
      expect(await map.getMany(all.map((_, i) => `k${i}`))).toStrictEqual(all);
    });

    test('of any bytes come back whole, and are not shared', async () => {
      const bytes = make<string, Uint8Array>(subject.me, 'bytes', { value: codec.bytes });
      const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const large = Buffer.alloc(1 << 20, every);
      await bytes.setMany({ every, large, none: Buffer.alloc(0), crlf: Buffer.from('\r\n$-1\r\n') });
      expect(await bytes.get('every')).toEqual(every);
      expect(large.equals((await bytes.get('large')) ?? expect.unreachable())).toBe(true);
      expect(await bytes.get('none')).toEqual(Buffer.alloc(0));
      expect(await bytes.get('crlf')).toEqual(Buffer.from('\r\n$-1\r\n'));
      const mine = (await bytes.get('every')) ?? expect.unreachable();
      mine.fill(0);
      expect(await bytes.get('every')).toEqual(every);
    });

    test('that cannot be carried are a CodecError that names the key; nothing is written', async () => {
      class Odd {}
      await subject.expectNothingSent(async () => {
        for (const value of [() => 1, Symbol('s'), /x/, new Odd(), { deep: [() => 1] }, new Proxy(() => 1, {})]) {
          const calls = [
            map.set('a', value),
            map.setMany([
              ['ok', 1],
              ['a', value],
            ]),
            map.swap('a', value),
            map.getOrInsert('a', value),
            map.compareAndSet('a', undefined, value),
          ];
          for (const call of calls) expect(await rejection(call)).toMatchObject({ code: 'CODEC', key: map.key });
        }
      });
      expect(await subject.session.keys()).toEqual([]);
    });

    test('that a codec cannot read are a CodecError of their caller alone', async () => {
      const numbers = make<string, number>(subject.me, 'numbers', { value: codec.int });
      await numbers.set('good', 1);
      await subject.session.client.hset(numbers.key, 'bad', 'not a number');
      const [good, bad] = await Promise.allSettled([numbers.get('good'), numbers.get('bad')]);
      expect(good).toEqual({ status: 'fulfilled', value: 1 });
      expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'CODEC', key: numbers.key } });
      expect(String((bad as PromiseRejectedResult).reason)).not.toContain('not a number');
      expect(await rejection(numbers.toMap())).toBeInstanceOf(CodecError);
      expect(await rejection(collect(numbers.values()))).toBeInstanceOf(CodecError);
      expect(sorted(await collect(numbers.keys()))).toEqual(['bad', 'good']);
    });

    test('a codec that breaks is a CodecError that names the error, and shows none of its text', async () => {
      const cause = new TypeError('broken by a secret value');
      const broken = make<string, string>(subject.me, 'broken', {
        value: {
          encode: () => {
            throw cause;
          },
          decode: (bytes) => String(bytes),
        },
      });
      const error = await rejection(broken.set('a', 'x'));
      expect(error).toMatchObject({ code: 'CODEC', key: broken.key });
      expect(error).toHaveProperty('message', expect.stringContaining('TypeError'));
      expect(inspect(error)).not.toContain('secret');
    });
  });
}
