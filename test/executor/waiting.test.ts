import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { inTime, onAbort, pause } from '../../src/executor/waiting.js';

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('onAbort', () => {
  test('tells all who wait, over one listener, which goes with the last of them', () => {
    const { signal } = new AbortController();
    const ends = Array.from({ length: 100 }, () => onAbort(signal, () => {}));
    expect(listenersOf(signal)).toBe(1);
    for (const end of ends) end();
    expect(listenersOf(signal)).toBe(0);
  });

  test('tells each once, but not who has left; the same function twice is two', () => {
    const controller = new AbortController();
    const told: string[] = [];
    const both = (): void => void told.push('both');
    onAbort(controller.signal, both);
    onAbort(controller.signal, both);
    const leave = onAbort(controller.signal, () => told.push('left'));
    onAbort(controller.signal, () => told.push('stayed'));
    leave();
    leave();
    controller.abort();
    expect(told).toEqual(['both', 'both', 'stayed']);
  });

  test('begins anew for who comes when all others have left', () => {
    const controller = new AbortController();
    onAbort(controller.signal, () => {})();
    let told = false;
    onAbort(controller.signal, () => {
      told = true;
    });
    controller.abort();
    expect(told).toBe(true);
  });
});

describe('pause', () => {
  test('ends at an abort, and at once where that came before', async () => {
    const controller = new AbortController();
    const paused = pause(600_000, controller.signal);
    controller.abort();
    await paused;
    await pause(600_000, controller.signal);
    expect(listenersOf(controller.signal)).toBe(0);
  });

  test('leaves no listener when its time is up', async () => {
    const { signal } = new AbortController();
    await pause(1, signal);
    expect(listenersOf(signal)).toBe(0);
  });
});

describe('inTime', () => {
  const never = new Promise<never>(() => {});
  const late = (): Error => new Error('late');

  test('is the outcome of the work', async () => {
    const { signal } = new AbortController();
    expect(await inTime(Promise.resolve(1), 600_000, signal, late)).toBe(1);
    expect(await inTime(Promise.resolve(2), Number.POSITIVE_INFINITY, undefined, late)).toBe(2);
    await expect(inTime(Promise.reject(new Error('mine')), 600_000, signal, late)).rejects.toThrow('mine');
    expect(listenersOf(signal)).toBe(0);
  });

  test('ends when the time is up, and with the reason of an abort', async () => {
    await expect(inTime(never, 1, undefined, late)).rejects.toThrow('late');
    const controller = new AbortController();
    const outcome = inTime(never, 600_000, controller.signal, late).catch((error: unknown) => error);
    controller.abort('reason');
    expect(await outcome).toBe('reason');
    await expect(inTime(never, 600_000, controller.signal, late)).rejects.toBe('reason');
    expect(listenersOf(controller.signal)).toBe(0);
  });
});
