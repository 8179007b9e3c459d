import { beforeEach, describe, expect, test } from 'vitest';
import { type AnyKey, keyCodec, Namespace, type RedisSet, type SetLike, WrongTypeError } from '../../../src/index.js';
import { slotOf } from '../../../src/keys/slot.js';
import type { Backend } from '../../support/matrix.js';
import { ALGEBRA, type AlgebraName, reference } from './reference.js';
import type { MakeSet } from './set.contract.js';
import { rejection, sorted, type Subject, useSubject } from '../subject.js';

const { encode, decode } = keyCodec.any;
const ANY = { member: keyCodec.any };

/** Anything that the algebra takes. */
type Other<T> = SetLike<T> | RedisSet<T>;

const apply = <T>(set: RedisSet<T>, name: AlgebraName, other: Other<T>): Promise<boolean | Set<T>> => set[name](other);

const NAMES = new Map<string, string>();

/** A name whose key is, or is not, in the slot of another key. */
export function nameBeside(me: Namespace, key: string, wanted: 'same slot' | 'another slot', stem = 'other'): string {
  const known = NAMES.get(`${key} ${wanted} ${stem}`);
  if (known !== undefined) return known;
  let i = 0;
  while ((slotOf(key) === slotOf(`${me.prefix}${stem} ${i}`)) !== (wanted === 'same slot')) i += 1;
  NAMES.set(`${key} ${wanted} ${stem}`, `${stem} ${i}`);
  return `${stem} ${i}`;
}

/** Members that are each other's neighbours in some sense, compound ones among them. */
const POOL: readonly AnyKey[] = [
  ...['a', 'b', '1', '', '😀', '\uFFFF', 'null'],
  ...[1, 0, 2.5, Number.NaN, Number.POSITIVE_INFINITY, true, null, 1n],
  ...[[1, 'a'], [], { x: 1, y: [2] }, Buffer.of(0x81, 0, 0xff), Buffer.alloc(0)],
];

const SHAPES: Readonly<Record<string, readonly [own: readonly AnyKey[], other: readonly AnyKey[]]>> = {
  'both empty': [[], []],
  'this one empty': [[], POOL],
  'the other empty': [POOL, []],
  equal: [POOL, POOL],
  disjoint: [POOL.slice(0, 8), POOL.slice(8)],
  'this one larger': [POOL, POOL.slice(3, 17)],
  'the other larger': [POOL.slice(5, 18), POOL],
  'a few in common': [POOL.slice(0, 14), POOL.slice(10)],
  'one in common': [POOL.slice(0, 18), POOL.slice(17, 18)],
};

/** Another codec of the same members: other bytes for all of them. */
const SPELLED = {
  encode: (member: AnyKey): string => `<${encode(member)}>`,
  decode: (text: string): AnyKey => decode(text.slice(1, -1)),
};

/** Makes the other operand, in all the ways that there are. */
function operands(subject: Subject, make: MakeSet, own: RedisSet<AnyKey>) {
  const filled = async (set: RedisSet<AnyKey>, members: readonly AnyKey[]) => set.addMany(members);
  const beside = (me: Namespace, where: 'same slot' | 'another slot', member = keyCodec.any) =>
    make<AnyKey>(me, nameBeside(me, own.key, where, member === SPELLED ? 'spelled' : 'other'), { member });
  const kinds: Readonly<Record<string, (members: readonly AnyKey[]) => Promise<Other<AnyKey>> | Other<AnyKey>>> = {
    'a RedisSet of the same slot': (members) => filled(beside(subject.me, 'same slot'), members),
    'a RedisSet of another slot': (members) => filled(beside(subject.me, 'another slot'), members),
    'a RedisSet of another codec': (members) => filled(beside(subject.me, 'same slot', SPELLED), members),
    'a RedisSet of another client': async (members) => filled(make(await subject.twin(), 'theirs', ANY), members),
    "a peer's RedisSet": async (members) => {
      const { hostname, processType } = subject.me;
      const peer = new Namespace(subject.session.client, { hostname, processType, id: 2 });
      await filled(make<AnyKey>(peer, 'theirs', ANY), members);
      return make<AnyKey>(subject.me.peer({ hostname, processType, id: 2 }), 'theirs', ANY);
    },
    'a Set': (members) => new Set(members),
    'a Map': (members) => new Map(members.map((member) => [member, 'value'])),
    'a set-like': (members) => {
      const set = new Set(members);
      return { size: set.size, has: (member) => set.has(member), keys: () => set.values() };
    },
  };
  return kinds;
}

/** A result as texts, by which members are told apart. */
function texts(result: boolean | Set<AnyKey>): unknown {
  return result instanceof Set ? sorted(Array.from(result, encode)) : result;
}

/** The methods of ES2025. */
export function redisSetAlgebraContract(backend: Backend, make: MakeSet): void {
  const subject = useSubject(backend);
  let set: RedisSet<AnyKey>;
  let ints: RedisSet<number>;
  beforeEach(() => {
    set = make<AnyKey>(subject.me, 'set', ANY);
    ints = make<number>(subject.me, 'ints', { member: keyCodec.int });
  });

  describe('the algebra', () => {
    test.each(ALGEBRA)('%s is the native one, with every kind of operand', async (name) => {
      let compared = 0;
      for (const [shape, [own, theirs]] of Object.entries(SHAPES)) {
        const native = reference[name](new Set(own.map(encode)), new Set(theirs.map(encode)));
        await set.addMany(own);
        for (const [kind, operand] of Object.entries(operands(subject, make, set))) {
          const result = await apply(set, name, await operand(theirs));
          expect(texts(result), `${kind}, ${shape}`).toEqual(native instanceof Set ? sorted(native) : native);
          compared += 1;
        }
        expect(texts(await set.toSet()), 'it changed').toEqual(sorted(own.map(encode)));
        await subject.session.flush();
      }
      expect(compared).toBe(72);
    });

    test('gives native Sets, whose members are of the right types', async () => {
      await set.addMany([1, '1', [1, { a: Buffer.of(255) }]]);
      for (const other of [await make<AnyKey>(subject.me, 'other', ANY).addMany(['x']), new Set<AnyKey>(['x'])]) {
        const union = await set.union(other);
        expect(Object.getPrototypeOf(union)).toBe(Set.prototype);
        expect(union).toEqual(new Set([1, '1', 'x', [1, { a: Buffer.of(255) }]]));
        expect(await set.difference(other)).toEqual(new Set([1, '1', [1, { a: Buffer.of(255) }]]));
      }
      expect(await set.union(new Set([-0]))).toEqual(new Set([1, '1', 0, [1, { a: Buffer.of(255) }]]));
    });

    test('of a set with itself', async () => {
      await set.addMany(POOL);
      const again = make<AnyKey>(subject.me, 'set', ANY);
      for (const other of [set, again]) {
        expect(texts(await set.union(other))).toEqual(sorted(POOL.map(encode)));
        expect(texts(await set.intersection(other))).toEqual(sorted(POOL.map(encode)));
        expect(await set.difference(other)).toEqual(new Set());
        expect(await set.symmetricDifference(other)).toEqual(new Set());
        expect([await set.isSubsetOf(other), await set.isSupersetOf(other), await set.isDisjointFrom(other)]).toEqual([
          ...[true, true, false],
        ]);
      }
    });

    test('tells members of another type apart, whatever their text', async () => {
      await ints.addMany([1, 2]);
      const words = await make<string>(subject.me, nameBeside(subject.me, ints.key, 'same slot')).addMany(['1', 'x']);
      for (const other of [words, new Set(['1', 'x'])]) {
        expect(await ints.intersection(other)).toEqual(new Set());
        expect(await ints.union(other)).toEqual(new Set<unknown>([1, 2, '1', 'x']));
        expect(await ints.difference(other)).toEqual(new Set([1, 2]));
        expect(await ints.isDisjointFrom(other)).toBe(true);
        expect(await ints.symmetricDifference(other)).toEqual(new Set<unknown>([1, 2, '1', 'x']));
      }
      const odd = new Set<unknown>([1, Symbol.iterator, () => 1, undefined]);
      expect(await ints.union(odd)).toEqual(new Set<unknown>([1, 2, ...odd]));
      expect(await ints.isSupersetOf(odd)).toBe(false);
    });

    test('takes members that are the same for one, however often the other has them', async () => {
      await set.addMany([[1], 'a']);
      const twice = new Set<AnyKey>([[1], [1], [2], [2], Buffer.of(7), Buffer.of(7)]);
      expect(texts(await set.union(twice))).toEqual(sorted([[1], [2], 'a', Buffer.of(7)].map(encode)));
      expect(texts(await set.symmetricDifference(twice))).toEqual(sorted(['a', [2], Buffer.of(7)].map(encode)));
      expect(texts(await set.intersection(twice))).toEqual([encode([1])]);
      expect(await set.isSupersetOf(new Set<AnyKey>([[1], [1], [1]]))).toBe(true);
      expect(await set.isSubsetOf(new Set<AnyKey>([[1], 'a']))).toBe(true);
    });

    test('asks predicates only: sets without an end are not listed', async () => {
      await ints.addMany([1, 2, 3, 4]);
      await set.addMany([[1], [2], 'x']);
      const endless = <T>(has: (member: T) => boolean): SetLike<T> => {
        return { size: Number.POSITIVE_INFINITY, has, keys: () => expect.unreachable() };
      };
      const even = endless<number>((n) => n % 2 === 0);
      const all = endless<unknown>(() => true);
      const arrays = endless<AnyKey>((member) => Array.isArray(member) && member[0] === 1);
      expect(await ints.intersection(even)).toEqual(new Set([2, 4]));
      expect(await ints.difference(even)).toEqual(new Set([1, 3]));
      expect([await ints.isSubsetOf(even), await ints.isSubsetOf(all)]).toEqual([false, true]);
      expect([await ints.isSupersetOf(even), await ints.isDisjointFrom(even)]).toEqual([false, false]);
      // The size is believed.
      expect(await ints.isSubsetOf({ ...endless<number>(() => true), size: 3 })).toBe(false);
      expect(await set.intersection(arrays)).toEqual(new Set([[1]]));
      expect(await set.difference(arrays)).toEqual(new Set([[2], 'x']));
      expect([await set.isSubsetOf(arrays), await set.isDisjointFrom(arrays)]).toEqual([false, false]);
      expect(await set.isDisjointFrom(endless(() => false))).toBe(true);
    });

    test('refuses what the native methods refuse, before anything is sent', async () => {
      const { me } = subject;
      const wrong: readonly unknown[] = [
        ...[null, undefined, 'text', 1, Symbol.iterator, ['a'], {}, new WeakSet()],
        ...[me.map('map'), me.list('list'), me.sortedSetCounter('scores')],
        { size: Number.NaN, has: () => true, keys: () => [].values() },
        { has: () => true, keys: () => [].values() },
        { size: 1, has: true, keys: () => [].values() },
        { size: 1, has: () => true },
      ];
      await subject.expectNothingSent(async () => {
        for (const name of ALGEBRA) {
          for (const other of wrong)
            expect(await rejection(apply(set, name, other as never))).toBeInstanceOf(TypeError);
          const negative = { size: -1, has: () => true, keys: () => [].values() };
          expect(await rejection(apply(set, name, negative))).toBeInstanceOf(RangeError);
        }
      });
    });

    test('passes on what the other throws', async () => {
      await set.add('a');
      const failing = (): never => {
        throw new Error('mine');
      };
      expect(await rejection(set.intersection({ size: 1, has: failing, keys: failing }))).toMatchObject({
        message: 'mine',
      });
      expect(await rejection(set.union({ size: 1, has: () => true, keys: failing }))).toMatchObject({
        message: 'mine',
      });
    });

    test('is a WrongTypeError where either key holds another type', async () => {
      const name = nameBeside(subject.me, set.key, 'same slot');
      await set.add('a');
      await subject.me.list(name).push(1);
      const list = make<AnyKey>(subject.me, name, ANY);
      for (const operation of ALGEBRA) {
        expect(await rejection(apply(set, operation, list)), operation).toBeInstanceOf(WrongTypeError);
        expect(await rejection(apply(list, operation, set)), operation).toBeInstanceOf(WrongTypeError);
        expect(await rejection(apply(list, operation, new Set())), operation).toBeInstanceOf(WrongTypeError);
      }
    });

    test('sees what was called before it, on both sets', async () => {
      const other = make<AnyKey>(subject.me, nameBeside(subject.me, set.key, 'same slot'), ANY);
      const [, , union, , difference] = await Promise.all([
        set.addMany(['a', 'b']),
        other.addMany(['b', 'c']),
        set.union(other),
        other.add('a'),
        set.difference(other),
      ]);
      expect([union, difference]).toEqual([new Set(['a', 'b', 'c']), new Set()]);
    });

    test('is as large as the sets are', async () => {
      const count = backend.kind === 'embedded' ? 2_000 : 20_000;
      const numbers = Array.from({ length: count }, (_, i) => i);
      await ints.addMany(numbers);
      const thirds = new Set(numbers.filter((n) => n % 3 === 0));
      expect((await ints.difference(thirds)).size).toBe(count - thirds.size);
      const other = make<number>(subject.me, 'thirds', { member: keyCodec.int });
      await other.addAll(thirds);
      expect(await ints.intersection(other)).toEqual(thirds);
      expect(await other.isSubsetOf(ints)).toBe(true);
    });
  });
}
