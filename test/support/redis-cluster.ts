import { ask, askText, RawClient } from './raw-client.js';
import { type RedisServer, startRedisServer } from './redis-server.js';
import { until, within } from './until.js';

export const SLOTS = 16_384;

export interface RedisClusterOptions {
  /** Default 3. */
  readonly masters?: number;
  /** Default 0. */
  readonly replicasPerMaster?: number;
  /**
   * Milliseconds until a silent node counts as failed. Default 15,000: nodes of a busy machine are silent for seconds,
   * and nothing that a test asks for waits so long, except a failover that comes by itself.
   */
  readonly nodeTimeout?: number;
  /** Whether all slots stop when some have no node. Default false: one dead node leaves the others at work. */
  readonly requireFullCoverage?: boolean;
  /** More arguments for every redis-server. */
  readonly args?: readonly string[];
  /** With `false` it resolves before the cluster is ready; `waitForCluster` waits for the rest. */
  readonly wait?: boolean;
}

export interface ClusterNode extends RedisServer {
  /** The node id. A restart keeps it. */
  readonly id: string;
}

/** What `whileMigrating` can do in the middle of a migration. */
export interface Migration {
  readonly slot: number;
  readonly from: ClusterNode;
  readonly to: ClusterNode;
  /** Moves these keys of the slot now; commands for them are answered with ASK from here on. */
  move(...keys: (string | Buffer)[]): Promise<void>;
  /** Moves all keys that the slot has now. */
  moveAll(): Promise<void>;
}

/** A Redis Cluster of the test's own. */
export interface RedisCluster extends AsyncDisposable {
  /** All nodes; at the start the masters come first, in the order of their slots. */
  readonly nodes: readonly ClusterNode[];
  /** What a cluster client wants to begin with. */
  readonly startupNodes: { readonly host: string; readonly port: number }[];
  /** The masters that have slots now. */
  masters(): Promise<ClusterNode[]>;
  /** The replicas that a node has now. */
  replicasOf(node: ClusterNode): Promise<ClusterNode[]>;
  /** The master that has the slot now. */
  nodeOf(slot: number): Promise<ClusterNode>;
  /**
   * Moves a slot with its keys, as `redis-cli --cluster reshard` does. The hook runs while the slot is MIGRATING
   * here and IMPORTING there, before any key has moved unless the hook moves it. A migration whose hook throws is
   * completed all the same, then throws.
   */
  migrateSlot(slot: number, to: ClusterNode, options?: MigrateOptions): Promise<void>;
  /** Makes a replica the master of its slots, and waits until all nodes that answer know. */
  failover(replica: ClusterNode, mode?: 'graceful' | 'force' | 'takeover'): Promise<void>;
  /** Waits until all nodes run, agree, and are healthy. */
  waitUntilReady(): Promise<void>;
  stop(): Promise<void>;
}

export interface MigrateOptions {
  readonly whileMigrating?: (migration: Migration) => Promise<void>;
}

/** Starts a real cluster with the slots split evenly, and waits until every node says that all is well. */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { masters = 3, replicasPerMaster = 0, nodeTimeout = 15_000, requireFullCoverage = false, args = [] } = options;
  const fixed = ['--cluster-node-timeout', String(nodeTimeout), '--cluster-announce-ip', '127.0.0.1'];
  const coverage = ['--cluster-require-full-coverage', requireFullCoverage ? 'yes' : 'no'];
  const replication = ['--cluster-allow-replica-migration', 'no', '--repl-diskless-sync-delay', '0'];
  const all = [...fixed, ...coverage, ...replication, ...args];

  const starting = Array.from({ length: masters * (1 + replicasPerMaster) }, () =>
    startRedisServer({ cluster: true, args: all }),
  );
  const started = await Promise.allSettled(starting);
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    const nodes = await Promise.all(servers.map(asNode));
    await join(nodes, masters);
    const cluster = new LocalCluster(nodes);
    if (options.wait !== false) await cluster.waitUntilReady();
    return cluster;
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop()));
    throw error;
  }
}

/** Waits until the nodes on these ports agree with each other, have all slots and their replicas are in step. */
export async function waitForCluster(ports: readonly number[]): Promise<void> {
  let problem = '';
  await until(
    async () => {
      problem = await whatIsWrong(ports).catch(String);
      return problem === '';
    },
    { deadline: 90_000, every: 20, what: () => `the cluster ${ports.join(', ')}: ${problem}` },
  );
}

async function asNode(server: RedisServer): Promise<ClusterNode> {
  const id = await askText(server.port, 'CLUSTER', 'MYID');
  return Object.defineProperty(server, 'id', { value: id }) as ClusterNode;
}

async function join(nodes: readonly ClusterNode[], masters: number): Promise<void> {
  await Promise.all(
    nodes.map(async ({ port }, index) => {
      await ask(port, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
      if (index >= masters) return;
      const first = Math.floor((index * SLOTS) / masters);
      const last = Math.floor(((index + 1) * SLOTS) / masters) - 1;
      await ask(port, 'CLUSTER', 'ADDSLOTSRANGE', first, last);
    }),
  );
  // Everyone meets everyone: this is faster than waiting for gossip.
  for (const { port } of nodes) {
    for (const other of nodes) if (other.port !== port) await ask(port, 'CLUSTER', 'MEET', '127.0.0.1', other.port);
  }
  await Promise.all(
    nodes.slice(masters).map(async ({ port }, index) => {
      const master = nodes[index % masters];
      if (master === undefined) return;
      await until(async () => (await viewOf(port)).some((known) => known.id === master.id && known.connected), {
        what: `${port} to know its master`,
      });
      await ask(port, 'CLUSTER', 'REPLICATE', master.id);
    }),
  );
}

/** A line of CLUSTER NODES. */
interface KnownNode {
  readonly id: string;
  readonly port: number;
  readonly flags: readonly string[];
  readonly master: string | undefined;
  readonly connected: boolean;
  /** Rises with every failover and every slot that changes hands. */
  readonly epoch: number;
  readonly slots: readonly (readonly [first: number, last: number])[];
}

async function viewOf(port: number): Promise<KnownNode[]> {
  const lines = (await askText(port, 'CLUSTER', 'NODES')).trim().split('\n');
  return lines.map((line) => {
    const [id = '', address = '', flags = '', master = '-', , , epoch, link = '', ...slots] = line.split(' ');
    return {
      id,
      port: Number(/:(\d+)@/.exec(address)?.[1]),
      flags: flags.split(','),
      master: master === '-' ? undefined : master,
      connected: link === 'connected',
      epoch: Number(epoch),
      slots: slots
        .filter((range) => !range.startsWith('['))
        .map((range) => {
          const [first, last = first] = range.split('-').map(Number);
          return [first ?? -1, last ?? -1] as const;
        }),
    };
  });
}

/** What stands in the way of a ready cluster; nothing when it is ready. */
async function whatIsWrong(ports: readonly number[]): Promise<string> {
  const pictures = new Set<string>();
  for (const port of ports) {
    const info = await askText(port, 'CLUSTER', 'INFO');
    for (const line of ['cluster_state:ok', `cluster_slots_ok:${SLOTS}`, `cluster_known_nodes:${ports.length}`]) {
      if (!info.includes(`${line}\r\n`)) return `${port} lacks ${line}`;
    }
    const view = await viewOf(port);
    const ill = view.find((node) => !node.connected || node.flags.some((flag) => /fail|handshake|noaddr/.test(flag)));
    if (ill !== undefined) return `${port} sees ${ill.port} as ${ill.flags.join()}`;
    const replication = await askText(port, 'INFO', 'replication');
    if (replication.includes('master_link_status:down')) return `${port} is not in step with its master`;
    const lines = view.map(({ id, master, slots }) => `${id} ${master} ${JSON.stringify(slots)}`);
    pictures.add(lines.sort().join('\n'));
  }
  return pictures.size === 1 ? '' : 'the nodes do not agree';
}

class LocalCluster implements RedisCluster {
  readonly nodes: readonly ClusterNode[];
  readonly startupNodes: { readonly host: string; readonly port: number }[];

  constructor(nodes: readonly ClusterNode[]) {
    this.nodes = nodes;
    this.startupNodes = nodes.map(({ host, port }) => ({ host, port }));
  }

  async masters(): Promise<ClusterNode[]> {
    const view = await this.#view();
    return this.#pick(view.filter((known) => known.slots.length > 0));
  }

  async replicasOf(node: ClusterNode): Promise<ClusterNode[]> {
    const view = await this.#view();
    return this.#pick(view.filter((known) => known.master === node.id));
  }

  async nodeOf(slot: number): Promise<ClusterNode> {
    const view = await this.#view();
    const [node] = this.#pick(view.filter((known) => owns(known, slot)));
    if (node === undefined) throw new Error(`No node has slot ${slot}`);
    return node;
  }

  async migrateSlot(slot: number, to: ClusterNode, options: MigrateOptions = {}): Promise<void> {
    const from = await this.nodeOf(slot);
    if (from.id === to.id) return;
    using source = await RawClient.connect(from.port);
    await ask(to.port, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
    await source.send('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);

    const move = async (...keys: (string | Buffer)[]) => {
      if (keys.length > 0) await source.send('MIGRATE', to.host, to.port, '', 0, 5_000, 'KEYS', ...keys);
    };
    const moveAll = async () => {
      for (;;) {
        const keys = await source.send('CLUSTER', 'GETKEYSINSLOT', slot, 100);
        if (!Array.isArray(keys) || keys.length === 0) return;
        await move(...keys.map((key) => key as Buffer));
      }
    };
    try {
      await options.whileMigrating?.({ slot, from, to, move, moveAll });
    } finally {
      await moveAll();
      // The new owner first, so that at no time both or none of the two feel responsible.
      const others = (await this.masters()).filter((node) => node.id !== from.id && node.id !== to.id);
      for (const node of [to, from, ...others]) await ask(node.port, 'CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
    }
    await this.#untilAllSee(`slot ${slot} on ${to.port}`, (view) =>
      view.some((known) => known.id === to.id && owns(known, slot)),
    );
  }

  async failover(replica: ClusterNode, mode: 'graceful' | 'force' | 'takeover' = 'graceful'): Promise<void> {
    await ask(replica.port, 'CLUSTER', 'FAILOVER', ...(mode === 'graceful' ? [] : [mode]));
    await this.#untilAllSee(`${replica.port} as a master`, (view) =>
      view.some((known) => known.id === replica.id && known.flags.includes('master') && known.slots.length > 0),
    );
  }

  async waitUntilReady(): Promise<void> {
    await waitForCluster(this.nodes.map((node) => node.port));
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** How the node with the newest knowledge sees the cluster: the one that has heard of the highest epoch. */
  async #view(): Promise<KnownNode[]> {
    const newest = (view: readonly KnownNode[]) => Math.max(...view.map((known) => known.epoch));
    const [best] = (await this.#views()).sort((a, b) => newest(b) - newest(a));
    if (best === undefined) throw new Error('No node of the cluster answers');
    return best;
  }

  /** The views of all nodes that answer; one that hangs is not waited for. */
  async #views(): Promise<KnownNode[][]> {
    const running = this.nodes.filter((node) => node.running);
    const views = await Promise.allSettled(running.map(({ port }) => within(viewOf(port), 10_000, `port ${port}`)));
    return views.flatMap((view) => (view.status === 'fulfilled' ? [view.value] : []));
  }

  async #untilAllSee(what: string, condition: (view: KnownNode[]) => boolean): Promise<void> {
    const allSee = async (): Promise<boolean> => {
      const views = await this.#views();
      return views.length > 0 && views.every(condition);
    };
    await until(allSee, {
      deadline: 60_000,
      what: `all nodes to see ${what}`,
    });
  }

  #pick(known: readonly KnownNode[]): ClusterNode[] {
    return known.flatMap(({ id }) => this.nodes.filter((node) => node.id === id));
  }
}

function owns(node: KnownNode, slot: number): boolean {
  return node.slots.some(([first, last]) => first <= slot && slot <= last);
}
