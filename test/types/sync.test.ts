import { describe, expect, test } from 'vitest';
import { messages } from './compile.js';

const START = `import { codec, keyCodec, Namespace, RedisMap, sync } from 'redimap';
import type { BatchResult, LocalCounter, LocalDeque, LocalSortedSetCounter, LocalValue, Synced, SyncScope } from 'redimap';
declare const me: Namespace;
const peer = me.peer({ processType: 'worker', id: 1 });
const map = me.map('map', { value: codec.int });
const runs = me.map('runs', { key: keyCodec.int, value: codec.text });
const tags = me.defaultMap('tags', { factory: (): string[] => [] });
const list = me.list('list', { value: codec.text });
const set = me.set('set');
const hits = me.counter('hits');
const exact = me.counter('exact', { bigint: true });
const deque = me.deque('deque', { value: codec.int });
const scores = me.sortedSetCounter('scores');
const value = me.value('value', { value: codec.text });
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._equal: Equal<A, B> extends true ? [] : ['are different']): void {}
`;
const complaints = (code: string): string[] => messages(START + code);

describe('a sync scope', () => {
  const right: Readonly<Record<string, string>> = {
    'is the native collection of each class, and a scope': `
      const a = await map.sync(); same<typeof a, Map<string, number> & SyncScope>();
      const b = await runs.sync(); same<typeof b, Map<number, string> & SyncScope>();
      const c = await list.sync(); same<typeof c, string[] & SyncScope>();
      const d = await set.sync(); same<typeof d, Set<string> & SyncScope>();
      const e = await hits.sync(); same<typeof e, LocalCounter<string, number> & SyncScope>();
      const f = await exact.sync(); same<typeof f, LocalCounter<string, bigint> & SyncScope>();
      const g = await deque.sync(); same<typeof g, LocalDeque<number> & SyncScope>();
      const h = await scores.sync(); same<typeof h, LocalSortedSetCounter<string> & SyncScope>();
      const i = await value.sync(); same<typeof i, LocalValue<string> & SyncScope>();
      const j = await tags.sync(); const got: string[] = j.get('a');
      const native: Map<string, number> = e; const any: ReadonlySet<string> = d; const items: readonly string[] = c;`,
    'returns what its function returns, awaited': `
      const a = await map.sync((local) => local.get('a')); same<typeof a, number | undefined>();
      const b = await list.sync(async (local) => local.length); same<typeof b, number>();
      const c = await hits.sync((local) => void local.increment('a')); same<typeof c, undefined>();
      const d = await tags.sync((local) => local.get('a').push('x'));  same<typeof d, number>();
      const e = await sync({ map, list }, async ({ map }) => [...map.keys()]); same<typeof e, string[]>();`,
    'over several has each by its name': `
      await sync({ map, list, hits, value, tags, scores, deque, set }, (local) => {
        same<typeof local.map, Synced<Map<string, number>>>();
        same<typeof local.list, Synced<string[]>>();
        same<typeof local.hits, Synced<LocalCounter<string, number>>>();
        same<typeof local.value, Synced<LocalValue<string>>>();
        same<typeof local.set, Synced<Set<string>>>();
        same<typeof local.deque, Synced<LocalDeque<number>>>();
        same<typeof local.scores, Synced<LocalSortedSetCounter<string>>>();
        const tag: string[] = local.tags.get('a');
      });
      await sync({ map, runs }, ({ map, runs }) => void map.set('a', 1).set('b', runs.size), { atomic: false, onConflict: 'throw' });`,
    'takes the options that make sense, in both forms': `
      await map.sync({ onConflict: 'throw' });
      await map.sync({ keys: ['a'], onConflict: 'throw' });
      await runs.sync({ keys: new Set([1, 2]) });
      await map.sync({ load: false, onConflict: 'overwrite' });
      await hits.sync((local) => local.update('abc'), { load: false });
      await tags.sync({ keys: ['a'] });
      await list.sync(() => {}, { onConflict: 'overwrite' });
      await value.sync({ onConflict: 'throw' });
      await set.sync({ load: false });`,
    'is disposable, with await using': `
      await using local = await map.sync();
      await using batch = me.batch();
      local.set('a', 1);
      batch.on(list).push('a');`,
    'in a generic function keeps the types of its collection': `
      async function twice<K>(some: RedisMap<K, number>): Promise<void> {
        await some.sync((local) => { for (const [key, n] of local) local.set(key, n * 2); });
      }
      await twice(map);`,
  };
  test.each(Object.entries(right))('%s', (_, code) => {
    expect(complaints(code)).toEqual([]);
  });

  const wrong: Readonly<Record<string, [code: string, ...says: string[]]>> = {
    'merging a list': ["await list.sync({ onConflict: 'merge' });", '"merge"', '"throw" | "overwrite"'],
    'merging a value': ["await value.sync({ onConflict: 'merge' });", '"merge"', '"throw" | "overwrite"'],
    'merging a deque': ["await deque.sync(() => {}, { onConflict: 'merge' });", '"merge"'],
    'an unknown policy': ["await map.sync({ onConflict: 'mine' });", '"mine"'],
    'conflicts without loading': ["await map.sync({ load: false, onConflict: 'throw' });", '"throw"'],
    'conflicts of a set without loading': ["await set.sync({ load: false, onConflict: 'throw' });", '"throw"'],
    'a default map without loading': ['await tags.sync({ load: false });', 'false'],
    'a list without loading': ['await list.sync({ load: false });', "'load'"],
    'keys without loading': ["await map.sync({ load: false, keys: ['a'] });", 'load'],
    'keys of the wrong type': ["await runs.sync({ keys: ['1'] });", "'string'", "'number'"],
    'keys of the wrong type with a function': ["await runs.sync(() => {}, { keys: ['1'] });", "'string'", "'number'"],
    'keys of a set': ["await set.sync({ keys: ['a'] });", "'keys'"],
    'keys of a list': ['await list.sync({ keys: [1] });', "'keys'"],
    'a value of the wrong type': ["await map.sync((local) => local.set('a', 'text'));", "'string'", "'number'"],
    'a number where bigints are counted': [
      "await exact.sync((local) => local.increment('a', 1));",
      "'number'",
      "'bigint'",
    ],
    'the local copy before it is there': ["map.sync().set('a', 1);", "'set' does not exist on type 'Promise<"],
    'the local copy without await using': ['await using local = map.sync();', 'asyncDispose'],
    'a map of a peer': ["await peer.map('map').sync();", "'sync' does not exist"],
    'a list of a peer': ["await peer.list('list').sync(() => {});", "'sync' does not exist"],
    'a collection of a peer among several': ["await sync({ map, theirs: peer.map('map') }, () => {});", 'SYNC_SOURCE'],
    'what is no collection': ['await sync({ map, other: new Map() }, () => {});', 'Map<any, any>'],
    'a name that is not there': ['await sync({ map }, (local) => local.list);', "'list' does not exist"],
    'several without a function': ['await sync({ map });', 'Expected 2-3 arguments'],
    'awaiting what is there at once': ["await map.sync((local) => local.get('a').then());", "'then' does not exist"],
  };
  test.each(Object.entries(wrong))('%s does not compile', (_, [code, ...says]) => {
    const said = complaints(code);
    expect(said.length, 'it compiles').toBeGreaterThan(0);
    for (const text of says) expect(said.join('\n')).toContain(text);
  });
});

describe('a batch', () => {
  test('gives the result of each call, typed, and not as a promise', () => {
    const said = complaints(`
      await me.batch((batch) => {
        const a = batch.on(map).delete('a'); same<typeof a, BatchResult<boolean>>();
        const b = batch.on(list).push('x'); same<typeof b, BatchResult<number>>();
        const c = batch.on(exact).increment('x', 2n); same<typeof c.value, bigint>();
        const d = batch.on(map).swap('a', 1); same<typeof d.value, number | undefined>();
        const e = batch.on(set).pop(); same<typeof e.value, string | undefined>();
        batch.on(hits).update({ a: 1 });
        batch.on(scores).update([['a', 1]]);
        batch.on(value).set('text');
        batch.on(deque).rotate(1);
      });
      const n = await me.transaction(async (transaction) => transaction.on(map).delete('a'));
      same<typeof n, BatchResult<boolean>>();`);
    expect(said).toEqual([]);
  });

  const wrong: Readonly<Record<string, [code: string, ...says: string[]]>> = {
    'reading a map': ["me.batch().on(map).get('a');", "'get' does not exist"],
    'reading a list': ['me.batch().on(list).toArray();', "'toArray' does not exist"],
    'update of a map, which calls back': ["me.batch().on(map).update('a', () => 1);", "'update' does not exist"],
    'update of a value': ["me.batch().on(value).update(() => 'x');", "'update' does not exist"],
    'a scope within': ['me.batch().on(map).sync();', "'sync' does not exist"],
    'waiting on a queue': ['me.batch().on(list).take();', "'take' does not exist"],
    'an argument of the wrong type': ["me.batch().on(map).set('a', 'text');", "'string'", "'number'"],
    'a result before it is asked for its value': [
      "const gone: boolean = me.batch().on(map).delete('a');",
      "'BatchResult<boolean>' is not assignable to type 'boolean'",
    ],
    'then on a result': ["me.batch().on(map).delete('a').then();", "'then' does not exist"],
    'a collection of a peer': ["me.batch().on(peer.map('map')).set('a', 1);", 'is not assignable'],
  };
  test.each(Object.entries(wrong))('%s does not compile', (_, [code, ...says]) => {
    const said = complaints(code);
    expect(said.length, 'it compiles').toBeGreaterThan(0);
    for (const text of says) expect(said.join('\n')).toContain(text);
  });
});

test('the comparison of types can fail', () => {
  expect(complaints('const a = await map.sync(); same<typeof a, Map<string, string> & SyncScope>();')).toHaveLength(1);
});
