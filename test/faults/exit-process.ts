import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis-v6';
import { codec } from '../../src/codec/index.js';
import { connect } from '../../src/connect.js';
import { Namespace } from '../../src/namespace/namespace.js';

/** How the process comes by its client. */
export interface ExitPlan {
  readonly client: 'connect' | 'ioredis5' | 'ioredis6' | 'embedded' | 'sentinel';
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** Of a cluster. */
  readonly natMap?: Record<string, { host: string; port: number }>;
  readonly hostname: string;
  /** For how long ioredis waits for the other end to close too. */
  readonly disconnectTimeout?: number;
  /** Milliseconds of each call: longer than the process may live after its client has been closed. */
  readonly deadline: number;
}

type Client = Redis | Cluster;

function open({ client, nodes, natMap, deadline, disconnectTimeout = 2_000 }: ExitPlan): Client {
  const [node = { host: '', port: 0 }] = nodes;
  const url = `redis://${node.host}:${node.port}`;
  const own = { disconnectTimeout };
  const cluster = natMap === undefined ? undefined : { natMap, redisOptions: own };
  switch (client) {
    case 'embedded':
      return connect('memory:');
    case 'sentinel':
      return connect(url, { ...own, deadline, sentinels: [...nodes], name: 'group' });
    case 'connect':
      return cluster === undefined ? connect(url, { ...own, deadline }) : connect(nodes, { deadline, ...cluster });
    case 'ioredis5':
      return cluster === undefined ? new Redis(url, own) : new Cluster([...nodes], cluster);
    case 'ioredis6':
      return (cluster === undefined ? new Redis6(url, own) : new Cluster6([...nodes], cluster)) as unknown as Client;
  }
}

const plan = JSON.parse(process.argv[2] ?? '') as ExitPlan;
const client = open(plan);
client.on('error', () => {});
const me = new Namespace(client, { hostname: plan.hostname, processType: 'exit', id: 1, deadline: plan.deadline });
const text = { value: codec.text };

function begin(): Promise<unknown>[] {
  const map = me.map('map', text);
  return [
    me.list('queue', text).take(),
    me.list('queue', text).take({ timeout: plan.deadline, signal: new AbortController().signal }),
    me.announce(),
    me.peers(),
    map.set('key', 'value'),
    map.update('key', (value) => value),
    map.sync((local) => local.set('other', 'value')),
    map.toMap(),
    me.value('made', { ...text, data: 'value', ifExists: 'replace' }).ready,
    me.lru('lru', { ...text, write: 'back', flushInterval: 50 }).set('key', 'value'),
  ];
}

const codes: string[] = [];

/** What goes wrong is typed, and nobody has to wait for anything that never comes. */
function note(error: unknown): void {
  codes.push(String((error as { code?: unknown }).code));
}

const calls: Promise<unknown>[] = [];

process.on('message', (word) => {
  if (word === 'begin') {
    calls.push(...begin().map((call) => call.catch(note)));
    process.send?.('begun');
    return;
  }
  if (word === 'quit') client.quit().catch(() => {});
  else client.disconnect();
  process.send?.('closed');
  void Promise.all(calls).then(() => process.send?.({ codes }));
});
process.send?.('started');
