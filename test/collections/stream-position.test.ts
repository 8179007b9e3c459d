import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FollowingEntries } from '../../src/command/stream.js';
import { StreamPosition } from '../../src/collections/stream-position.js';

/** A stream as Redis keeps it, whose ids are `1-0`, `2-0`, … */
class Model {
  entries: number[] = [];
  lastId = 0;
  added = 0;
  maxDeleted = 0;

  add(count: number): void {
    for (let i = 0; i < count; i += 1) this.entries.push((this.lastId += 1));
    this.added += count;
  }

  trim(length: number): void {
    this.entries = this.entries.slice(Math.max(0, this.entries.length - length));
  }

  delete(id: number): void {
    if (!this.entries.includes(id)) return;
    this.entries = this.entries.filter((one) => one !== id);
    this.maxDeleted = Math.max(this.maxDeleted, id);
  }

  read(after: string, limit: number): FollowingEntries {
    const place = Number(after.split('-')[0]);
    return {
      facts: {
        lastId: `${this.lastId}-0`,
        added: this.added,
        maxDeleted: `${this.maxDeleted}-0`,
        length: this.entries.length,
        firstId: `${this.entries[0] ?? 0}-0`,
      },
      entries: this.entries
        .filter((id) => id > place)
        .slice(0, limit)
        .map((id) => ({ id: `${id}-0`, pairs: [] })),
    };
  }
}

const steps = fc.array(
  fc.oneof(
    fc.record({ add: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ trim: fc.integer({ min: 0, max: 8 }) }),
    fc.record({ delete: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ read: fc.integer({ min: 1, max: 5 }) }),
  ),
  { maxLength: 40 },
);

/** Follows a model through steps: what was yielded and told, and the ids that were there before a read. */
function followed(model: Model, position: StreamPosition, all: readonly object[], from: number) {
  const yielded: number[] = [];
  const gaps: { readonly missed: number | undefined }[] = [];
  const existed: number[] = [...model.entries.filter((id) => id > from)];
  const read = (limit: number): boolean => {
    const { gap, entries, more } = position.take(model.read(position.after, limit), limit);
    if (gap !== undefined) gaps.push(gap);
    for (const { id } of entries) yielded.push(Number(id.split('-')[0]));
    return more;
  };
  for (const step of all as readonly Partial<Record<'add' | 'trim' | 'delete' | 'read', number>>[]) {
    if (step.add !== undefined) {
      model.add(step.add);
      existed.push(...model.entries.slice(-step.add));
    }
    if (step.trim !== undefined) model.trim(step.trim);
    if (step.delete !== undefined) model.delete(step.delete);
    if (step.read !== undefined) read(step.read);
  }
  while (read(3));
  return { yielded, gaps, existed };
}

describe('the place of a follower', () => {
  test('each entry is yielded once and in order, and a gap is told where one is missing, else none', () => {
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        const model = new Model();
        followed(model, StreamPosition.atStart(), before, 0);
        const from = model.lastId;
        const position = StreamPosition.atEnd(model.read('0-0', 1).facts);
        const { yielded, gaps, existed } = followed(model, position, after, from);
        const missing = existed.filter((id) => !yielded.includes(id));
        expect(yielded).toEqual([...new Set(yielded)].sort((a, b) => a - b));
        expect(existed).toEqual(expect.arrayContaining(yielded));
        expect(gaps.length > 0).toBe(missing.length > 0);
        const counted = gaps.reduce((sum, { missed }) => sum + (missed ?? Number.NaN), 0);
        if (!Number.isNaN(counted)) expect(counted).toBe(missing.length);
      }),
      { numRuns: 2_000 },
    );
  });

  test('trimmed past it, the number that was missed is exact in every case', () => {
    fc.assert(
      fc.property(
        steps.map((all) => all.filter((step) => !('delete' in step))),
        (all) => {
          const model = new Model();
          const { yielded, gaps, existed } = followed(model, StreamPosition.atEnd(undefined), all, 0);
          const missing = existed.filter((id) => !yielded.includes(id)).length;
          expect(gaps.reduce((sum, { missed }) => sum + (missed ?? Number.NaN), 0)).toBe(missing);
          expect(gaps.every(({ missed }) => missed !== 0)).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['removed, and made anew with fewer', (model: Model) => Object.assign(model, new Model()).add(2)],
    ['removed, and made anew with as many', (model: Model) => Object.assign(model, new Model()).add(5)],
    ['an earlier state of itself', (model: Model) => Object.assign(model, { entries: [1, 2, 3], lastId: 3, added: 3 })],
  ])('a stream that is %s is said to be another one', (_, replace) => {
    const model = new Model();
    model.add(2);
    const position = StreamPosition.atStart();
    model.add(4);
    position.take(model.read(position.after, 10), 10);
    replace(model);
    const { gap, entries, more } = position.take(model.read(position.after, 10), 10);
    expect(gap).toMatchObject({ reason: 'replaced', from: '6-0', firstLeft: '1-0' });
    expect([entries, more]).toEqual([[], true]);
    const next = position.take(model.read(position.after, 10), 10);
    expect(next.gap).toBeUndefined();
    expect(next.entries.map(({ id }) => id)).toEqual(model.entries.map((id) => `${id}-0`));
  });

  test('one that is gone is another one when it is there again, even if all looks the same', () => {
    const model = new Model();
    model.add(3);
    const position = StreamPosition.atStart();
    position.take(model.read(position.after, 10), 10);
    expect(position.take({ facts: undefined, entries: [] }, 10)).toEqual({ gap: undefined, entries: [], more: false });
    expect(position.take(model.read(position.after, 10), 10).gap?.reason).toBe('replaced');
  });

  test('an empty stream that is there later has lost nothing', () => {
    for (const position of [StreamPosition.atStart(), StreamPosition.atEnd(undefined)]) {
      const model = new Model();
      position.take({ facts: undefined, entries: [] }, 10);
      model.add(3);
      const { gap, entries } = position.take(model.read(position.after, 10), 10);
      expect([gap, entries.length]).toEqual([undefined, 3]);
    }
  });

  test('behind the last id nothing is missed, though that entry is gone', () => {
    const model = new Model();
    model.add(3);
    model.trim(0);
    const position = StreamPosition.behind('3-0');
    expect(position.take(model.read('3-0', 10), 10).gap).toBeUndefined();
    model.add(1);
    expect(position.take(model.read('3-0', 10), 10).gap).toBeUndefined();
  });
});
