import { beforeEach, describe, expect, test } from 'vitest';
import {
  CodecError,
  keyCodec,
  type MemberSource,
  Namespace,
  type RedisSet,
  WrongTypeError,
} from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import { nameBeside } from './algebra.contract.js';
import type { MakeSet } from './set.contract.js';
import { rejection, sorted, type Subject, useSubject } from '../subject.js';

type Update = 'addAll' | 'deleteAll' | 'retainAll' | 'toggleAll';

/** What one operand does to a native set. */
const NATIVE: Readonly<Record<Update, (own: Set<string>, other: ReadonlySet<string>) => Set<string>>> = {
  addAll: (own, other) => new Set([...own, ...other]),
  deleteAll: (own, other) => new Set([...own].filter((member) => !other.has(member))),
  retainAll: (own, other) => new Set([...own].filter((member) => other.has(member))),
  toggleAll: (own, other) =>
    new Set([...[...own].filter((one) => !other.has(one)), ...[...other].filter((one) => !own.has(one))]),
};
const UPDATES = Object.keys(NATIVE) as Update[];

const OWN = ['a', 'b', 'c', 'd', '😀', ''];
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  'nothing in common': ['x', '\uFFFF', '😁'],
  'some in common': ['b', 'd', 'x', '😀', ''],
  equal: OWN,
  empty: [],
};

async function* streamed<T>(members: readonly T[]): AsyncGenerator<T> {
  for (const member of members) yield Promise.resolve(member);
}

function sources(subject: Subject, make: MakeSet, own: RedisSet<string>) {
  const { me } = subject;
  const filled = (set: RedisSet<string>, members: readonly string[]) => set.addMany(members);
  const kinds: Readonly<
    Record<string, (members: readonly string[]) => Promise<MemberSource<string>> | MemberSource<string>>
  > = {
    'a RedisSet of the same slot': (members) => filled(make(me, nameBeside(me, own.key, 'same slot')), members),
    'a RedisSet of another slot': (members) => filled(make(me, nameBeside(me, own.key, 'another slot')), members),
    'a RedisSet of another codec': (members) =>
      filled(make<string>(me, nameBeside(me, own.key, 'same slot'), { member: keyCodec.any as never }), members),
    'a RedisSet of another client': async (members) => filled(make(await subject.twin(), 'theirs'), members),
    "a peer's RedisSet": async (members) => {
      const identity = { hostname: me.hostname, processType: me.processType, id: 2 };
      await filled(make(new Namespace(subject.session.client, identity), 'theirs'), members);
      return make<string>(me.peer(identity), 'theirs');
    },
    'a Set': (members) => new Set(members),
    'an array with repeats': (members) => [...members, ...members],
    'the keys of a Map': (members) => new Map(members.map((member) => [member, 1])).keys(),
    'an async iterable': streamed,
    'a RedisList': async (members) => {
      const list = me.list<string>('list');
      await list.push(...members);
      return list;
    },
  };
  return kinds;
}

/** The methods that change a set by others. */
export function redisSetUpdateContract(backend: Backend, make: MakeSet): void {
  const subject = useSubject(backend);
  let set: RedisSet<string>;
  beforeEach(() => {
    set = make<string>(subject.me, 'set');
  });
  const keysOf = (...sets: { readonly key: string }[]): string[] => sets.map(({ key }) => key).sort();

  describe.each(UPDATES)('%s', (name) => {
    test('takes every kind of operand, keeps the time to live, and leaves no key behind', async () => {
      let compared = 0;
      for (const [shape, members] of Object.entries(OTHERS)) {
        for (const [kind, source] of Object.entries(sources(subject, make, set))) {
          await set.addMany(OWN);
          await set.expire(60_000);
          const operand = await source(members);
          const before = await subject.session.keys();
          expect(await set[name](operand), `${kind}, ${shape}`).toBe(set);
          const expected = NATIVE[name](new Set(OWN), new Set(members));
          expect(sorted(await set.toSet()), `${kind}, ${shape}`).toEqual(sorted(expected));
          if (expected.size > 0) expect(await set.ttl(), `${kind}, ${shape}`).toBeGreaterThan(50_000);
          const after = before.filter((key) => expected.size > 0 || key !== set.key);
          expect(await subject.session.keys(), `${kind}, ${shape}`).toEqual(after);
          await subject.session.flush();
          compared += 1;
        }
      }
      expect(compared).toBe(40);
    });

    test('takes several operands, one after the other, in one step', async () => {
      const beside = make<string>(subject.me, nameBeside(subject.me, set.key, 'same slot'));
      const operands = [['a', 'b', 'x'], ['b', 'x'], ['b', 'd', 'y', '😀'], []];
      const made = (): MemberSource<string>[] => [new Set(operands[0]), beside, streamed(operands[2] ?? []), []];
      await beside.addMany(operands[1] ?? []);
      for (const count of [2, 3, 4]) {
        await set.clear();
        await set.addMany(OWN);
        await set[name](...made().slice(0, count));
        const expected = operands.slice(0, count).reduce((own, one) => NATIVE[name](own, new Set(one)), new Set(OWN));
        expect(sorted(await set.toSet()), `${count} operands`).toEqual(sorted(expected));
      }
      expect(await beside.toSet()).toEqual(new Set(operands[1]));
      expect(await subject.session.keys()).toEqual(keysOf(...((await set.size) > 0 ? [set, beside] : [beside])));
    });

    test('takes the set itself', async () => {
      await set.addMany(OWN);
      for (const itself of [set, make<string>(subject.me, 'set')]) {
        await set[name](itself);
        const expected = NATIVE[name](new Set(OWN), new Set(OWN));
        expect(sorted(await set.toSet())).toEqual(sorted(expected));
        await set.addMany(OWN);
      }
    });

    test('without anything to do sends nothing', async () => {
      await set.addMany(OWN);
      await subject.expectNothingSent(async () => {
        expect(await set[name]()).toBe(set);
        if (name === 'retainAll') return;
        expect(await set[name]([])).toBe(set);
        expect(await set[name]([], new Set(), streamed([]))).toBe(set);
      });
      expect(sorted(await set.toSet())).toEqual(sorted(OWN));
    });

    test('of an empty set makes no key but for what is added', async () => {
      await set[name](['a', 'b'], make<string>(subject.me, nameBeside(subject.me, set.key, 'same slot')));
      const expected = name === 'addAll' || name === 'toggleAll' ? ['a', 'b'] : [];
      expect(sorted(await set.toSet())).toEqual(expected);
      expect(await subject.session.keys()).toEqual(expected.length > 0 ? [set.key] : []);
    });

    test('has its place among the calls of a tick', async () => {
      const calls = [set.add('a'), set[name](['a', 'x']), set.has('a'), set.has('x'), set.add('y'), set.toSet()];
      const [, , a, x, , all] = await Promise.all(calls);
      const expected = NATIVE[name](new Set(['a']), new Set(['a', 'x']));
      expect([a, x]).toEqual([expected.has('a'), expected.has('x')]);
      expect(all).toEqual(new Set([...expected, 'y']));
    });

    test('with a member that cannot be encoded changes nothing', async () => {
      await set.addMany(OWN);
      const beside = await make<string>(subject.me, nameBeside(subject.me, set.key, 'same slot')).addMany(['x']);
      await subject.expectNothingSent(async () => {
        for (const bad of [['a', '\uD83D'], [1 as unknown as string], streamed(['a', '\uD83D'])]) {
          const error = await rejection(set[name](beside, ['b'], bad));
          expect(error).toBeInstanceOf(CodecError);
          expect(error).toMatchObject({ key: set.key });
        }
      });
      expect(sorted(await set.toSet())).toEqual(sorted(OWN));
    });

    test('refuses what has no members, and passes on what an operand throws', async () => {
      await subject.expectNothingSent(async () => {
        for (const wrong of [null, undefined, 1, {}, () => 1]) {
          expect(await rejection(set[name](['a'], wrong as never)), typeof wrong).toBeInstanceOf(TypeError);
        }
        const failing = (function* () {
          yield 'a';
          throw new Error('mine');
        })();
        expect(await rejection(set[name](failing))).toMatchObject({ message: 'mine' });
      });
    });

    test('is a WrongTypeError where either key holds another type', async () => {
      const beside = nameBeside(subject.me, set.key, 'same slot');
      await subject.me.list(beside).push('a');
      await set.add('a');
      expect(await rejection(set[name](make<string>(subject.me, beside)))).toBeInstanceOf(WrongTypeError);
      const list = make<string>(subject.me, beside);
      for (const operand of [['a'], set, streamed(['a'])]) {
        const error = await rejection(list[name](operand));
        expect(error).toBeInstanceOf(WrongTypeError);
        expect(error).toMatchObject({ key: list.key });
      }
      expect(await subject.session.keys()).toEqual(keysOf(list, set));
      expect(await set.toSet()).toEqual(new Set(['a']));
    });

    test('gives the set the lifetime of the option ttl', async () => {
      const timed = make<string>(subject.me, 'set', { ttl: 60_000 });
      const beside = await make<string>(subject.me, nameBeside(subject.me, set.key, 'same slot')).addMany(['b', 'x']);
      for (const operands of [[['b', 'x']], [beside], [['b', 'x'], beside], [streamed(['b'])]]) {
        await set.clear();
        await set.addMany(OWN);
        expect(await set.ttl()).toBeNull();
        await timed[name](...operands);
        expect(await set.ttl()).toBeGreaterThan(50_000);
      }
      expect(await subject.session.keys()).toEqual(keysOf(beside, set));
    });
  });

  describe('in place', () => {
    test('retainAll of an empty operand empties the set', async () => {
      for (const empty of [[], new Set<string>(), streamed<string>([]), make<string>(subject.me, 'none')]) {
        await set.addMany(OWN);
        expect(await set.retainAll(empty)).toBe(set);
        expect(await set.size).toBe(0);
        expect(await subject.session.keys()).toEqual([]);
      }
    });

    test('a string is its characters', async () => {
      await set.addAll('antananarivo', '😀');
      expect(sorted(await set.toSet())).toEqual(sorted(new Set(['a', 'n', 't', 'r', 'i', 'v', 'o', '😀'])));
      expect(sorted(await (await set.deleteAll('tin')).toSet())).toEqual(sorted(new Set('arvo').add('😀')));
    });

    test('more members than fit into a call of a function', async () => {
      const count = backend.kind === 'embedded' ? 2_000 : 150_000;
      const members = Array.from({ length: count }, (_, i) => `m${i}`);
      await set.addAll(members);
      expect(await set.size).toBe(count);
      await set.toggleAll(members.slice(1), ['new']);
      expect(await set.toSet()).toEqual(new Set(['m0', 'new']));
      await set.retainAll([...members, 'new']);
      await set.deleteAll(members);
      expect(await set.toSet()).toEqual(new Set(['new']));
      expect(await subject.session.keys()).toEqual([set.key]);
    });
  });
}
