import fc from 'fast-check';
import RedisMock from 'ioredis-mock';
import { describe, expect, test } from 'vitest';
import { Namespace, NamespaceError } from '../../src/index.js';
import { collectionKey, derivedKey } from '../../src/keys/keys.js';
import { slotOf } from '../../src/keys/slot.js';

const me = new Namespace(new RedisMock(), { hostname: 'host', processType: 'worker', id: 3 });

const part = fc.string({ unit: fc.constantFrom(...'abzAZ09._-'), minLength: 1, maxLength: 20 });
const identity = fc.record({ hostname: part, processType: part, id: part });
const name = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 60 })
  .map((text) => text.toWellFormed().replace(/[{}]/g, ':'))
  .filter((text) => Buffer.byteLength(text) <= 512);

describe('names of collections', () => {
  const good = ['a', ':', 'a:b', '::', ' ', '\0', 'ä', '👩‍🚀', '*', '[a-z]?', '\\', '1', 'presence', '\n', 'a\nb'];
  test.each([...good, 'x'.repeat(512), 'ä'.repeat(256), '👩'.repeat(128)])('%j is one', (one) => {
    for (const collection of [me.map(one), me.list(one), me.value(one)]) {
      expect(collection.name).toBe(one);
      expect(collection.key).toBe(`host:worker:3:${one}`);
    }
  });

  const bad = ['', '{', '}', '{a}', 'a{b', '\uD83D', 'x'.repeat(513), 'ä'.repeat(257), `${'👩'.repeat(128)}x`];
  test.each(bad)('%j is none', (one) => {
    for (const make of [() => me.map(one), () => me.list(one), () => me.value(one)]) {
      expect(make).toThrow(NamespaceError);
      expect(make).toThrow(/name of a collection/);
    }
  });

  test('anything but text is none', () => {
    for (const one of [undefined, null, 1, {}, Buffer.from('a')] as unknown as string[]) {
      expect(() => me.map(one)).toThrow(NamespaceError);
    }
  });
});

describe('Namespace.parse', () => {
  test('reverses the keys of collections', () => {
    expect(Namespace.parse(me.map('images').key)).toEqual({
      hostname: 'host',
      processType: 'worker',
      id: '3',
      name: 'images',
    });
    fc.assert(
      fc.property(identity, name, (who, what) => {
        expect(Namespace.parse(collectionKey(who, what))).toStrictEqual({ ...who, name: what });
      }),
      { numRuns: 500 },
    );
  });

  test('reverses derived keys, which live in the slot of their collection', () => {
    fc.assert(
      fc.property(identity, name, fc.string({ unit: 'binary', maxLength: 20 }), (who, what, suffix) => {
        const key = collectionKey(who, what);
        const derived = derivedKey(key, suffix);
        expect(Namespace.parse(derived)).toStrictEqual({ ...who, name: what, suffix });
        expect(slotOf(derived)).toBe(slotOf(key));
        expect(slotOf(derived)).toBe(slotOf(key));
      }),
      { numRuns: 500 },
    );
  });

  test('two collections never have one key', () => {
    fc.assert(
      fc.property(identity, name, identity, name, (a, nameA, b, nameB) => {
        const same = a.hostname === b.hostname && a.processType === b.processType && a.id === b.id && nameA === nameB;
        expect(collectionKey(a, nameA) === collectionKey(b, nameB)).toBe(same);
      }),
    );
  });

  const junk = [
    ...['', 'a', 'a:b', 'a:b:c', 'a:b:c:', ':b:c:d', 'a::c:d', 'a:b::d', 'ä:b:c:d', 'a b:b:c:d', ' a:b:c:d'],
    ...['{a:b:c:d', 'a:b:c:d}', '{}x', '{a}b', '{a:b:c}d', '{{a:b:c:d}}', 'x{a:b:c:d}', 'a:b:c:d{e}', 'a:b:c:{d}'],
    `${'x'.repeat(129)}:b:c:d`,
    `a:b:c:${'x'.repeat(513)}`,
    '*:b:c:d',
    'a:b:c*:d',
  ];
  test.each(junk)('%j is no key of this library', (key) => {
    expect(Namespace.parse(key)).toBeUndefined();
  });

  test('property: what it reads is what would be written, and it never throws', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(...'ab:{}*'), maxLength: 16 }),
    );
    fc.assert(
      fc.property(text, (key) => {
        const parsed = Namespace.parse(key);
        if (parsed === undefined) return;
        const base = `${parsed.hostname}:${parsed.processType}:${parsed.id}:${parsed.name}`;
        expect(parsed.suffix === undefined ? base : `{${base}}${parsed.suffix}`).toBe(key);
        if (parsed.suffix === undefined) expect(collectionKey(parsed, parsed.name)).toBe(key);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a name that could not be given is not read', () => {
    expect(Namespace.parse('a:b:c:\uD83D')).toBeUndefined();
  });
});
