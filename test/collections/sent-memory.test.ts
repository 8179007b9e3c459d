import { expect, test } from 'vitest';
import { LONG_BLOCK, sendMemory } from '../../src/codec/send-memory.js';
import { reclaiming } from '../../src/collections/sent-memory.js';
import { transaction } from '../../src/command/command.js';
import * as hash from '../../src/command/hash.js';
import { expireIfType } from '../../src/command/key.js';
import * as list from '../../src/command/list.js';
import * as readers from '../../src/command/readers.js';
import { BackpressureError, UnknownOutcomeError } from '../../src/errors.js';

const block = (): Buffer => sendMemory.allocate(LONG_BLOCK);
const push = (...values: Buffer[]) => list.pushRight('key', values);

test('memory comes back with the reply to the command whose argument it is, and not before', async () => {
  const [first, second, third] = [block(), block(), block()];
  let answer: (length: number) => void = () => {};
  const reply = reclaiming(
    push(first, Buffer.from('short'), second),
    new Promise<number>((resolve) => (answer = resolve)),
  );
  const other = reclaiming(push(third), Promise.resolve(1));
  expect(await other).toBe(1);
  expect([first, second, third].map((one) => sendMemory.isLent(one))).toEqual([true, true, false]);
  answer(3);
  expect(await reply).toBe(3);
  expect([first, second].map((one) => sendMemory.isLent(one))).toEqual([false, false]);
});

test('it comes back from the parts of a transaction', async () => {
  const value = block();
  const set = hash.set('key', ['field', value], readers.counted);
  await reclaiming(
    transaction([set, expireIfType('key', 'hash', 1_000)], () => undefined),
    Promise.resolve(undefined),
  );
  expect(sendMemory.isLent(value)).toBe(false);
});

test('it comes back where nothing was sent, and after any other error never', async () => {
  const [refused, lost] = [block(), block()];
  const full = new BackpressureError('full', { key: 'key' });
  const unknown = new UnknownOutcomeError('unknown', { key: 'key' });
  await expect(reclaiming(push(refused), Promise.reject(full))).rejects.toBe(full);
  await expect(reclaiming(push(lost), Promise.reject(unknown))).rejects.toBe(unknown);
  expect([refused, lost].map((one) => sendMemory.isLent(one))).toEqual([false, true]);
});

test('a command without any has its own reply', () => {
  const reply = Promise.resolve(1);
  expect(reclaiming(push(Buffer.alloc(LONG_BLOCK)), reply)).toBe(reply);
});
