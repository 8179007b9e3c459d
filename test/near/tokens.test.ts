import { describe, expect, test } from 'vitest';
import { Tokens } from '../../src/near/tokens.js';

describe('tokens', () => {
  test('hold until their key, or every key, is revoked', () => {
    const tokens = new Tokens();
    const [a, b] = [tokens.take('a'), tokens.take('b')];
    expect([a, b].map((token) => tokens.holds(token))).toEqual([true, true]);
    tokens.revoke('a');
    expect([a, b].map((token) => tokens.holds(token))).toEqual([false, true]);
    const again = tokens.take('a');
    expect([a, again].map((token) => tokens.holds(token))).toEqual([false, true]);
    tokens.revokeAll();
    expect([a, b, again].map((token) => tokens.holds(token))).toEqual([false, false, false]);
  });

  test('are shared until revoked, and end with the last who took them', () => {
    const tokens = new Tokens();
    const first = tokens.take('a');
    expect(tokens.take('a')).toBe(first);
    tokens.release(first);
    expect(tokens.holds(first)).toBe(true);
    tokens.release(first);
    expect(tokens.holds(first)).toBe(false);
    expect(tokens.take('a')).not.toBe(first);
  });

  test('that were revoked do not end those which came after them', () => {
    const tokens = new Tokens();
    const old = tokens.take('a');
    tokens.revoke('a');
    const current = tokens.take('a');
    tokens.release(old);
    expect(tokens.holds(current)).toBe(true);
  });
});
