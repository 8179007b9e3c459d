import { describe, expect, test } from 'vitest';
import * as hash from '../../src/command/hash.js';
import * as list from '../../src/command/list.js';
import * as readers from '../../src/command/readers.js';
import { Coalescer } from '../../src/executor/coalesce/coalescer.js';
import { within } from '../support/until.js';
import { Bench, failing } from './fake-transport.js';

const push = (key: string, value: string) => list.pushRight(key, [Buffer.from(value)]);

describe('replies of an unexpected shape', () => {
  const shapes = [null, 3, 'text', [], [null], ['a', 'b', 'c'], Buffer.from('x')] as const;
  const calls = [
    () => [hash.get('a', 'f', readers.bytes), hash.getMany('a', ['g', 'h'], (raw) => readers.asArray(raw).length)],
    () => [hash.get('a', 'f', readers.bytes), hash.get('a', 'g', readers.bytes)],
    () => [push('a', '1'), push('a', '2')],
    () => [list.popLeft('a', readers.bytes), list.popLeft('a', readers.bytes)],
    () => [hash.pop('a', 'f', readers.bytes)],
  ];
  test('leave nobody waiting', async () => {
    for (const shape of shapes) {
      for (const build of calls) {
        const bench = new Bench();
        const coalescer = new Coalescer((combinedCalls) => {
          for (const combined of combinedCalls) bench.delivery.deliver(combined);
        });
        const settled = build().map((command) => coalescer.add(command, 60_000));
        await new Promise(setImmediate);
        for (const sent of bench.wire.sent) sent.reply(shape);
        await within(Promise.allSettled(settled), 500, `those who wait for ${String(shape)}`);
      }
    }
  });

  test('an answer with too few values is an error, never a miss', async () => {
    const bench = new Bench();
    const coalescer = new Coalescer((combinedCalls) => {
      for (const combined of combinedCalls) bench.delivery.deliver(combined);
    });
    const call = (field: string) => coalescer.add(hash.get('a', field, readers.bytes), 60_000);
    void call('x').catch(() => {});
    const second = failing(call('y'));
    await new Promise(setImmediate);
    bench.last.reply([Buffer.from('1')]);
    expect(await second).toBeInstanceOf(Error);
  });
});
