import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Namespace } from '../../src/index.js';
import { type Backend, type BackendSession, useBackend } from '../support/matrix.js';

/** What the tests of a contract act on, new for each test. */
export interface Subject {
  readonly session: BackendSession;
  /** The process that the tests are. */
  readonly me: Namespace;
  /** The same process over another client: what one writes, the other reads. */
  twin(): Promise<Namespace>;
  /** The names of the commands that are sent for `work`. */
  sent(work: () => Promise<unknown>): Promise<string[]>;
  /** Expects a rejection, and that nothing was sent. */
  expectNothingSent(work: () => Promise<unknown>): Promise<void>;
}

/** Opens the backend for the tests of a `describe`, and empties it after each of them. */
export function useSubject(backend: Backend): Subject {
  const session = useBackend(backend);
  let me: Namespace | undefined;
  let twin: Promise<Namespace> | undefined;
  const identity = () => ({ hostname: session.host, processType: 'worker', id: 1 });
  const sent = (work: () => Promise<unknown>) => (backend.kind === 'embedded' ? told(work) : seen(session, work));
  beforeEach(() => {
    me = new Namespace(session.client, identity());
  });
  afterEach(() => session.flush());
  return {
    session,
    get me() {
      if (me === undefined) throw new Error('There is a namespace inside of tests only');
      return me;
    },
    twin() {
      twin ??= session.duplicate().then((client) => new Namespace(client, identity()));
      return twin;
    },
    sent,
    async expectNothingSent(work) {
      expect(await sent(work)).toEqual([]);
    },
  };
}

async function seen(session: BackendSession, work: () => Promise<unknown>): Promise<string[]> {
  return (await session.count(work)).map(({ name }) => name);
}

/** The embedded client has no server to ask: what the library says that it sends. */
async function told(work: () => Promise<unknown>): Promise<string[]> {
  const names: string[] = [];
  const listen = (event: unknown): void => void names.push((event as { name: string }).name.toUpperCase());
  subscribe('redimap:command', listen);
  try {
    await work();
  } finally {
    unsubscribe('redimap:command', listen);
  }
  return names;
}

/** `test` where a condition holds that is about how entries are stored; elsewhere it says why it is skipped. */
export function testIf(isOneHash: boolean): (title: string, work: () => Promise<void>) => void {
  return isOneHash ? test : (title) => test.skip(`${title} (skipped: it is about one Redis hash)`);
}

/** Everything that a log could show of an error. */
export function shown(error: unknown): string {
  const parts: string[] = [inspect(error, { depth: 10, showHidden: true })];
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    parts.push(one.message, one.stack ?? '', JSON.stringify(Object.getOwnPropertyDescriptors(one)));
  }
  return parts.join('\n');
}

/** What a function throws. */
export function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('It did not throw');
}

/** All items of an async iterable. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It did not reject');
}

/** In text order, for what has no order of its own. */
export function sorted<T>(items: Iterable<T>): T[] {
  return [...items].sort((a, b) => (String(a) < String(b) ? -1 : 1));
}

/** Values that look like nothing. */
export const FALSY: readonly unknown[] = ['', false, null, undefined, 0, -0, Number.NaN, 0n, [], {}, Buffer.alloc(0)];

/** Texts that are easily damaged. */
export const AWKWARD_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\r\n',
  '"\'\\',
  'ä',
  'a\u0301',
  '\uFEFFa',
  '\u{10FFFF}',
  '👩‍🚀🏳️‍🌈',
  '漢字',
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  '0',
  '1',
  '01',
  '-1',
  'null',
  'undefined',
  '{a}',
  '*?[a]',
  'x'.repeat(100_000),
];

/** Half of a pair: UTF-8 has no such character. */
export const LONE_SURROGATES: readonly string[] = ['\uD83D', '\uDE80', 'a\uD83Db', '\uDE80\uD83D'];
