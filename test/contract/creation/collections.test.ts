import { expect, test, describe } from 'vitest';
import {
  CodecError,
  ConflictError,
  type IfExists,
  keyCodec,
  type Namespace,
  WrongTypeError,
} from '../../../src/index.js';
import { describeEachBackend } from '../../support/matrix.js';
import { collect, rejection, useSubject } from '../subject.js';

/** Something with initial data. */
interface Made {
  readonly key: string;
  readonly ready: Promise<void>;
  ttl(): Promise<unknown>;
}

interface Kind {
  /** Makes one of these keys; `of` makes their data. */
  make(me: Namespace, keys: readonly string[], ifExists: IfExists | undefined, ttl?: number): Made;
  /** What is there, whoever made it. */
  content(me: Namespace): Promise<unknown>;
  /** What is there after data of these keys, all new. */
  of(keys: readonly string[]): unknown;
  /** What is there after data of `old`, and then data of `added` with `merge`. */
  merged: unknown;
}

const byText = (items: Iterable<string>): string[] => [...items].sort();
const scores = (keys: readonly string[]) => keys.map((key, i) => [key, i] as const);

/** The collections, by what `data` makes of them; `merge` is of `['a', 'b']` into `['a', 'c']`. */
const KINDS: Readonly<Record<string, Kind>> = {
  map: {
    make: (me, keys, ifExists, ttl) => me.map<number>('one', { data: scores(keys), ifExists, ttl }),
    content: async (me) => Object.fromEntries(await me.map('one').toMap()),
    of: (keys) => Object.fromEntries(scores(keys)),
    merged: { a: 0, b: 1, c: 1 },
  },
  defaultMap: {
    make: (me, keys, ifExists, ttl) =>
      me.defaultMap<number>('one', { factory: () => 9, data: scores(keys), ifExists, ttl }),
    content: async (me) => Object.fromEntries(await me.map('one').toMap()),
    of: (keys) => Object.fromEntries(scores(keys)),
    merged: { a: 0, b: 1, c: 1 },
  },
  list: {
    make: (me, keys, ifExists, ttl) => me.list<string>('one', { data: keys, ifExists, ttl }),
    content: (me) => me.list('one').toArray(),
    of: (keys) => keys,
    merged: ['a', 'c', 'a', 'b'],
  },
  deque: {
    make: (me, keys, ifExists, ttl) => me.deque<string>('one', { data: keys, maxLength: 5_000, ifExists, ttl }),
    content: (me) => me.deque('one').toArray(),
    of: (keys) => keys,
    merged: ['a', 'c', 'a', 'b'],
  },
  set: {
    make: (me, keys, ifExists, ttl) => me.set('one', { data: keys, ifExists, ttl }),
    content: async (me) => byText(await me.set('one').toSet()),
    of: byText,
    merged: ['a', 'b', 'c'],
  },
  'counter of elements': {
    make: (me, keys, ifExists, ttl) => me.counter('one', { data: keys, ifExists, ttl }),
    content: async (me) => Object.fromEntries(await me.counter('one').toMap()),
    of: (keys) => Object.fromEntries(keys.map((key) => [key, 1])),
    merged: { a: 2, b: 1, c: 1 },
  },
  'counter of counts': {
    make: (me, keys, ifExists, ttl) =>
      me.counter('one', { data: new Map(keys.map((key) => [key, -7n])), bigint: true, ifExists, ttl }),
    content: async (me) => Object.fromEntries(await me.counter('one').toMap()),
    of: (keys) => Object.fromEntries(keys.map((key) => [key, -7])),
    merged: { a: -14, b: -7, c: -7 },
  },
  sortedSetCounter: {
    make: (me, keys, ifExists, ttl) => me.sortedSetCounter('one', { data: scores(keys), ifExists, ttl }),
    content: async (me) => Object.fromEntries(await me.sortedSetCounter('one').toMap()),
    of: (keys) => Object.fromEntries(scores(keys)),
    merged: { a: 0, b: 1, c: 1 },
  },
  value: {
    make: (me, keys, ifExists, ttl) => me.value('one', { data: [...keys], ifExists, ttl }),
    content: (me) => me.value('one').get(),
    of: (keys) => keys,
    merged: ['a', 'b'],
  },
};
/** What a key holds, by the name of a kind. */
const TYPES: Readonly<Record<string, string>> = {
  map: 'hash',
  defaultMap: 'hash',
  list: 'list',
  deque: 'list',
  set: 'set',
  'counter of elements': 'hash',
  'counter of counts': 'hash',
  sortedSetCounter: 'zset',
  value: 'string',
};

/** One collection of each Redis type. */
const OTHERS: readonly {
  readonly type: string;
  make(me: Namespace): Promise<unknown>;
  content(me: Namespace): Promise<unknown>;
  readonly held: unknown;
}[] = [
  { type: 'hash', make: (me) => me.map('one').set('x', 1), content: (me) => me.map('one').get('x'), held: 1 },
  { type: 'list', make: (me) => me.list('one').push('x'), content: (me) => me.list('one').toArray(), held: ['x'] },
  { type: 'set', make: (me) => me.set('one').add('x'), content: (me) => me.set('one').toSet(), held: new Set(['x']) },
  {
    type: 'zset',
    make: (me) => me.sortedSetCounter('one').set('x', 1),
    content: (me) => me.sortedSetCounter('one').items(),
    held: [['x', 1]],
  },
  { type: 'string', make: (me) => me.value('one').set('x'), content: (me) => me.value('one').get(), held: 'x' },
];
const POLICIES = [undefined, 'fail', 'attach', 'merge', 'replace'] as const;

describeEachBackend('creation', {}, (backend) => {
  const subject = useSubject(backend);
  const embedded = backend.kind === 'embedded';

  describe.each(Object.entries(KINDS))('of a %s', (name, { make, content, of, merged }) => {
    test('that does not exist', async () => {
      for (const ifExists of POLICIES) {
        const one = make(subject.me, ['a', 'b'], ifExists);
        expect(await one.ready).toBeUndefined();
        expect(await content(subject.me), ifExists).toEqual(of(['a', 'b']));
        expect(await one.ttl()).toBeNull();
        await subject.session.flush();
      }
    });

    test('that exists is refused, attached to, merged with or replaced', async () => {
      const expected = { fail: of(['a', 'c']), attach: of(['a', 'c']), merge: merged, replace: of(['a', 'b']) };
      for (const ifExists of POLICIES) {
        await make(subject.me, ['a', 'c'], undefined).ready;
        const one = make(subject.me, ['a', 'b'], ifExists);
        if (ifExists === undefined || ifExists === 'fail') {
          for (const error of await Promise.all([one.ready, one.ttl(), one.ready].map(rejection))) {
            expect(error).toBeInstanceOf(ConflictError);
            expect(error).toMatchObject({ code: 'CONFLICT', key: one.key });
          }
        } else await one.ready;
        expect(await content(subject.me), ifExists).toEqual(expected[ifExists ?? 'fail']);
        await subject.session.flush();
      }
    });

    test('of 5,000 entries, in one go', async () => {
      const keys = Array.from({ length: embedded ? 1_500 : 5_000 }, (_, i) => `key ${i}`);
      for (const ifExists of POLICIES) {
        await make(subject.me, keys, ifExists).ready;
        expect(await content(subject.me)).toEqual(of(keys));
        await subject.session.flush();
      }
      if (embedded) return;
      for (const ifExists of ['fail', 'attach'] as const) {
        const seen = await subject.session.count(() => make(subject.me, keys, ifExists).ready);
        expect(seen.map((command) => command.name)).toEqual(['EVAL']);
        await subject.session.flush();
      }
    });

    test('by several at once: one makes it under fail, and all have the same under attach', async () => {
      const twin = await subject.twin();
      for (let round = 0; round < (embedded ? 3 : 10); round += 1) {
        const start = (ifExists: IfExists) =>
          Promise.allSettled(
            Array.from({ length: 8 }, (_, i) => make(i % 2 === 0 ? subject.me : twin, [`${i}`, 'x'], ifExists).ready),
          );
        const refused = await start('fail');
        expect(refused.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        const winner = refused.findIndex(({ status }) => status === 'fulfilled');
        expect(await content(subject.me)).toEqual(of([`${winner}`, 'x']));
        const attached = await start('attach');
        expect(attached.every(({ status }) => status === 'fulfilled')).toBe(true);
        expect(await content(subject.me)).toEqual(of([`${winner}`, 'x']));
        await subject.session.flush();
      }
    });

    test('without entries makes no key', async () => {
      if (name === 'value') return;
      for (const ifExists of POLICIES) await make(subject.me, [], ifExists).ready;
      expect(await subject.session.keys()).toEqual([]);
      await make(subject.me, ['a'], undefined).ready;
      expect(await rejection(make(subject.me, [], 'fail').ready)).toBeInstanceOf(ConflictError);
      await make(subject.me, [], 'attach').ready;
      await make(subject.me, [], 'merge').ready;
      expect(await content(subject.me)).toEqual(of(['a']));
      await make(subject.me, [], 'replace').ready;
      expect(await subject.session.keys()).toEqual([]);
    });

    test.each(POLICIES)('where the key holds another type is a WrongTypeError, ifExists: %s', async (ifExists) => {
      for (const other of OTHERS.filter(({ type }) => type !== TYPES[name])) {
        await other.make(subject.me);
        for (const keys of name === 'value' ? [['a']] : [['a'], []]) {
          expect(await rejection(make(subject.me, keys, ifExists).ready), other.type).toBeInstanceOf(WrongTypeError);
          expect(await rejection(make(subject.me, keys, ifExists, 60_000).ready)).toBeInstanceOf(WrongTypeError);
        }
        expect(await other.content(subject.me), other.type).toEqual(other.held);
        expect(await subject.session.client.pttl(subject.me.list('one').key)).toBe(-1);
        expect(await subject.session.keys()).toHaveLength(1);
        await subject.session.flush();
      }
    });

    test('of a long value where the key holds another type, too', async () => {
      if (name !== 'value') return;
      await subject.me.list('one').push('x');
      for (const ifExists of POLICIES) {
        const made = subject.me.value('one', { data: 'x'.repeat(100_000), ifExists });
        expect(await rejection(made.ready), ifExists).toBeInstanceOf(WrongTypeError);
        expect(await subject.session.keys()).toHaveLength(1);
      }
      expect(await subject.me.list('one').toArray()).toEqual(['x']);
    });

    test('with a lifetime', async () => {
      for (const ifExists of POLICIES) {
        const one = make(subject.me, ['a', 'b'], ifExists, 60_000);
        await one.ready;
        const left = await one.ttl();
        expect(left, ifExists).toBeGreaterThan(50_000);
        expect(left, ifExists).toBeLessThanOrEqual(60_000);
        await subject.session.flush();
      }
    });
  });

  describe('that fails', () => {
    const wrong: Readonly<Record<string, (me: Namespace) => Made>> = {
      map: (me) => me.map<unknown>('one', { data: { a: 1, b: () => 1 } }),
      defaultMap: (me) => me.defaultMap<unknown>('one', { factory: () => 1, data: { b: () => 1 } }),
      list: (me) => me.list<unknown>('one', { data: [1, () => 1] }),
      deque: (me) => me.deque<unknown>('one', { data: [1, () => 1], maxLength: 5 }),
      set: (me) => me.set('one', { data: ['a', 1 as unknown as string] }),
      'counter of elements': (me) => me.counter('one', { data: ['a', 1] as unknown as string[] }),
      'counter of counts': (me) => me.counter('one', { data: { a: 1.5 } }),
      'counter of integers': (me) => me.counter('one', { key: keyCodec.int, data: [1, 1.5] }),
      sortedSetCounter: (me) => me.sortedSetCounter('one', { data: [[1 as unknown as string, 1]] }),
      value: (me) => me.value<unknown>('one', { data: () => 1 }),
    };

    test.each(Object.entries(wrong))(
      'a %s of what cannot be encoded: every call says so, nothing is sent',
      async (_, make) => {
        let one: Made | undefined;
        await subject.expectNothingSent(async () => {
          one = make(subject.me);
          expect(await rejection(one.ready)).toBeInstanceOf(CodecError);
          expect(await rejection(one.ttl())).toMatchObject({ code: 'CODEC', key: one.key });
        });
        expect(await subject.session.keys()).toEqual([]);
      },
    );

    test('is never an unhandled rejection', async () => {
      const unhandled: unknown[] = [];
      const listen = (error: unknown): void => void unhandled.push(error);
      const before = process.listeners('unhandledRejection');
      process.removeAllListeners('unhandledRejection');
      process.on('unhandledRejection', listen);
      try {
        await subject.me.set('one').add('old');
        for (const make of Object.values(wrong)) make(subject.me);
        for (const { make } of Object.values(KINDS)) make(subject.me, ['a'], 'fail');
        const asked = subject.me.set('one', { data: ['a'] });
        expect(await rejection(asked.size)).toBeInstanceOf(ConflictError);
        // Whatever was rejected above is unhandled two turns later, if nobody handles it.
        await subject.me.set('one').size;
        for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
        expect(unhandled).toEqual([]);
        void Promise.reject(new Error('seen'));
        for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
        expect(unhandled).toHaveLength(1);
      } finally {
        process.off('unhandledRejection', listen);
        for (const one of before) process.on('unhandledRejection', one);
      }
    });
  });

  test('is over before any call that did not wait for it, and those keep their order', async () => {
    const { me } = subject;
    const counter = me.counter('counter', { data: 'abba' });
    const deque = me.deque<number>('deque', { data: [1, 2, 3], maxLength: 3 });
    const set = me.set('set', { data: 'ab' });
    const peaks = me.sortedSetCounter('peaks', { data: { a: 1 } });
    expect(
      await Promise.all([
        counter.increment('a'),
        counter.get('a'),
        counter.total(),
        deque.push(4),
        deque.toArray(),
        deque.rotate().then((self) => self === deque),
        deque.shift(),
        set.has('a'),
        set.delete('a'),
        set.size,
        peaks.increment('a', 2),
        collect(counter.keys()).then(byText),
      ]),
    ).toEqual([...[3, 3, 5, 3, [2, 3, 4], true, 4, true, true, 1, 3, ['a', 'b']]]);
  });

  test('takes its data when it is called, not when it is sent', async () => {
    const { me } = subject;
    const [items, counts] = [[1, 2], new Map([['a', 1]])];
    const deque = me.deque<number>('deque', { data: items });
    const counter = me.counter('counter', { data: counts });
    items.push(3);
    counts.set('b', 2);
    expect([await deque.toArray(), await counter.toMap()]).toEqual([[1, 2], new Map([['a', 1]])]);
  });
});
