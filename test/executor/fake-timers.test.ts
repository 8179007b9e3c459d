import { expect, test } from 'vitest';
import { describeEachBackend, sharedServers, uniqueHost } from '../support/matrix.js';
import { runProgram } from '../support/program.js';

describeEachBackend('while all timers of a process are faked', {}, ({ kind, name }) => {
  test('every call ends', async () => {
    const servers = sharedServers();
    if (kind !== 'embedded' && 'missing' in servers) throw new Error(servers.missing);
    const ports = 'missing' in servers || kind === 'embedded' ? [] : [servers.standalone, ...servers.cluster];
    const chosen = kind === 'cluster' ? ports.slice(1) : ports.slice(0, 1);
    const version = name.endsWith('6') ? '6' : '5';
    const { code, output } = await runProgram('test/executor/fake-timers-process.ts', [
      kind,
      version,
      uniqueHost(),
      ...chosen.map(String),
    ]);
    expect([output, code]).toEqual(['all calls ended', 0]);
  });
});
