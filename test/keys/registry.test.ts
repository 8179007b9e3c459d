import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Namespace, NamespaceError } from '../../src/index.js';
import {
  parseRegistryName,
  registryName,
  registryRange,
  GONE_KEY,
  LIVE_KEY,
  OWNERS_KEY,
} from '../../src/keys/registry.js';
import { slotOf } from '../../src/keys/slot.js';

const part = fc.string({ unit: fc.constantFrom(...'aZ09._-'), minLength: 1, maxLength: 6 });
const identity = fc.record({ hostname: part, processType: part, id: part });

test('the keys of the registry are in one slot, and no collection has one of them', () => {
  const keys = [LIVE_KEY, OWNERS_KEY, GONE_KEY];
  expect(new Set(keys).size).toBe(3);
  expect(new Set(keys.map(slotOf)).size).toBe(1);
  for (const key of keys) expect(Namespace.parse(key)).toBeUndefined();
});

test('property: a name is read as the identity that it stands for', () => {
  fc.assert(
    fc.property(identity, (one) => {
      expect(parseRegistryName(registryName(one))).toEqual({ ...one });
    }),
  );
  for (const junk of ['', 'a', 'a:b', 'a:b:c:d', 'a::c', 'a:b:*']) expect(parseRegistryName(junk)).toBeUndefined();
});

/** Whether a name lies in a range, as ZRANGE … BYLEX has it. */
function lies(name: string, [first, last]: readonly [string, string]): boolean {
  if (first === '-') return last === '+';
  return Buffer.compare(Buffer.from(name), Buffer.from(first.slice(1))) >= 0 && name < last.slice(1);
}

test('property: the range of a type, or of a type and host, holds the names of those and no others', () => {
  fc.assert(
    fc.property(identity, identity, fc.boolean(), (one, other, ofHost) => {
      const { processType } = one;
      const hostname = ofHost ? one.hostname : undefined;
      const isOne = other.processType === processType && (!ofHost || other.hostname === hostname);
      const range = registryRange({ processType, hostname });
      expect([lies(registryName(one), range), lies(registryName(other), range)]).toEqual([true, isOne]);
    }),
  );
  expect(lies('a:b:c', registryRange({}))).toBe(true);
});

test('a type or host that is not well-formed has no range', () => {
  for (const bad of ['', '*', 'a:b', '[a']) {
    expect(() => registryRange({ processType: bad })).toThrow(NamespaceError);
    expect(() => registryRange({ hostname: bad })).toThrow(NamespaceError);
  }
});
