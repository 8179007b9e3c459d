import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../../src/command/command.js';
import * as hash from '../../../src/command/hash.js';
import * as list from '../../../src/command/list.js';
import * as readers from '../../../src/command/readers.js';
import * as string from '../../../src/command/string.js';
import { Coalescer } from '../../../src/executor/coalesce/coalescer.js';
import { ConnectionError, UnknownOutcomeError, WrongTypeError } from '../../../src/errors.js';
import { until, within } from '../../support/until.js';
import { Bench, failing } from '../fake-transport.js';

const get = (key: string) => string.get(key, readers.bytes);
const set = (key: string, value = '1') => string.set(key, Buffer.from(value));
const push = (key: string, value = '1') => list.pushRight(key, [Buffer.from(value)]);
const swap = (key: string, value = '1') => hash.swap(key, 'f', Buffer.from(value), readers.bytes);

describe('repetition', () => {
  test('an idempotent command that was lost is sent again', async () => {
    const bench = new Bench();
    for (const command of [get('a'), set('b')] as const) {
      const call = bench.deliver<unknown>(command);
      const before = bench.wire.sent.length;
      bench.last.lose();
      await until(() => bench.wire.sent.length > before, { what: 'the repetition' });
      bench.last.reply(Buffer.from('OK'));
      await call;
    }
    expect(bench.wire.log).toEqual(['get a', 'get a', 'set b 1 KEEPTTL', 'set b 1 KEEPTTL']);
  });

  test('another command that was lost has an unknown outcome at once, and is never sent again', async () => {
    const bench = new Bench();
    for (const command of [push('a'), swap('b'), list.popLeft('c', readers.bytes)] as Command<unknown>[]) {
      const error = failing(bench.deliver(command, 60));
      bench.last.lose();
      expect(await within(error, 40, 'the error')).toBeInstanceOf(UnknownOutcomeError);
    }
    bench.delivery.resume();
    const read = bench.deliver(get('a'));
    bench.last.reply(null);
    await read;
    expect(bench.wire.log.filter((line) => !line.startsWith('get'))).toEqual(['rpush a 1', 'multi b', 'lpop c']);
  });

  test('a reply which says that it was not run repeats any command', async () => {
    const refusals = [
      'LOADING Redis is loading the dataset in memory',
      'TRYAGAIN Multiple keys request during rehashing of slot',
      'CLUSTERDOWN The cluster is down',
      'MASTERDOWN Link with MASTER is down',
      "READONLY You can't write against a read only replica.",
      'BUSY Redis is busy running a script.',
      'MOVED 1 127.0.0.1:7001',
      'ASK 1 127.0.0.1:7001',
      'Too many Cluster redirections. Last error: ReplyError: MOVED 1 127.0.0.1:7001',
    ];
    await Promise.all(
      refusals.map(async (message) => {
        const bench = new Bench();
        const call = bench.deliver(push('a'));
        bench.last.refuse(message);
        await until(() => bench.wire.sent.length === 2, { what: `the repetition after ${message}` });
        bench.last.reply(7);
        expect(await call, message).toBe(7);
      }),
    );
  });

  test('a refusal is final, and reaches only its caller', async () => {
    const bench = new Bench();
    const wrong = failing(bench.deliver(push('a')));
    const denied = failing(bench.deliver(push('a')));
    const fine = bench.deliver(push('a'));
    bench.wire.sent[0]?.refuse('WRONGTYPE Operation against a key holding the wrong kind of value');
    bench.wire.sent[1]?.refuse('NOPERM this user has no permissions');
    bench.wire.sent[2]?.reply(1);
    expect(await wrong).toBeInstanceOf(WrongTypeError);
    expect(await denied).toMatchObject({ code: 'SERVER', serverCode: 'NOPERM' });
    expect(await fine).toBe(1);
    expect(bench.wire.sent).toHaveLength(3);
  });

  test('pauses between repetitions grow, and end at the deadline', async () => {
    const bench = new Bench();
    // At once, so that none is on its way when the time is up.
    bench.wire.onSend = (sent) => sent.refuse('LOADING not yet');
    const call = failing(bench.deliver(push('a'), 400));
    expect(await within(call, 1_200, 'the deadline')).toBeInstanceOf(ConnectionError);
    expect(bench.wire.sent.length).toBeLessThan(10);
  });
});

describe('order', () => {
  test('what comes after a command that waits, waits behind it, in its domain only', async () => {
    const bench = new Bench();
    const calls = [bench.deliver(set('a', '1'))];
    bench.last.lose();
    await Promise.resolve();
    calls.push(bench.deliver(set('a', '2')), bench.deliver(set('a', '3')), bench.deliver(set('b', '4')));
    expect(bench.wire.log).toEqual(['set a 1 KEEPTTL', 'set b 4 KEEPTTL']);
    await until(() => bench.wire.sent.length === 5, { what: 'the rest' });
    for (const sent of bench.wire.sent) sent.reply('OK');
    await Promise.all(calls);
    expect(bench.wire.log.slice(2)).toEqual(['set a 1 KEEPTTL', 'set a 2 KEEPTTL', 'set a 3 KEEPTTL']);
  });

  test('all that was in flight is repeated in the order of the calls, whatever the order of their failures', async () => {
    const bench = new Bench();
    const calls = ['1', '2', '3', '4'].map((value) => bench.deliver(set('a', value)));
    for (const i of [2, 0, 3, 1]) {
      bench.wire.sent[i]?.lose();
      await Promise.resolve();
    }
    await until(() => bench.wire.sent.length === 8, { what: 'the repetitions' });
    for (const sent of bench.wire.sent) sent.reply('OK');
    await Promise.all(calls);
    expect(bench.wire.log.slice(4)).toEqual(bench.wire.log.slice(0, 4));
  });

  test('an earlier write that a later one has overtaken is refused, not repeated', async () => {
    const bench = new Bench();
    const first = failing(bench.deliver(set('a', '1')));
    const second = bench.deliver(set('a', '2'));
    bench.wire.sent[0]?.refuse('LOADING not yet');
    bench.wire.sent[1]?.reply('OK');
    await second;
    expect(await within(first, 1_000, 'the refusal')).toBeInstanceOf(ConnectionError);
    await expect(sentLater(bench)).resolves.toEqual(['set a 1 KEEPTTL', 'set a 2 KEEPTTL']);
  });

  test('likewise when the answer of the later one is noticed first', async () => {
    const bench = new Bench();
    const first = failing(bench.deliver(set('a', '1')));
    const second = bench.deliver(set('a', '2'));
    bench.wire.sent[1]?.reply('OK');
    await second;
    bench.wire.sent[0]?.refuse('LOADING not yet');
    expect(await within(first, 1_000, 'the refusal')).toBeInstanceOf(ConnectionError);
    await expect(sentLater(bench)).resolves.toEqual(['set a 1 KEEPTTL', 'set a 2 KEEPTTL']);
  });

  test('reads of other keys may be overtaken', async () => {
    const bench = new Bench();
    const first = bench.deliver(get('a1'));
    const second = bench.deliver(set('a2', '2'));
    bench.wire.sent[0]?.refuse('LOADING not yet');
    bench.wire.sent[1]?.reply('OK');
    await second;
    await until(() => bench.wire.sent.length === 3, { what: 'the repetition' });
    bench.last.reply(Buffer.from('x'));
    expect(String(await first)).toBe('x');
  });

  test('nothing is sent while there is no connection, and all of it in order when there is', async () => {
    const bench = new Bench();
    bench.wire.ready = false;
    const calls = ['1', '2', '3'].map((value) => bench.deliver(push('a', value)));
    expect(bench.wire.sent).toHaveLength(0);
    bench.wire.ready = true;
    bench.delivery.resume();
    expect(bench.wire.log).toEqual(['rpush a 1', 'rpush a 2', 'rpush a 3']);
    for (const sent of bench.wire.sent) sent.reply(1);
    await Promise.all(calls);
  });
});

describe('deadlines', () => {
  test('say whether a write may have been run', async () => {
    const bench = new Bench();
    const inFlight = [failing(bench.deliver(push('a'), 30)), failing(bench.deliver(get('b'), 30))];
    bench.wire.ready = false;
    const waiting = [failing(bench.deliver(push('c'), 30)), failing(bench.deliver(get('d'), 30))];
    const errors = await within(Promise.all([...inFlight, ...waiting]), 500, 'the errors');
    expect(errors.map((error) => (error as Error).name)).toEqual([
      'UnknownOutcomeError',
      'ConnectionError',
      'ConnectionError',
      'ConnectionError',
    ]);
    expect(bench.wire.sent).toHaveLength(2);
  });

  test('an idempotent write that was lost before has an unknown outcome when time is up', async () => {
    const bench = new Bench();
    const call = failing(bench.deliver(set('a'), 60));
    bench.wire.ready = false;
    bench.last.lose();
    expect(await within(call, 500, 'the error')).toBeInstanceOf(UnknownOutcomeError);
  });

  test('a late reply to one that timed out does no harm, and what comes after is delivered', async () => {
    const bench = new Bench();
    const late = failing(bench.deliver(set('a', '1'), 30));
    await within(late, 500, 'the error');
    const next = bench.deliver(set('a', '2'));
    bench.wire.sent[0]?.reply('OK');
    bench.wire.sent[1]?.reply('OK');
    await next;
    expect(bench.wire.log).toEqual(['set a 1 KEEPTTL', 'set a 2 KEEPTTL']);
  });

  test('one that timed out while it waited is not sent when the connection is back', async () => {
    const bench = new Bench();
    bench.wire.ready = false;
    await failing(bench.deliver(push('a', '1'), 30));
    const next = bench.deliver(push('a', '2'));
    bench.wire.ready = true;
    bench.delivery.resume();
    bench.last.reply(1);
    await next;
    expect(bench.wire.log).toEqual(['rpush a 2']);
  });

  test('take what is over out of the midst of what waits', async () => {
    const bench = new Bench();
    bench.wire.ready = false;
    const calls = ['a', 'ab', 'ac', 'ad', 'ae'].map((key, i) => bench.deliver(get(key), i % 2 === 1 ? 1 : 60_000));
    const late = calls.filter((_, i) => i % 2 === 1).map(failing);
    for (const error of late) expect(await error).toBeInstanceOf(ConnectionError);
    bench.wire.ready = true;
    bench.delivery.resume();
    for (const sent of bench.wire.sent) sent.reply(null);
    await Promise.all(calls.filter((_, i) => i % 2 === 0));
    expect(bench.wire.log).toEqual(['get a', 'get ac', 'get ae']);
  });

  test('a call keeps its deadline when it is combined with a less patient one', async () => {
    const bench = new Bench();
    const coalescer = new Coalescer((combinedCalls) => {
      for (const combined of combinedCalls) bench.delivery.deliver(combined);
    });
    const call = (field: string, deadline: number) => coalescer.add(hash.get('a', field, readers.bytes), deadline);
    const patient = call('x', 60_000);
    const impatient = failing(call('y', 20));
    expect(await within(impatient, 500, 'the impatient call')).toBeInstanceOf(ConnectionError);
    for (const { command, reply } of bench.wire.sent)
      reply(command.name === 'hget' ? null : command.args.map(() => null));
    await expect(patient).resolves.toBeUndefined();
  });
});

describe('what was answered', () => {
  test('is let go of, whatever waits elsewhere', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const bench = new Bench();
    void failing(bench.deliver(get('a'), 60_000));
    bench.wire.ready = false;
    void failing(bench.deliver(get('c'), 60_000));
    bench.wire.ready = true;
    const replies: WeakRef<Buffer>[] = [];
    for (let i = 0; i < 20; i += 1) {
      const call = bench.deliver(get('b'), 60_000);
      const reply = Buffer.alloc(100_000);
      replies.push(new WeakRef(reply));
      bench.wire.sent.pop()?.reply(reply);
      await call;
    }
    await new Promise(setImmediate);
    collectGarbage();
    expect(replies.filter((reply) => reply.deref() !== undefined).length).toBeLessThan(3);
  });
});

describe('the end', () => {
  test('rejects what waits, at once, and what comes later', async () => {
    const bench = new Bench();
    bench.wire.ready = false;
    const waiting = ['a', 'b'].map((key) => failing(bench.deliver(push(key))));
    bench.wire.ended = true;
    bench.delivery.end();
    for (const error of await within(Promise.all(waiting), 50, 'the errors')) {
      expect(error).toBeInstanceOf(ConnectionError);
    }
    expect(await within(failing(bench.deliver(get('a'))), 100, 'the error')).toBeInstanceOf(ConnectionError);
  });

  test('what was in flight when the client ended is not repeated', async () => {
    const bench = new Bench();
    const calls = [
      failing(bench.deliver(get('a'))),
      failing(bench.deliver(set('a'))),
      failing(bench.deliver(push('a'))),
    ];
    bench.wire.ended = true;
    for (const sent of bench.wire.sent) sent.lose();
    const errors = await within(Promise.all(calls), 50, 'the errors');
    expect(errors.map((error) => (error as { code: string }).code)).toEqual([
      'CONNECTION',
      'UNKNOWN_OUTCOME',
      'UNKNOWN_OUTCOME',
    ]);
    expect(bench.wire.sent).toHaveLength(3);
  });

  test('no timer is left when nothing is pending', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const benches = Array.from({ length: 5 }, () => new Bench());
    for (const bench of benches) {
      const call = bench.deliver(get('a'));
      bench.last.refuse('LOADING not yet');
      await until(() => bench.wire.sent.length === 2);
      bench.last.reply(null);
      await call;
    }
    await until(() => timers() <= before + 1, { what: 'the timers to stop' });
  });
});

/** What has been sent by the time a later command of another key in the same domain has gone through. */
async function sentLater(bench: Bench): Promise<string[]> {
  const before = bench.wire.sent.length;
  const probe = bench.deliver(get('a-probe'));
  await until(() => bench.wire.sent.slice(before).some(({ key }) => key === 'a-probe'), { what: 'the probe' });
  bench.wire.sent.find(({ key }) => key === 'a-probe')?.reply(null);
  await probe;
  return bench.wire.log.filter((line) => !line.includes('probe'));
}
