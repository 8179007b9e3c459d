import { readFileSync } from 'node:fs';
import MarkdownIt, { type Token } from 'markdown-it';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  LRUDict,
  Namespace,
  RedisCounter,
  RedisDefaultMap,
  RedisDeque,
  RedisList,
  RedisMap,
  RedisSet,
  RedisStream,
  RedisValue,
  ServerError,
  SortedSetCounter,
} from '../../src/index.js';
import { describeWithRedis } from '../support/matrix.js';
import type { Operation } from './operation.js';
import { operations } from './operations.js';
import { Scene } from './scene.js';

interface Lists {
  readonly readers: readonly string[];
  /** What they need beside. */
  readonly writers: readonly string[];
  /** By its commands as an ACL line: which methods need them, and no others. */
  readonly methods: ReadonlyMap<string, string>;
}

/** What docs/security.md says, by its headings. */
const page = new Map<string, Lists>();
{
  const text = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const tokens = new MarkdownIt().parse(text, {});
  for (const section of sectionsOf(tokens)) {
    const code = (inline: Token | undefined): string[] =>
      (inline?.children ?? []).filter(({ type }) => type === 'code_inline').map(({ content }) => content);
    const after = (type: string): Token[] => section.filter((_, i) => section[i - 1]?.type === type);
    // An item is a paragraph.
    const items = section.filter((_, i) => section[i - 2]?.type === 'list_item_open');
    const listed = (role: string): string[] =>
      code(items.find(({ content }) => content.startsWith(`${role}: `)))[0]
        ?.replaceAll('+', '')
        .split(' ') ?? [];
    const cells = after('td_open');
    const methods = new Map(
      cells.flatMap((cell, i): [string, string][] =>
        i % 2 === 0 ? [[code(cell)[0] ?? '', cells[i + 1]?.content ?? '']] : [],
      ),
    );
    const [owner] = section;
    page.set(owner?.content ?? '', { readers: listed('readers'), writers: listed('writers, beside'), methods });
  }
}

/** The text of each heading of the third level, and the tokens that follow it. */
function sectionsOf(tokens: readonly Token[]): Token[][] {
  const starts = tokens.flatMap(({ type, tag }, i) => (type === 'heading_open' && tag === 'h3' ? [i + 1] : []));
  return starts.map((start, i) => tokens.slice(start, starts[i + 1]));
}

/** What the page says of every connection; and a ping of the test's own. */
const CONNECTION = ['info', 'client|id', 'client|unblock', 'ping'];

describeWithRedis('a user who may not run one of the commands', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterAll(() => scene[Symbol.asyncDispose]());

  async function without(command: string, operation: Operation) {
    const before = await scene.reset();
    await scene.ask('ACL', 'SETUSER', 'some', `-${command}`);
    try {
      return { before, ...(await scene.run(operation)) };
    } finally {
      await scene.ask('ACL', 'SETUSER', 'some', '+@all');
    }
  }

  const owners = [...new Set(operations.map(({ owner }) => owner))];
  test.each(owners)('%s: is refused and changes nothing, or does not need it', { timeout: 120_000 }, async (owner) => {
    const needed = { read: new Set<string>(), write: new Set<string>() };
    const methods = new Map<string, string[]>();
    for (const operation of operations.filter((one) => one.owner === owner)) {
      const { name, access, random } = operation;
      await scene.reset();
      const all = await scene.record(operation);
      expect(all.error, name).toBeUndefined();
      const own: string[] = [];
      for (const command of all.commands) {
        const { before, error, state } = await without(command, operation);
        const title = `${name} without ${command}`;
        if (error === undefined) {
          if (random) expect(state, title).not.toEqual(before);
          else expect(state, title).toEqual(all.state);
          continue;
        }
        expect(error, title).toBeInstanceOf(ServerError);
        expect(error, title).toHaveProperty('serverCode', 'NOPERM');
        expect(state, title).toEqual(before);
        needed[access === 'read' ? 'read' : 'write'].add(command);
        own.push(`+${command}`);
      }
      const line = own.sort().join(' ');
      methods.set(line, [...(methods.get(line) ?? []), name]);
    }
    const rows = [...methods].map(([line, names]): [string, string] => [line, names.join(' · ')]);
    expect(page.get(owner), `what docs/security.md says of ${owner}`).toEqual({
      methods: new Map(rows),
      readers: [...needed.read].sort(),
      writers: [...needed.write].filter((command) => !needed.read.has(command)).sort(),
    });
  });

  test.each(owners)('%s: who may run what the page says may call every method', { timeout: 120_000 }, async (owner) => {
    const { readers, writers } = page.get(owner) as Lists;
    const keys = ['~host:worker:3:*', '~{host:worker:3:*', '~{redimap:peers}*', '%R~host:*', '%R~{*}presence'];
    for (const role of ['readers', 'writers'] as const) {
      const may = role === 'readers' ? readers : [...readers, ...writers];
      const rules = [...CONNECTION, ...may].map((command) => `+${command}`);
      for (const operation of operations.filter((one) => one.owner === owner)) {
        if (role === 'readers' && operation.access !== 'read') continue;
        await scene.reset();
        await scene.ask('ACL', 'SETUSER', 'some', 'reset', 'on', '>pass', ...keys, ...rules);
        const { error } = await scene.run(operation);
        expect(error, `${operation.name} by ${role}`).toBeUndefined();
      }
    }
    await scene.ask('ACL', 'SETUSER', 'some', '~*', '&*', '+@all');
  });
});

describe('operations', () => {
  /** What talks to no server, is not public, or is another word for what is there. */
  const others = new Set(
    (
      'allKeys ready lifetime context run runAsIs renewal creating after isTogetherWith expectTogether create ' +
      'sourceBase enterScope expectWritable refuseWrite toJSON hashSource listSource moveInto createWith orLength ' +
      'encodeItems most maxLength maxAge group begin prefix pending value map list set counter defaultMap deque sortedSetCounter ' +
      'lru stream lease topic batch transaction peer link constructor'
    ).split(' '),
  );
  const classes = {
    RedisMap,
    RedisDefaultMap,
    RedisList,
    RedisDeque,
    RedisSet,
    RedisCounter,
    LRUDict,
    RedisValue,
    RedisStream,
  };

  test.each(Object.entries({ ...classes, SortedSetCounter, Namespace }))(
    'have all methods of %s',
    (owner, { prototype }) => {
      const names = (of: string): string[] =>
        operations.filter((one) => one.owner === of).flatMap(({ name }) => name.split(/[ ,]/));
      // What a class takes from another one is listed there.
      const bases: Record<string, string> = {
        RedisDefaultMap: 'RedisMap',
        RedisCounter: 'RedisMap',
        RedisDeque: 'RedisList',
      };
      const listed = new Set([...names(owner), ...names(bases[owner] ?? owner)]);
      const has = new Set<string>();
      for (let at: object = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
        for (const name of Object.getOwnPropertyNames(at)) has.add(name);
      }
      expect([...has].filter((name) => !listed.has(name) && !others.has(name))).toEqual([]);
    },
  );
});
