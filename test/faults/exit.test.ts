import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { type ClusterProxy, type FaultProxy, startClusterProxy } from '../support/fault-proxy.js';
import { describeWithRedis, sharedServers, uniqueHost } from '../support/matrix.js';
import { freePort } from '../support/ports.js';
import { forkProgram } from '../support/program.js';
import { RawClient } from '../support/raw-client.js';
import { until, within } from '../support/until.js';
import type { ExitPlan } from './exit-process.js';

/** Milliseconds that the calls of a process would wait for their server: far longer than it may go on without it. */
const DEADLINE = 120_000;
const BOUND = 30_000;

type Plan = Omit<ExitPlan, 'deadline' | 'hostname'>;

/** How a process ended: what its calls failed with, and what it was called. */
interface Exit {
  readonly code: unknown;
  readonly codes: readonly string[];
  readonly hostname: string;
}

/** Has a process wait for many things and close its client: what is left must not keep it alive. */
async function exitOf(
  plan: Plan,
  end: 'quit' | 'disconnect',
  meanwhile: (again: () => Promise<unknown>) => unknown = () => {},
): Promise<Exit> {
  const hostname = uniqueHost();
  const child = await forkProgram(
    'test/faults/exit-process.ts',
    [JSON.stringify({ ...plan, hostname, deadline: DEADLINE })],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  try {
    const told = collect(child);
    const ended = once(child, 'exit');
    await told('started');
    const begin = async (): Promise<void> => {
      child.send('begin');
      await told('begun');
    };
    await begin();
    await meanwhile(begin);
    child.send(end);
    await told('closed');
    const codes = told((message) => typeof message === 'object');
    const outcomes = (await within(codes, BOUND, 'all calls to end')) as { codes: string[] };
    // Only the channel to this process is left.
    child.disconnect();
    const [code] = await within(ended, BOUND, 'the process to end by itself');
    return { code, codes: [...new Set(outcomes.codes)].sort(), hostname };
  } finally {
    child.kill('SIGKILL');
  }
}

/** What a process says, in order: the next that is asked for. */
function collect(child: ChildProcess): (wanted: string | ((message: unknown) => boolean)) => Promise<unknown> {
  const messages: unknown[] = [];
  child.on('message', (message) => messages.push(message));
  const matches = (wanted: string | ((message: unknown) => boolean)) => (message: unknown) =>
    typeof wanted === 'string' ? message === wanted : wanted(message);
  return async (wanted) => {
    const found = await until(
      () => {
        const place = messages.findIndex(matches(wanted));
        return place < 0 ? undefined : { seen: messages.splice(place, 1)[0] };
      },
      { deadline: 90_000, what: () => `${String(wanted)} of a process that has said ${JSON.stringify(messages)}` },
    );
    return found.seen;
  };
}

/** A proxy in front of each node, and how a process finds them. */
async function startProxies(
  ports: readonly number[],
): Promise<ClusterProxy & { plan: Pick<ExitPlan, 'nodes' | 'natMap'> }> {
  const cluster = await startClusterProxy(ports.map((port) => ({ port })));
  const { startupNodes: nodes, natMap } = cluster;
  return Object.assign(cluster, { plan: ports.length === 1 ? { nodes } : { nodes, natMap } });
}

async function removeAll(ports: readonly number[], hostname: string): Promise<void> {
  for (const port of ports) {
    using direct = await RawClient.connect(port);
    for (const key of (await direct.send('KEYS', `*${hostname}:*`)) as Buffer[]) await direct.send('UNLINK', key);
  }
}

const takesAt = (proxies: readonly FaultProxy[]): number =>
  proxies.reduce((sum, proxy) => sum + proxy.count('blpop'), 0);

function portsOf(layout: 'standalone' | 'cluster'): readonly number[] {
  const servers = sharedServers();
  if ('missing' in servers) throw new Error(servers.missing);
  return layout === 'standalone' ? [servers.standalone] : servers.cluster;
}

describeWithRedis('a process that closes its client ends', () => {
  for (const layout of ['standalone', 'cluster'] as const) {
    for (const [client, end] of [
      ['connect', 'quit'],
      ['connect', 'disconnect'],
      ['ioredis5', 'disconnect'],
      ['ioredis6', 'quit'],
    ] as const) {
      test(`while takes wait at a server [${layout}, ${client}, ${end}]`, { timeout: 180_000 }, async () => {
        const ports = portsOf(layout);
        // A timer that ioredis leaves behind would hold the process up; its Cluster leaves some of its own.
        const patience = layout === 'standalone' ? { disconnectTimeout: DEADLINE } : {};
        await using proxies = await startProxies(ports);
        const { code, codes, hostname } = await exitOf({ client, ...patience, ...proxies.plan }, end, async () => {
          await until(() => takesAt(proxies.proxies) === 2, { what: 'two takes to wait' });
        });
        await removeAll(ports, hostname);
        expect(code).toBe(0);
        expect(codes).toContain('UNKNOWN_OUTCOME');
      });
    }

    test(`while a server says nothing [${layout}]`, { timeout: 180_000 }, async () => {
      const ports = portsOf(layout);
      await using proxies = await startProxies(ports);
      const { code, codes, hostname } = await exitOf(
        { client: 'connect', ...proxies.plan },
        'disconnect',
        async (again) => {
          await until(() => takesAt(proxies.proxies) === 2, { what: 'two takes to wait' });
          for (const proxy of proxies.proxies) proxy.pause();
          await again();
        },
      );
      await removeAll(ports, hostname);
      expect(code).toBe(0);
      expect(codes).toEqual(['CONNECTION', 'UNKNOWN_OUTCOME']);
    });
  }

  for (const client of ['connect', 'ioredis6', 'sentinel', 'cluster'] as const) {
    test(`while there is no server [${client}]`, { timeout: 180_000 }, async () => {
      const nodes = [{ host: '127.0.0.1', port: await freePort() }];
      const plan: Plan = client === 'cluster' ? { client: 'connect', nodes, natMap: {} } : { client, nodes };
      const { code, codes } = await exitOf(plan, 'disconnect');
      expect(code).toBe(0);
      expect(codes).toEqual(['CONNECTION']);
    });
  }
});

test('a process that closes its embedded client ends', { timeout: 180_000 }, async () => {
  for (const end of ['quit', 'disconnect'] as const) {
    const { code, codes } = await exitOf({ client: 'embedded', nodes: [] }, end);
    expect(code).toBe(0);
    expect(codes).toContain('CONNECTION');
  }
});
