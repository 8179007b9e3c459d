import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CommandKind, type Family } from '../../../src/command/command.js';
import * as hash from '../../../src/command/hash.js';
import * as list from '../../../src/command/list.js';
import * as readers from '../../../src/command/readers.js';
import { MAX_COMBINED_ARGUMENTS, MAX_COMBINED_BYTES } from '../../../src/executor/coalesce/combined-call.js';
import { execute, nextMacrotask, outcomeOf, Recorder, unreadable } from '../calls.js';
import { ModelStore } from '../model-store.js';

const many = (raw: Parameters<typeof readers.asArray>[0]) => readers.asArray(raw).map(readers.bytes);

describe('what is sent', () => {
  test('gets of one key are one HMGET, sets one HSET, and both keep apart from other keys', async () => {
    const recorder = new Recorder();
    for (const f of ['a', 'b', 'c']) void recorder.call(hash.get('k1', f, readers.bytes));
    for (const f of ['d', 'e']) void recorder.call(hash.set('k1', [f, Buffer.from('1')], readers.nothing));
    void recorder.call(hash.get('k2', 'a', readers.bytes));
    void recorder.call(hash.get('k1', 'f', readers.bytes));
    await nextMacrotask();
    expect(recorder.commands.map(({ name, keys: [k], args }) => [name, k, args.map(String)])).toEqual([
      ['hmget', 'k1', ['a', 'b', 'c', 'f']],
      ['hset', 'k1', ['d', '1', 'e', '1']],
      ['hget', 'k2', ['a']],
    ]);
  });

  test('no command has more arguments than allowed, unless a single call has', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 3_000 })), {
          maxLength: 12,
        }),
        fc.boolean(),
        async (sizes, writes) => {
          const recorder = new Recorder();
          let n = 0;
          for (const size of sizes) {
            const names = Array.from({ length: size }, () => `f${(n += 1)}`);
            const pairs = names.flatMap((name) => [name, Buffer.from('v')]);
            if (writes) void recorder.call(hash.set('k', pairs, readers.nothing));
            else void recorder.call(hash.getMany('k', names, many));
          }
          for (let i = 0; i < 2_500; i += 1) void recorder.call(hash.get('k', `g${i}`, readers.bytes));
          await nextMacrotask();
          for (const { size, command } of recorder.combinedCalls) {
            if (size > 1) expect(command.args.length).toBeLessThanOrEqual(MAX_COMBINED_ARGUMENTS);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test('no command has more bytes of arguments than allowed, unless a single call has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 700_000 }), { maxLength: 10 }), async (sizes) => {
        const recorder = new Recorder();
        sizes.forEach((size, i) => void recorder.call(hash.set('k', [`f${i}`, Buffer.alloc(size)], readers.nothing)));
        await nextMacrotask();
        for (const { size, command } of recorder.combinedCalls) {
          const bytes = command.args.reduce((sum, argument) => sum + Buffer.byteLength(argument), 0);
          if (size > 1) expect(bytes).toBeLessThanOrEqual(MAX_COMBINED_BYTES);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('pops of one tick are at most as many as allowed', async () => {
    const recorder = new Recorder();
    for (let i = 0; i < 5_000; i += 1) void recorder.call(list.popLeft('k', readers.bytes));
    await nextMacrotask();
    expect(recorder.combinedCalls.map((combined) => combined.size).reduce((a, b) => a + b)).toBe(5_000);
    for (const { size } of recorder.combinedCalls) expect(size).toBeLessThanOrEqual(MAX_COMBINED_ARGUMENTS);
  });
});

describe('when it is sent', () => {
  test('a lone call goes in its own tick: before timers, immediates and I/O', async () => {
    for (const phase of ['immediate', 'timer', 'promise'] as const) {
      const recorder = new Recorder();
      const order: string[] = [];
      await new Promise<void>((resolve) => {
        const act = () => {
          setImmediate(() => {
            order.push(`immediate ${recorder.ticks.length}`);
            resolve();
          });
          setTimeout(() => order.push(`timer ${recorder.ticks.length}`), 0);
          void recorder.call(hash.get('k', 'a', readers.bytes));
        };
        if (phase === 'immediate') setImmediate(act);
        else if (phase === 'timer') setTimeout(act, 0);
        else void Promise.resolve().then(act);
      });
      // One combined call is out by the time anything else of the event loop has its turn.
      expect(order.length, phase).toBeGreaterThan(0);
      for (const turn of order) expect(turn, phase).toMatch(/^(immediate|timer) 1$/);
    }
  });

  test('calls made after any number of awaits in one macrotask go together', async () => {
    for (const phase of ['immediate', 'timer', 'promise'] as const) {
      const recorder = new Recorder();
      const act = () => {
        for (let awaits = 0; awaits < 8; awaits += 1) {
          void (async () => {
            for (let i = 0; i < awaits; i += 1) await Promise.resolve();
            await recorder.call(hash.get('k', `f${awaits}`, readers.bytes));
          })();
        }
      };
      if (phase === 'immediate') setImmediate(act);
      else if (phase === 'timer') setTimeout(act, 0);
      else void Promise.resolve().then(act);
      await new Promise<void>((resolve) => {
        setTimeout(() => setImmediate(resolve), 5);
      });
      expect(
        recorder.combinedCalls.map((combined) => combined.size),
        phase,
      ).toEqual([8]);
    }
  });

  test('a call made while the combined calls of a tick are being sent is not lost', async () => {
    const late: Promise<unknown>[] = [];
    const store = new ModelStore();
    const recorder = new Recorder((combinedCalls) => {
      if (late.length === 0) late.push(recorder.call(hash.get('k', 'late', readers.bytes)));
      execute(combinedCalls, (command) => store.run(command));
    });
    expect(await recorder.call(hash.get('k', 'a', readers.bytes))).toBeUndefined();
    expect(late).toHaveLength(1);
    expect(await Promise.all(late)).toEqual([undefined]);
    expect(recorder.ticks).toHaveLength(2);
  });
});

describe('errors', () => {
  test('calls that cannot be one command fail, and no others', async () => {
    const bad = new Error('no command');
    const family: Family = {
      name: 'bad',
      access: 'write',
      scope: 'whole',
      stride: 1,
      combine: () => {
        throw bad;
      },
      distribute: () => [],
    };
    const kind = CommandKind.writing('rpush', { family });
    const store = new ModelStore();
    const recorder = new Recorder((combinedCalls) => execute(combinedCalls, (command) => store.run(command)));
    const calls = [
      recorder.call(kind.of('k1', ['a'], readers.nothing)),
      recorder.call(hash.get('k2', 'a', readers.bytes)),
      recorder.call(kind.of('k1', ['b'], readers.nothing)),
    ];
    expect(await Promise.allSettled(calls)).toEqual([
      { status: 'rejected', reason: bad },
      { status: 'fulfilled', value: undefined },
      { status: 'rejected', reason: bad },
    ]);
  });

  test('a reply that cannot be read rejects the one call that asked for it', async () => {
    const recorder = new Recorder();
    const bad = new Error('unreadable');
    const calls = [
      recorder.call(hash.get('k', 'a', readers.bytes)),
      recorder.call(unreadable(hash.get('k', 'b', readers.bytes), bad)),
      recorder.call(hash.getMany('k', ['a', 'b'], many)),
    ];
    await nextMacrotask();
    expect(recorder.commands.map(({ name }) => name)).toEqual(['hmget']);
    const [a, b] = [Buffer.from('1'), Buffer.from('2')];
    recorder.combinedCalls[0]?.settle([a, b, a, b]);
    expect(await Promise.allSettled(calls)).toEqual([
      { status: 'fulfilled', value: a },
      { status: 'rejected', reason: bad },
      { status: 'fulfilled', value: [a, b] },
    ]);
  });

  test('the error of a command reaches its callers, all of them and no others', async () => {
    const recorder = new Recorder();
    const gets = ['a', 'b'].map((f) => outcomeOf(recorder.call(hash.get('k', f, readers.bytes))));
    const sets = ['c', 'd'].map((f) => outcomeOf(recorder.call(hash.set('k', [f, f], readers.nothing))));
    await nextMacrotask();
    const [first, second] = recorder.combinedCalls;
    first?.fail(new Error('refused'));
    second?.settle(2);
    expect(await Promise.all(gets)).toEqual([{ error: 'Error: refused' }, { error: 'Error: refused' }]);
    expect(await Promise.all(sets)).toEqual([{ value: null }, { value: null }]);
  });
});
