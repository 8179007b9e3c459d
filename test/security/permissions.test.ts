import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerError } from '../../src/index.js';
import { describeWithRedis } from '../support/matrix.js';
import type { Operation } from './operation.js';
import { operations } from './operations.js';
import { Scene } from './scene.js';

interface Lists {
  readonly readers: readonly string[];
  /** What they need beside. */
  readonly writers: readonly string[];
}

/** What docs/security.md says, by its headings. */
const page = new Map(
  readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8')
    .split(/^### /m)
    .slice(1)
    .map((section): [string, Lists] => {
      const [owner = ''] = section.split('\n');
      const listed = (role: string): string[] =>
        new RegExp(`^- ${role}: \`([^\`]*)\``, 'm').exec(section)?.[1]?.replaceAll('+', '').split(' ') ?? [];
      return [owner, { readers: listed('readers'), writers: listed('writers, beside') }];
    }),
);

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
    for (const operation of operations.filter((one) => one.owner === owner)) {
      const { name, access, random } = operation;
      await scene.reset();
      const all = await scene.record(operation);
      expect(all.error, name).toBeUndefined();
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
      }
    }
    expect(page.get(owner), `what docs/security.md says of ${owner}`).toEqual({
      readers: [...needed.read].sort(),
      writers: [...needed.write].filter((command) => !needed.read.has(command)).sort(),
    });
  });

  test.each(owners)('%s: who may run what the page says may call every method', { timeout: 120_000 }, async (owner) => {
    const { readers, writers } = page.get(owner) as Lists;
    const keys = ['~host:worker:3:*', '~{host:worker:3:*'];
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
