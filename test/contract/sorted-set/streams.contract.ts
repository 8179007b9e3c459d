import { beforeEach, describe, expect, test } from 'vitest';
import type { SortedSetCounter } from '../../../src/index.js';
import type { Backend } from '../../support/matrix.js';
import type { MakeSortedSet } from './sorted-set.contract.js';
import { collect, useSubject } from '../subject.js';

/** Iteration. */
export function sortedSetStreamsContract(backend: Backend, make: MakeSortedSet): void {
  const subject = useSubject(backend);
  let scores: SortedSetCounter<string>;
  beforeEach(() => {
    scores = make<string>(subject.me, 'scores');
  });

  describe('streams', () => {
    test('each of 10,000 members comes once, with its score', async () => {
      const members = Array.from({ length: 10_000 }, (_, i): [string, number] => [`member ${i}`, i / 4]);
      await scores.update(members);
      for (const stream of [scores.entries(), scores]) {
        const seen = await collect(stream);
        expect(seen).toHaveLength(10_000);
        expect(new Map(seen)).toEqual(new Map(members));
      }
      expect([...(await scores.toMap())]).toEqual(members);
    });

    test('members that stay come once while others come and go', async () => {
      const members = Array.from({ length: 6_000 }, (_, i): [string, number] => [`member ${i}`, i]);
      await scores.update(members);
      const seen: string[] = [];
      let step = 0;
      for await (const [member] of scores) {
        seen.push(member);
        if (seen.length % 500 !== 0 || step === 8) continue;
        await scores.deleteBetween({ minScore: 200 + step * 600, maxScore: 799 + step * 600 });
        await scores.set(`new ${step}`, -1);
        step += 1;
      }
      expect(step).toBeGreaterThan(1);
      const stayed = [...members.slice(0, 200), ...members.slice(200 + step * 600)].map(([member]) => member);
      expect(stayed.filter((member) => !seen.includes(member))).toEqual([]);
      expect(new Set(seen).size).toBe(seen.length);
    });

    test('can be left early', async () => {
      await scores.update(Array.from({ length: 2_500 }, (_, i): [string, number] => [`m${i}`, i]));
      let count = 0;
      for await (const [member, score] of scores) {
        expect(member).toBe(`m${score}`);
        count += 1;
        if (count === 100) break;
      }
      expect(count).toBe(100);
      const iterator = scores.entries();
      const first = iterator.next();
      await iterator.return?.();
      await first;
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });
  });
}
