import { describe, expect, test } from 'vitest';
import { messages } from './compile.js';

const START = `import { codec, keyCodec, Namespace } from 'redimap';
declare const me: Namespace;
const peer = me.peer({ processType: 'worker', id: 1 });
`;
const complaints = (code: string): string[] => messages(START + code);

describe('what reads a collection takes that of a peer', () => {
  const right: Readonly<Record<string, string>> = {
    'counters are added to counters': `
      const sums = me.counter('sums');
      await sums.update(peer.counter('seen'));
      await sums.subtract(peer.counter('seen'));
      const plus: Map<string, number> = await sums.plus(peer.counter('seen'));
      const all: Map<string, number>[] = [
        await sums.minus(peer.counter('seen')), await sums.max(peer.counter('a')), await sums.min(peer.counter('a')),
        await peer.counter('seen').plus(sums), await peer.counter('seen').min(peer.counter('other')),
      ];`,
    'counters of other keys and of bigints, too': `
      const sums = me.counter('sums', { key: keyCodec.int, bigint: true });
      await sums.update(peer.counter('seen', { key: keyCodec.int, bigint: true }));
      const max: Map<number, bigint> = await sums.max(peer.counter('seen', { key: keyCodec.int, bigint: true }));`,
    'sets have its algebra': `
      const names = me.set('names');
      const other = peer.set('names');
      const all: Set<string>[] = [
        await names.union(other), await names.intersection(other), await names.difference(other),
        await names.symmetricDifference(other), await other.union(names), await other.difference(peer.set('more')),
      ];
      const is: boolean[] = [
        await names.isSubsetOf(other), await names.isSupersetOf(other), await names.isDisjointFrom(other),
        await other.isSubsetOf(names),
      ];
      const mixed: Set<string | number> = await names.union(peer.set('numbers', { member: keyCodec.int }));`,
    'sets are changed by it': `
      const names = me.set('names');
      await names.addAll(peer.set('names'), ['a']);
      await names.deleteAll(peer.set('names'));
      await names.retainAll(peer.set('names'));
      await names.toggleAll(peer.set('names'), peer.list<string>('texts'));`,
    'sorted sets are updated by it': `
      await me.sortedSetCounter('peaks').update(peer.sortedSetCounter('peaks'));
      await me.sortedSetCounter('peaks', { member: keyCodec.int }).update(
        peer.sortedSetCounter('peaks', { member: keyCodec.int }),
      );`,
    'maps are set from it': `
      const sums = me.map('sums', { value: codec.int });
      await sums.setMany(peer.map('sums', { value: codec.int }));
      await sums.setMany(peer.defaultMap('sums', { value: codec.int }));
      await sums.setMany(peer.counter('sums'));
      await sums.setMany(peer.sortedSetCounter('sums'));
      await me.lru('sums', { value: codec.int }).setMany(peer.lru('sums', { value: codec.int }));`,
  };
  test.each(Object.entries(right))('%s', (_, code) => expect(complaints(code)).toEqual([]));

  const wrong: Readonly<Record<string, string>> = {
    'a counter of bigints is none of numbers': "await me.counter('a').update(peer.counter('b', { bigint: true }));",
    'a set is no counter': "await me.counter('a').plus(peer.set('b'));",
    'a list is no set': "await me.set('a').union(peer.list<string>('b'));",
    'nothing is moved into its lists': "await me.list<string>('a').moveTo(peer.list<string>('b'));",
    'nor into its deques': "await me.list<string>('a').moveTo(peer.deque<string>('b'));",
    'nothing is batched there': "me.batch().on(peer.map('a'));",
  };
  test.each(Object.entries(wrong))('%s', (_, code) => expect(complaints(code)).not.toEqual([]));

  test('one may move into a deque of one’s own', () => {
    expect(complaints("await me.list<string>('a').moveTo(me.deque<string>('b', { maxLength: 3 }));")).toEqual([]);
  });
});
