import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { codec } from '../../src/codec/index.js';
import { connect } from '../../src/connect.js';
import { Namespace } from '../../src/namespace/namespace.js';
import { describeWithRedis, sharedServers, uniqueHost } from '../support/matrix.js';
import { forkProgram } from '../support/program.js';
import { within } from '../support/until.js';
import type { RivalReport } from './rival-process.js';

const PROCESSES = 4;
const ROUNDS = 120;
const int = { value: codec.int };

async function message(child: ChildProcess): Promise<unknown> {
  const [content] = (await once(child, 'message')) as [unknown];
  return content;
}

describeWithRedis('several processes', () => {
  test('win once, insert once, lose no increment and no item', { timeout: 300_000 }, async () => {
    const servers = sharedServers();
    if ('missing' in servers) throw new Error(servers.missing);
    const hostname = uniqueHost();
    const client = connect(`redis://127.0.0.1:${servers.standalone}`);
    const me = new Namespace(client, { hostname, processType: 'race', id: 1 });
    const children = await Promise.all(
      Array.from({ length: PROCESSES }, () =>
        forkProgram('test/races/rival-process.ts', [String(servers.standalone), hostname]),
      ),
    );
    try {
      await within(Promise.all(children.map(message)), 90_000, 'the processes to start');
      const start = Array.from({ length: 8 }, (_, i) => -1 - i);
      await me.list('list', int).push(...start);
      const reports = children.map(message);
      children.forEach((child, own) => child.send({ rounds: ROUNDS, own }));
      const all = (await within(Promise.all(reports), 180_000, 'the reports')) as RivalReport[];
      for (const report of all) expect(report).not.toHaveProperty('error');

      const left = await me.list('list', int).toArray();
      const won = all.flatMap((report) => report.won);
      expect(new Set(won).size).toBe(won.length);
      for (let round = 0; round < ROUNDS; round += 1) {
        expect(new Set(all.map((report) => report.inserted[round])).size).toBe(1);
      }
      expect(await me.map('map', int).get('count')).toBe(PROCESSES * ROUNDS);
      expect(await me.value('value', int).get()).toBe(PROCESSES * ROUNDS);
      const pushed = children.flatMap((_, own) => Array.from({ length: ROUNDS }, (__, i) => own * 1_000_000 + i));
      const found = [...all.flatMap((report) => report.taken), ...left];
      const ascending = (numbers: number[]) => numbers.sort((a, b) => a - b);
      expect(ascending(found)).toEqual(ascending([...start, ...pushed]));
    } finally {
      for (const child of children) child.kill();
      await me.clear();
      client.disconnect();
    }
  });
});
