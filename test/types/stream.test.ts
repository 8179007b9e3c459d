import { describe, expect, test } from 'vitest';
import { messages } from './compile.js';

const START = `import { codec, Namespace, type RedisStream, sync } from 'redimap';
declare const me: Namespace;
const peer = me.peer({ processType: 'worker', id: 1 });
`;
const complaints = (code: string): string[] => messages(START + code);

describe('streams', () => {
  const right: Readonly<Record<string, string>> = {
    'fields give the type of the values': `
      const hits = me.stream('hits', { fields: { run: codec.int, name: codec.text, note: codec.auto }, maxLength: 5 });
      const same: RedisStream<{ run: number; name: string; note: unknown }> = hits;
      const id: string = await hits.add({ run: 1, name: 'a', note: undefined });
      const last: { readonly id: string; readonly value: { run: number; name: string } } | undefined = await hits.last;`,
    'a codec or a type argument gives it, too': `
      const counts: RedisStream<number> = me.stream('counts', { value: codec.int });
      const notes: RedisStream<string> = me.stream<string>('notes', { maxAge: 1_000 });
      const anything: RedisStream<unknown> = me.stream('anything');`,
    'followers yield entries, and gaps by option': `
      for await (const { id, value } of me.stream<number>('a').follow({ from: 'start' })) value.toFixed();
      for await (const item of me.stream<number>('a').follow({ onGap: 'yield' })) {
        if (item.gap !== undefined) item.gap.missed?.toFixed();
        else item.value.toFixed();
      }`,
    'a peer reads and follows, and batches write': `
      for await (const { value } of peer.stream('a', { value: codec.int }).follow()) value.toFixed();
      const hits = peer.stream('hits', { fields: { run: codec.int } });
      const run: number | undefined = (await hits.first)?.value.run;
      const ids = await me.batch((batch) => batch.on(me.stream<number>('a')).addMany([1, 2]));
      const all: string[] = ids.value;`,
  };
  test.each(Object.entries(right))('%s', (_, code) => expect(complaints(code)).toEqual([]));

  const wrong: Readonly<Record<string, string>> = {
    'value and fields together': "me.stream('a', { value: codec.int, fields: { run: codec.int } });",
    'a value of another type': "await me.stream('a', { value: codec.int }).add('1');",
    'an object that lacks a member':
      "await me.stream('a', { fields: { run: codec.int, b: codec.int } }).add({ run: 1 });",
    'an object with a member without codec':
      "await me.stream('a', { fields: { run: codec.int } }).add({ run: 1, b: 2 });",
    'a number as an id': "await me.stream('a').get(5);",
    'two ways to trim': "await me.stream('a').trim({ maxLength: 1, maxAge: 1 });",
    'no way to trim': "await me.stream('a').trim({});",
    'a sync scope': "await me.stream('a').sync(() => {});",
    'a stream among several in a scope': "await sync({ a: me.stream('a') }, () => {});",
    'a write to a peer': "await peer.stream('a').add(1);",
    'bounds for a peer': "peer.stream('a', { maxLength: 5 });",
    'a gap where it is thrown': "for await (const { gap } of me.stream('a').follow({ onGap: 'throw' })) gap;",
    'what to do with a gap': "me.stream('a').follow({ onGap: 'ignore' });",
    'a codec in fields that is none': "me.stream('a', { fields: { run: 5 } });",
    'a read in a batch': "await me.batch((batch) => batch.on(me.stream('a')).range());",
  };
  test.each(Object.entries(wrong))('%s does not compile', (_, code) => expect(complaints(code)).not.toEqual([]));
});
