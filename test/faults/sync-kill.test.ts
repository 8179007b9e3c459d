import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Namespace } from '../../src/index.js';
import { slotOf } from '../../src/keys/slot.js';
import { type Backend, type BackendSession, describeEachBackend, useBackend } from '../support/matrix.js';
import { namesInOneSlot } from '../support/one-slot.js';
import { forkProgram } from '../support/program.js';
import { askText } from '../support/raw-client.js';
import { until, within } from '../support/until.js';
import {
  type CountingProxy,
  collectionsOf,
  prepare,
  startCountingProxy,
  stateOf,
  stateOfMap,
} from './sync-kill-scene.js';

/** Where in the bytes of its commit a process is killed, from 0 to 1: at each end, and at some places between. */
const MOMENTS = [0, 0.001, 0.02, 0.15, 0.35, 0.5, 0.65, 0.85, 0.97, 0.9999, 1];

async function expectMessage(child: ChildProcess, expected: string): Promise<void> {
  const [content] = (await within(once(child, 'message'), 90_000, expected)) as [unknown];
  expect(content).toBe(expected);
}

/** The other half of the scene: proxies in front of the servers, and a process behind them. */
async function openKill(
  session: BackendSession,
  backend: Backend,
  names: Parameters<typeof collectionsOf>[1],
  key: string,
) {
  const proxies = await Promise.all(session.servers.map(({ port }) => startCountingProxy(port)));
  const addresses = session.servers.map(
    ({ port }, i) => [`127.0.0.1:${port}`, { host: '127.0.0.1', port: (proxies[i] as CountingProxy).port }] as const,
  );
  const argument = JSON.stringify({
    nodes: addresses.map(([, address]) => address),
    natMap: backend.kind === 'cluster' ? Object.fromEntries(addresses) : null,
    hostname: session.host,
    names,
  });
  const start = async (): Promise<ChildProcess> => {
    const child = await forkProgram('test/faults/sync-kill-process.ts', [argument]);
    await expectMessage(child, 'started');
    return child;
  };
  return {
    start,
    proxy: proxies[await ownerOf(session, backend, key)] as CountingProxy,
    async [Symbol.asyncDispose]() {
      for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
    },
  };
}

/** Which of the servers has a key. */
async function ownerOf({ servers }: BackendSession, backend: Backend, key: string): Promise<number> {
  if (backend.kind !== 'cluster') return 0;
  for (const [i, { port }] of servers.entries()) {
    const own = /myself.*connected((?: \d+(?:-\d+)?)+)/.exec(await askText(port, 'CLUSTER', 'NODES'))?.[1] ?? '';
    const ranges = own
      .trim()
      .split(' ')
      .map((range) => range.split('-').map(Number) as [number, number?]);
    if (ranges.some(([first, last = first]) => slotOf(key) >= first && slotOf(key) <= last)) return i;
  }
  throw new Error('No server has the key');
}

const leaveOut = ({ name }: Backend) => (name.endsWith('6') ? 'the process has one client of its own' : undefined);

describeEachBackend(
  'a process that is killed in its commit',
  { kinds: ['standalone', 'cluster'], leaveOut },
  (backend) => {
    const session = useBackend(backend);
    const open = () => {
      const me = new Namespace(session.client, { hostname: session.host, processType: 'kill', id: 1 });
      const names = namesInOneSlot(me, ['map', 'hits', 'list', 'value']);
      return { me, names, collections: collectionsOf(me, names) };
    };

    for (const scope of ['several', 'map'] as const) {
      const what = scope === 'map' ? 'a map of 5,000 entries' : 'a map, a counter, a list and a large value';
      test(`leaves ${what} old or new, never between, and no other key`, { timeout: 600_000 }, async () => {
        const { names, collections } = open();
        await using scene = await openKill(session, backend, names, collections.map.key);
        const state = () => (scope === 'map' ? stateOfMap(collections.map) : stateOf(collections));
        const isNew = (seen: string) => seen.split(',').every((part) => part === 'new');
        const isOld = (seen: string) => seen.split(',').every((part) => part === 'old');

        // How long the commit is, and that nothing is in the way of it.
        await prepare(collections);
        const whole = await scene.start();
        whole.send(scope);
        await expectMessage(whole, 'changed');
        scene.proxy.stopAfter(Number.POSITIVE_INFINITY, () => {});
        whole.send('go');
        await expectMessage(whole, 'committed');
        const length = scene.proxy.forwarded;
        whole.send('end');
        await once(whole, 'exit');
        expect(isNew(await state())).toBe(true);
        expect(length).toBeGreaterThan(100_000);

        const keys = await session.keys();
        const outcomes: string[] = [];
        for (const moment of MOMENTS) {
          await prepare(collections);
          const child = await scene.start();
          child.send(scope);
          await expectMessage(child, 'changed');
          const bytes = Math.max(1, Math.round(length * moment));
          const exited = once(child, 'exit');
          const reached = new Promise<void>((resolve) => {
            scene.proxy.stopAfter(bytes, () => {
              child.kill('SIGKILL');
              resolve();
            });
          });
          child.send('go');
          await within(reached, 90_000, `${bytes} bytes of the commit`);
          await exited;
          scene.proxy.stopAfter(Number.POSITIVE_INFINITY, () => {});
          // What was sent whole may take a moment to be run, and is run in any case.
          if (moment === 1) await until(async () => isNew(await state()), { what: 'the whole commit' });
          const seen = await state();
          expect(isNew(seen) || isOld(seen), `killed after ${bytes} of ${length} bytes: ${seen}`).toBe(true);
          outcomes.push(isNew(seen) ? 'new' : 'old');
          expect(await session.keys()).toEqual(keys);
        }
        expect(outcomes).toEqual(MOMENTS.map((moment) => (moment === 1 ? 'new' : 'old')));
        await session.flush();
      });
    }
  },
);
