import { deepStrictEqual } from 'node:assert';
import { beforeEach, describe, expect, test } from 'vitest';
import { ReadonlyError, WrongTypeError } from '../../src/index.js';
import type { Backend } from '../support/matrix.js';
import { rejection, type Subject, useSubject } from '../contract/subject.js';
import { type Kind, kinds, leave, open, type Remote, run } from './kinds.js';

/** What a scope writes, on every class. */
export function writingContract(backend: Backend): void {
  describe.each(kinds)('$name', (kind) => {
    const subject = useSubject(backend);
    describe('what is written', () => writing(subject, kind));
    describe('the time to live', () => lifetimes(subject, kind));
    describe('what is refused', () => refusals(subject, kind));
  });
}

function writing(subject: Subject, kind: Kind): void {
  let remote: Remote;
  beforeEach(async () => {
    remote = kind.make(subject.me, 'c');
    await kind.fill(remote);
  });

  test('the local one is the native thing and holds what is there', async () => {
    const local = await open(remote);
    deepStrictEqual(kind.native(local), kind.asNative);
    expect(Object.keys(local).filter((name) => ['commit', 'discard'].includes(name))).toEqual([]);
    local.discard();
  });

  test('leaving the scope writes what changed', async () => {
    {
      await using local = await open(remote);
      kind.change(local);
      expect(await kind.content(remote)).toEqual(kind.filled);
    }
    expect(await kind.content(remote)).toEqual(kind.changed);
  });

  test('the callback form writes when the function returns, and gives what it returned', async () => {
    const result = await run(remote, async (local) => {
      kind.change(local);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await kind.content(remote)).toEqual(kind.changed);
  });

  if (kind.nested !== undefined) {
    test('a change inside of a loaded value is written', async () => {
      await run(remote, (local) => kind.nested?.(local));
      expect(await kind.content(remote)).toEqual(kind.changed);
    });
  }

  test('nothing changed: nothing is sent', async () => {
    const local = await open(remote);
    await subject.expectNothingSent(() => local.commit());
    await subject.expectNothingSent(() => leave(local));
    expect(await kind.content(remote)).toEqual(kind.filled);
  });

  test('writing the same again sends nothing', async () => {
    const local = await open(remote);
    kind.rewrite(local);
    await subject.expectNothingSent(() => leave(local));
    expect(await kind.content(remote)).toEqual(kind.filled);
  });

  test('emptying it removes the key', async () => {
    await run(remote, (local) => kind.empty(local));
    expect(await subject.session.client.exists(remote.key)).toBe(0);
    expect(await kind.content(remote)).toEqual(kind.emptied);
  });

  test('a scope over nothing fills it', async () => {
    const other = kind.make(subject.me, 'other');
    await run(other, (local) => {
      kind.rewrite(local);
      kind.change(local);
    });
    expect(await kind.content(other)).toEqual(kind.changed);
  });

  test('every change since the last commit is written, once', async () => {
    const local = await open(remote);
    kind.change(local);
    await local.commit();
    expect(await kind.content(remote)).toEqual(kind.changed);
    await subject.expectNothingSent(() => local.commit());
    kind.empty(local);
    await local.commit();
    expect(await kind.content(remote)).toEqual(kind.emptied);
    kind.rewrite(local);
    await leave(local);
    expect(await kind.content(remote)).toEqual(kind.filled);
  });

  test('commits at once write the change once', async () => {
    const local = await open(remote);
    kind.change(local);
    const sent = await subject.sent(() => Promise.all([local.commit(), local.commit(), leave(local)]));
    expect(sent).toHaveLength(1);
    expect(await kind.content(remote)).toEqual(kind.changed);
  });

  test('a change that is made while a commit runs is written by the next', async () => {
    const local = await open(remote);
    kind.change(local);
    const first = local.commit();
    await Promise.resolve();
    kind.empty(local);
    await first;
    await leave(local);
    expect(await kind.content(remote)).toEqual(kind.emptied);
  });

  test('a collection that is only being created is loaded once it is', async () => {
    const made = kind.make(subject.me, 'made', { data: kind.data });
    const loaded = await run(made, (local) => {
      const before = structuredClone(kind.native(local));
      kind.change(local);
      return before;
    });
    deepStrictEqual(loaded, kind.asNative);
    expect(await kind.content(made)).toEqual(kind.changed);
  });

  test('a creation that failed fails the scope', async () => {
    const again = kind.make(subject.me, 'c', { data: kind.data });
    const called: unknown[] = [];
    expect(await rejection(run(again, (local) => called.push(local)))).toMatchObject({ code: 'CONFLICT' });
    expect(called).toEqual([]);
  });
}

function lifetimes(subject: Subject, kind: Kind): void {
  const LONG = 600_000;
  const expectAbout = async (remote: Remote, least: number, most: number) => {
    const left = await remote.ttl();
    expect(left).toBeGreaterThan(least);
    expect(left).toBeLessThanOrEqual(most);
  };

  test('a change keeps the time to live', async () => {
    const remote = kind.make(subject.me, 'c');
    await kind.fill(remote);
    await remote.expire(LONG);
    await run(remote, (local) => kind.change(local));
    expect(await kind.content(remote)).toEqual(kind.changed);
    await expectAbout(remote, LONG / 2, LONG);
  });

  test('a change keeps it where there is none', async () => {
    const remote = kind.make(subject.me, 'c');
    await kind.fill(remote);
    await run(remote, (local) => kind.change(local));
    expect(await remote.ttl()).toBe(null);
  });

  test.each(['throw', 'overwrite'] as const)('emptied and filled again it keeps it, under %s', async (onConflict) => {
    const remote = kind.make(subject.me, 'c');
    await kind.fill(remote);
    await remote.expire(LONG);
    await run(
      remote,
      (local) => {
        kind.empty(local);
        kind.rewrite(local);
        kind.change(local);
      },
      { onConflict },
    );
    expect(await kind.content(remote)).toEqual(kind.changed);
    await expectAbout(remote, LONG / 2, LONG);
  });

  test('the option ttl is renewed by a change', async () => {
    const remote = kind.make(subject.me, 'c', { ttl: LONG });
    await kind.fill(remote);
    await remote.expire(LONG / 4);
    await run(remote, (local) => kind.change(local));
    expect(await kind.content(remote)).toEqual(kind.changed);
    await expectAbout(remote, LONG / 2, LONG);
  });

  test('the option ttl is left alone where nothing changed', async () => {
    const remote = kind.make(subject.me, 'c', { ttl: LONG });
    await kind.fill(remote);
    await remote.expire(LONG / 4);
    await run(remote, (local) => kind.rewrite(local));
    await expectAbout(remote, 0, LONG / 4);
  });
}

function refusals(subject: Subject, kind: Kind): void {
  test('a collection of another process is refused, and nothing is loaded', async () => {
    const peer = subject.me.peer({ hostname: subject.session.host, processType: 'worker', id: 2 });
    const remote = kind.make(peer as never, 'c');
    await subject.expectNothingSent(async () => {
      expect(await rejection(open(remote))).toBeInstanceOf(ReadonlyError);
      expect(await rejection(run(remote, () => expect.unreachable()))).toBeInstanceOf(ReadonlyError);
    });
  });

  /** Puts something of another type under the key. */
  const putOther = async ({ key }: Remote): Promise<() => Promise<unknown>> => {
    await subject.session.client.del(key);
    if (kind.name === 'RedisList' || kind.name === 'RedisDeque') {
      await subject.session.client.set(key, 'other');
      return () => subject.session.client.get(key);
    }
    await subject.session.client.rpush(key, 'other');
    return async () => (await subject.session.client.lrangeBuffer(key, 0, -1)).map(String).join();
  };

  test('a key of another type is refused when the scope opens', async () => {
    const remote = kind.make(subject.me, 'c');
    const read = await putOther(remote);
    const error = await rejection(run(remote, () => expect.unreachable()));
    expect(error).toBeInstanceOf(WrongTypeError);
    expect(error).toMatchObject({ key: remote.key });
    expect(await read()).toBe('other');
  });

  test.each([undefined, 60_000])('or when it ends, and nothing is written (ttl %s)', async (ttl) => {
    const policies = [...(kind.policy === 'merge' ? (['merge'] as const) : []), 'throw', 'overwrite'] as const;
    for (const onConflict of policies) {
      const remote = kind.make(subject.me, `c-${onConflict}`, { ttl });
      await kind.fill(remote);
      for (const step of [kind.change, kind.empty]) {
        const local = await open(remote, { onConflict });
        step.call(kind, local);
        const read = await putOther(remote);
        const error = await rejection(leave(local));
        expect(error).toBeInstanceOf(WrongTypeError);
        expect(error).toMatchObject({ key: remote.key });
        expect(await read()).toBe('other');
        expect(await remote.ttl()).toBe(null);
        await subject.session.client.del(remote.key);
        await kind.fill(remote);
      }
    }
  });
}
