import { beforeEach, describe, expect, test } from 'vitest';
import { CodecError, codec, keyCodec, type LRUDict, type LRULimits } from '../../../src/index.js';
import { AWKWARD_TEXTS, collect, FALSY, rejection, type Subject, sorted } from '../subject.js';

/** Which keys and values an LRUDict carries. */
export function lruDictValuesContract(subject: Subject, limits: LRULimits): void {
  let dict: LRUDict<string, unknown>;
  beforeEach(() => {
    dict = subject.me.lru('dict', limits);
  });
  /** What is in Redis in the end. */
  const stored = async () => {
    await dict.flush();
    return subject.me.map('dict').toMap();
  };

  describe('keys and values', () => {
    test('values that look like nothing are entries', async () => {
      for (const [i, value] of FALSY.entries()) await dict.set(`k${i}`, value);
      const keys = FALSY.map((_, i) => `k${i}`);
      expect(await dict.size).toBe(FALSY.length);
      // Twice: from Redis, and from here where there is room.
      for (const _ of [1, 2]) {
        for (const [i, key] of keys.entries()) {
          expect(await dict.get(key), key).toStrictEqual(FALSY[i]);
          expect(await dict.has(key), key).toBe(true);
          expect(await dict.getOrInsert(key, 'default'), key).toStrictEqual(FALSY[i]);
          expect(await dict.getOrInsertComputed(key, () => expect.unreachable()), key).toStrictEqual(FALSY[i]);
        }
        expect(await dict.getMany(keys)).toStrictEqual(FALSY);
      }
      const all = new Map(await collect(dict));
      expect(keys.map((key) => all.get(key))).toStrictEqual(FALSY);
      const inRedis = await stored();
      expect(keys.map((key) => inRedis.get(key))).toStrictEqual(FALSY);
    });

    test('awkward texts are keys', async () => {
      const texts = AWKWARD_TEXTS;
      await dict.setMany(texts.map((text, i): [string, unknown] => [text, i]));
      expect(await dict.getMany(texts)).toEqual(texts.map((_, i) => i));
      expect(new Set(await collect(dict.keys()))).toEqual(new Set(texts));
      expect(await dict.size).toBe(texts.length);
    });

    test('codecs are those of the map', async () => {
      const runs = subject.me.lru('runs', { ...limits, key: keyCodec.any, value: codec.ndarray('float64') });
      const frame = { dtype: 'float64', shape: [2], data: new Float64Array([1, 2]) } as const;
      await runs.set([1, 'a'], frame);
      await runs.set('1', frame);
      expect(await runs.get([1, 'a'])).toEqual(frame);
      await runs.flush();
      const map = subject.me.map('runs', { key: keyCodec.any, value: codec.ndarray('float64') });
      expect(sorted(await collect(map.keys()))).toEqual(['1', [1, 'a']]);
      expect(new Map(await collect(runs))).toEqual(await map.toMap());
      expect(await runs.delete([1, 'a'])).toBe(true);
      expect(await map.size).toBe(1);
    });

    test('what cannot be encoded is a CodecError when it is set; nothing has changed', async () => {
      await dict.set('a', 1);
      await subject.expectNothingSent(async () => {
        for (const call of [
          dict.set('a', () => 1),
          dict.set('\uD83D', 1),
          dict.setMany({ b: 1, c: Symbol('no') }),
          dict.get('\uD83D'),
          dict.getMany(['a', '\uD83D']),
          dict.delete('\uD83D'),
          dict.getOrInsert('\uD83D', 1),
        ]) {
          const error = await rejection(call);
          expect(error).toBeInstanceOf(CodecError);
          expect((error as CodecError).key).toBe(dict.key);
        }
        expect(() => dict.peek('\uD83D')).toThrow(CodecError);
        expect(await dict.has('\uD83D')).toBe(false);
      });
      expect(await dict.get('a')).toBe(1);
      expect(await stored()).toEqual(new Map([['a', 1]]));
    });
  });
}
