import { describe, expect, test } from 'vitest';
import * as list from '../../src/command/list.js';
import * as readers from '../../src/command/readers.js';
import * as string from '../../src/command/string.js';
import { ConnectionError, UnknownOutcomeError } from '../../src/errors.js';
import { failureKind } from '../../src/executor/deliver/server-errors.js';
import { until } from '../support/until.js';
import { Bench, failing } from './fake-transport.js';

const get = (key: string) => string.get(key, readers.bytes);
const set = (key: string) => string.set(key, Buffer.from('1'));
const push = (key: string) => list.pushRight(key, [Buffer.from('1')]);

const WORDS = [
  'LOADING Redis is loading the dataset in memory',
  'BUSY Redis is busy running a script.',
  "READONLY You can't write against a read only replica.",
  'CLUSTERDOWN Hash slot not served',
  'MASTERDOWN Link with MASTER is down',
  'TRYAGAIN Multiple keys request during rehashing of slot',
  'MOVED 123',
];

describe('what was heard last', () => {
  for (const words of WORDS) {
    test(`is the cause and in the message, of all that waited for it: ${words}`, async () => {
      const bench = new Bench();
      bench.wire.onSend = (sent) => sent.refuse(words);
      const first = failing(bench.deliver(push('a'), 150));
      await until(() => bench.wire.sent.length > 0);
      const behind = failing(bench.deliver(get('a2'), 60));
      for (const error of await Promise.all([first, behind])) {
        expect(error).toBeInstanceOf(ConnectionError);
        expect(error).toMatchObject({ message: expect.stringContaining(words), cause: { message: words } });
        expect(String(error)).not.toContain('no server answered');
      }
    });
  }

  test('is that of the connection where there is none now', async () => {
    const bench = new Bench();
    bench.wire.ready = false;
    bench.wire.error = Object.assign(new Error('connect ECONNREFUSED redis://user:secret@127.0.0.1:1'), { code: 'E' });
    const late = failing(bench.deliver(get('a'), 30));
    expect(await late).toMatchObject({
      message: expect.stringMatching(/no server answered in time \(last word: connect ECONNREFUSED/),
      cause: { code: 'E' },
    });
    expect(String(await late)).not.toContain('secret');
    const ended = failing(bench.deliver(push('b')));
    bench.wire.ended = true;
    bench.delivery.end();
    expect(await ended).toMatchObject({ message: expect.stringContaining('ECONNREFUSED') });
  });

  test('is told to whoever is closed on, or overtaken', async () => {
    const bench = new Bench();
    const closedOn = failing(bench.deliver(push('a')));
    bench.last.refuse('LOADING not yet');
    await until(() => bench.wire.sent.length === 2);
    bench.last.refuse('BUSY Redis is busy');
    await Promise.resolve();
    bench.wire.ended = true;
    bench.delivery.end();
    expect(await closedOn).toMatchObject({ cause: { message: expect.stringMatching(/^(LOADING|BUSY)/) } });

    const other = new Bench();
    const first = failing(other.deliver(set('a')));
    const second = other.deliver(set('a'));
    other.wire.sent[0]?.refuse('LOADING not yet');
    other.wire.sent[1]?.reply('OK');
    await second;
    expect(await first).toMatchObject({ code: 'CONNECTION', cause: { message: 'LOADING not yet' } });
  });

  test('is told of a write that may have been run', async () => {
    const bench = new Bench();
    const lost = failing(bench.deliver(push('a')));
    bench.last.lose();
    expect(await lost).toBeInstanceOf(UnknownOutcomeError);
    expect(await lost).toMatchObject({ message: expect.stringContaining('Connection is closed') });
  });
});

describe('a failure', () => {
  const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });

  test('is a refusal only if the server says so, or if nothing was written', () => {
    expect(failureKind(reply('ERR no'))).toBe('refused');
    expect(failureKind(reply('any words at all'))).toBe('refused');
    expect(failureKind(new Error('Connection in subscriber mode, only subscriber commands may be used'))).toBe(
      'refused',
    );
    expect(failureKind(new Error("Stream isn't writeable and enableOfflineQueue options is false"))).toBe('not-run');
    const others = [
      Object.assign(new Error('Protocol error, got "H" as reply type byte'), { name: 'ParserError' }),
      new Error('Unknown RESP type 72 "H"'),
      new TypeError('undefined is not a function'),
      'a text',
      undefined,
    ];
    for (const other of others) expect(failureKind(other), String(other)).toBe('lost');
  });

  test('of a transport that throws is an error of the call, and nothing else', async () => {
    const bench = new Bench();
    bench.wire.send = () => {
      throw new RangeError('Invalid string length');
    };
    for (const call of [get('a'), push('a')]) {
      expect(await failing(bench.deliver<unknown>(call))).toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('Invalid string length'),
      });
    }
    const other = new Bench();
    const { routeOf } = other.wire;
    other.wire.routeOf = () => {
      throw new Error('Invalid node key x');
    };
    const waits = other.deliver(get('a'));
    const redirected = new Bench();
    redirected.wire.redirect = () => {
      throw new Error('Invalid node key x');
    };
    const moved = redirected.deliver(get('a'));
    redirected.last.refuse('MOVED 123');
    await until(() => redirected.wire.sent.length === 2, { what: 'the repetition' });
    redirected.last.reply(null);
    expect(await moved).toBeUndefined();
    other.wire.routeOf = routeOf;
    await until(() => other.wire.sent.length === 1, { what: 'the first attempt' });
    other.last.reply(null);
    expect(await waits).toBeUndefined();
  });
});
