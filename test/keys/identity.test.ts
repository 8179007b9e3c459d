import { hostname } from 'node:os';
import fc from 'fast-check';
import RedisMock from 'ioredis-mock';
import { describe, expect, test } from 'vitest';
import { type IdentityOptions, Namespace, NamespaceError } from '../../src/index.js';

const client = new RedisMock();
const make = (options: IdentityOptions): Namespace => new Namespace(client, options);

function refusal(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('It was not refused');
}

describe('identity', () => {
  test('has the host name and the process id as defaults', () => {
    const me = make({ processType: 'worker' });
    expect([me.hostname, me.processType, me.id]).toEqual([hostname(), 'worker', String(process.pid)]);
    expect(me.prefix).toBe(`${hostname()}:worker:${process.pid}:`);
    const same = make({ processType: 'worker', id: undefined, hostname: undefined });
    expect(same.prefix).toBe(me.prefix);
  });

  test('takes numbers and text as id', () => {
    expect(make({ processType: 'worker', id: 0 }).id).toBe('0');
    expect(make({ processType: 'worker', id: 3 }).prefix).toBe(make({ processType: 'worker', id: '3' }).prefix);
    expect(make({ hostname: 'a.b-c_D9', processType: 'w', id: 'x'.repeat(128) }).prefix).toBe(
      `a.b-c_D9:w:${'x'.repeat(128)}:`,
    );
  });

  const bad = ['', 'a:b', 'a b', 'a/b', '{a}', 'a*', '[a]', 'a?', 'ä', 'a\n', '\0', '👩', 'x'.repeat(129), '\\'];
  test.each(['hostname', 'processType', 'id'] as const)('a %s that is not well-formed is refused by name', (part) => {
    for (const value of bad) {
      const identity = { hostname: 'host', processType: 'worker', id: '1', [part]: value };
      const peer = (): unknown => make({ processType: 'me' }).peer(identity);
      for (const error of [refusal(() => make(identity)), refusal(peer)]) {
        expect(error).toBeInstanceOf(NamespaceError);
        expect(error).toMatchObject({ code: 'NAMESPACE', name: 'NamespaceError' });
        expect((error as Error).message).toMatch(new RegExp(`^${part} must be 1-128 characters of \\[A-Za-z0-9._-\\]`));
        expect((error as Error).message.length).toBeLessThan(300);
      }
    }
  });

  test('a part of another type is refused by name', () => {
    for (const value of [null, {}, [], true, 1, Symbol('s')] as unknown as string[]) {
      const error = refusal(() => make({ processType: value }));
      expect(error).toBeInstanceOf(NamespaceError);
      expect((error as Error).message).toContain('processType');
    }
    expect(refusal(() => make({} as IdentityOptions))).toBeInstanceOf(NamespaceError);
    for (const id of [{}, [], true, 1n] as unknown as string[]) {
      expect((refusal(() => make({ processType: 'w', id })) as Error).message).toContain('id must be');
    }
  });

  test('a deadline must be more than nothing', () => {
    for (const deadline of [0, -1, Number.NaN]) {
      expect(() => new Namespace(client, { processType: 'worker', deadline })).toThrow(RangeError);
    }
  });

  test('property: what is accepted is exactly 1-128 of the allowed characters', () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 10 }),
      fc.string({ unit: fc.constantFrom(...'abcXYZ019._-'), minLength: 0, maxLength: 140 }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const good = /^[A-Za-z0-9._-]{1,128}$/.test(text) && !text.endsWith('\n');
        let accepted = true;
        try {
          make({ processType: text });
        } catch (error) {
          expect(error).toBeInstanceOf(NamespaceError);
          accepted = false;
        }
        expect(accepted).toBe(good);
      }),
    );
  });
});
