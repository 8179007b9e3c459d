import { expect, test } from 'vitest';
import { type Command, CommandKind, type RawReply, transaction } from '../../src/command/command.js';
import * as hash from '../../src/command/hash.js';
import * as readers from '../../src/command/readers.js';
import { executorFor } from '../../src/executor/ioredis-executor.js';
import { WrongTypeError } from '../../src/index.js';
import { derivedKey } from '../../src/keys/keys.js';
import { setUpdate } from '../../src/command/scripts.gen.js';
import { useSubject } from '../contract/subject.js';
import { describeEachBackend } from '../support/matrix.js';

/** Text, also where a client of RESP3 gives numbers; nested as it comes. */
const plain = (raw: RawReply): unknown =>
  Array.isArray(raw) ? raw.map(plain) : Buffer.isBuffer(raw) ? raw.toString('latin1') : raw;

const write = (name: string, key: string, ...args: (string | Buffer)[]): Command<unknown> =>
  CommandKind.writing(name).of(key, args, readers.nothing);

describeEachBackend('a transaction', { kinds: ['standalone', 'cluster'] }, (backend) => {
  const subject = useSubject(backend);
  /** Long enough to be sent in a MULTI, from the second time on. */
  const long = (key: string) => write('set', key, Buffer.alloc(20_000));
  const run = (...parts: [Command<unknown>, ...Command<unknown>[]]): Promise<unknown> =>
    executorFor(subject.session.client).run(transaction(parts, (raws) => raws.map(plain)));
  const key = (name: string): string => derivedKey(subject.me.map('home').key, name);

  /** What a script replies, and what a MULTI does, of the same on other keys. */
  async function both(parts: (name: (name: string) => string) => Command<unknown>[]): Promise<readonly unknown[]> {
    const outcomes: unknown[] = [];
    const name = (round: string) => (one: string) => key(`${round}-${one}`);
    outcomes.push(await run(...(parts(name('script')) as [Command<unknown>])));
    for (let i = 0; i < 2; i += 1) {
      // The first time tells that it is allowed: all of it is run twice on empty keys.
      await subject.session.flush();
      const all = (await run(long(name('multi')('long')), ...parts(name('multi')))) as unknown[];
      outcomes.push(all.slice(1));
    }
    return outcomes;
  }

  test('replies what its parts reply, byte for byte: nothing, numbers, status, bytes, arrays', async () => {
    const odd = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const outcomes = await both((name) => [
      write('hget', name('h'), 'missing'),
      write('hset', name('h'), 'a', odd, 'b', Buffer.alloc(0), 'c', '\0\r\n'),
      write('hget', name('h'), 'a'),
      write('hmget', name('h'), 'c', 'missing', 'b', 'missing'),
      write('set', name('s'), odd, 'KEEPTTL'),
      write('set', name('s'), 'x', 'KEEPTTL', 'GET'),
      write('exists', name('nothing')),
      write('lpos', name('l'), 'x', 'COUNT', '0'),
      write('rpush', name('l'), 'x', odd, 'x'),
      write('lpos', name('l'), 'x', 'COUNT', '0'),
      write('hscan', name('h'), '0', 'COUNT', '10'),
      write('zadd', name('z'), 'NX', '0.1', 'm', '-inf', 'n'),
      write('zrange', name('nothing'), '0', '-1'),
      write('pttl', name('h')),
      write('pexpire', name('nothing'), '100'),
    ]);
    expect(outcomes[0]).toEqual(outcomes[2]);
    expect(outcomes[1]).toEqual(outcomes[2]);
    expect((outcomes[0] as unknown[])[2]).toBe(odd.toString('latin1'));
  });

  test('of more arguments than the stack of Lua holds replies the same', async () => {
    const many = Array.from({ length: 20_001 }, (_, i) => `m${i}`);
    const pairs = many.flatMap((one, i) => [one, String(i)]);
    const scores = many.flatMap((one, i) => [String(i), one]);
    const outcomes = await both((name) => [
      write('hset', name('h'), ...pairs),
      write('hset', name('h'), ...pairs, 'one', 'more'),
      write('hdel', name('h'), ...many.slice(0, 2_500), 'missing'),
      write('sadd', name('s'), ...many),
      write('srem', name('s'), ...many.slice(5)),
      write('zadd', name('z'), ...scores),
      write('zrem', name('z'), ...many.slice(7)),
      write('rpush', name('l'), ...many),
      write('lpush', name('l'), ...many),
      write('lrange', name('l'), '0', '3'),
      write('hmget', name('h'), ...many.slice(2_000, 5_000), 'missing'),
    ]);
    expect(outcomes[0]).toEqual(outcomes[2]);
    expect((outcomes[0] as unknown[]).slice(0, 9)).toEqual([
      20_001, 1, 2_500, 20_001, 19_996, 20_001, 19_994, 20_001, 40_002,
    ]);
  });

  test('of scripts on several keys runs each on its own, and in order', async () => {
    const [set, other] = [key('set'), key('other')];
    const update = (operation: string) => setUpdate.command([set, other], [operation], readers.nothing);
    const seen = CommandKind.reading('scard').of(set, [], readers.nothing);
    const replies = await run(
      write('sadd', other, 'a', 'b'),
      update('add'),
      seen,
      write('srem', other, 'a'),
      update('delete'),
      seen,
    );
    expect(replies).toEqual([2, 1, 2, 1, 1, 1]);
  });

  test('a part that is refused for its type does not keep the others from running', async () => {
    for (const first of [write('hset', key('map'), 'a', '1'), long(key('value')), long(key('value'))]) {
      await subject.session.flush();
      await run(write('rpush', key('list'), 'x'));
      const refused = run(first, write('hset', key('list'), 'a', '1'), write('hset', key('map'), 'b', '1'));
      await expect(refused).rejects.toThrow(WrongTypeError);
      const fields = await executorFor(subject.session.client).run(hash.size(key('map')));
      expect(fields).toBe(first.name === 'set' ? 1 : 2);
    }
  });
});
