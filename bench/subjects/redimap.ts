import type { Bench } from '../harness/bench.js';
import type { Namespace } from '../../src/index.js';
import type * as RedimapModule from '../../src/index.js';
import manifest from '../../package.json' with { type: 'json' };
import type { Peer } from './peer.js';

/** The module of the library as its users get it. */
export type Redimap = typeof RedimapModule;

/** A client of redimap: its module, and a namespace to make collections in. */
export interface Ours {
  readonly redimap: Redimap;
  readonly me: Namespace;
}

/** Loads the built package, so that the published code is measured. */
export async function loadRedimap(): Promise<Redimap> {
  return (await import(new URL('../../dist/index.mjs', import.meta.url).href)) as Redimap;
}

/** redimap over a server, on a connection of its own. */
export const ours: Peer<Ours> = {
  subject: 'redimap',
  package: 'redimap',
  async open({ port }) {
    return openAt(`redis://127.0.0.1:${port}`);
  },
};

/** redimap over the cluster. */
export const oursOnCluster: Peer<Ours> = {
  subject: 'redimap',
  package: 'redimap',
  async open({ cluster }) {
    return openAt(cluster.map((port) => `127.0.0.1:${port}`));
  },
};

async function openAt(where: string | readonly string[]) {
  const redimap = await loadRedimap();
  const client = redimap.connect(where, { deadline: 60_000 });
  const me = new redimap.Namespace(client, { hostname: 'bench', processType: 'worker', id: 1 });
  await me.value('warm').get();
  return { client: { redimap, me }, version: manifest.version, close: () => client.disconnect() };
}

/** Opens redimap, and throws if that fails, because all ratios need it. */
export async function openOurs(bench: Bench, peer: Peer<Ours> = ours): Promise<Ours> {
  const opened = await bench.open(peer);
  if (opened === undefined) throw new Error('redimap could not be opened: npm run build');
  return opened;
}
