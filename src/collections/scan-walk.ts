import { Budget, within } from '../codec/limits.js';
import { readLoading } from '../codec/not-loaded.js';
import type { Command } from '../command/command.js';
import * as readers from '../command/readers.js';
import { ScanOrigin, StaleCursor } from '../command/scan-origin.js';
import { FingerprintSet } from './fingerprint-set.js';
import type { HashLayout } from './hash-layout.js';
import { type Page, PagedIterator, PageSize } from './paged-iterator.js';
import { timers } from '../timers.js';

type Run = <R>(build: () => Command<R>) => Promise<R>;

/** Reads one step of a scan: the next cursor, and fields with or without their values. */
export type Step = (
  cursor: string,
  count: number,
  origin: ScanOrigin,
) => Promise<{ readonly cursor: string; readonly parts: readonly Buffer[] }>;

/** Iterates over the entries of a hash, each once. */
export function walkEntries<T>(
  run: Run,
  layout: HashLayout,
  read: (field: string, value: Buffer) => T,
): PagedIterator<T> {
  const step: Step = async (cursor, count, origin) => {
    const page = await run(() => layout.scan(cursor, count).with({ origin }));
    return { cursor: page.cursor, parts: page.pairs };
  };
  return walk(step, 2, (parts, i) => read(readers.fieldOf(layout.keys[0], parts[i]), parts[i + 1] as Buffer));
}

/** Iterates over the fields of a hash, each once, without transferring values. */
export function walkKeys<T>(run: Run, layout: HashLayout, read: (field: string) => T): PagedIterator<T> {
  const step: Step = async (cursor, count, origin) => {
    const page = await run(() => layout.scanKeys(cursor, count).with({ origin }));
    return { cursor: page.cursor, parts: page.fields };
  };
  return walk(step, 1, (parts, i) => read(readers.fieldOf(layout.keys[0], parts[i])));
}

/**
 * Iterates over a scan, each element once. HSCAN, SSCAN and ZSCAN return elements that stay at least once, and more
 * often when the key shrinks meanwhile; so seen ones are remembered, unless the first page is the last. From the second
 * page on the next one is prefetched as soon as its cursor is known, so that server and caller work in parallel; a
 * caller that stops at the first page requests no other. If the connection was lost, or another node serves the slot
 * now, the scan restarts, and yields only new elements.
 *
 * @see https://redis.io/docs/latest/commands/scan/#scan-guarantees
 */
export function walk<T>(step: Step, stride: 1 | 2, read: (parts: readonly Buffer[], i: number) => T): PagedIterator<T> {
  const size = new PageSize();
  let seen: FingerprintSet | undefined;
  let cursor = '0';
  let isFirst = true;
  let ahead: ReturnType<Step> | undefined;
  const origin = new ScanOrigin();
  const take = async (): ReturnType<Step> => {
    for (;;) {
      const sent = ahead ?? step(cursor, size.count, origin);
      ahead = undefined;
      try {
        return await sent;
      } catch (error) {
        if (!(error instanceof StaleCursor)) throw error;
        origin.restart();
        cursor = '0';
      }
    }
  };
  return new PagedIterator(async (): Promise<Page<T>> => {
    const { cursor: next, parts } = await take();
    cursor = next;
    const last = next === '0';
    size.learn(parts, stride);
    if (!last && !isFirst) {
      ahead = step(next, size.count, origin);
      // The caller that gets to this page receives the error.
      ahead.catch(() => {});
      await sent();
    }
    isFirst = false;
    if (!last) seen ??= new FingerprintSet();
    const unseen: number[] = [];
    for (let i = 0; i < parts.length; i += stride) {
      if (seen === undefined || seen.add((parts[i] as Buffer).toString('latin1'))) unseen.push(i);
    }
    const items = await readLoading(() => within(new Budget(), () => unseen.map((i) => read(parts, i))));
    return { items, last };
  });
}

/** Waits until the call is sent, at the end of the tick, which a caller that takes item after item would delay. */
function sent(): Promise<void> {
  return new Promise((resolve) => timers.atEndOfTick(resolve));
}
