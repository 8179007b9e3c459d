import { existsSync, readFileSync } from 'node:fs';

/** The addresses of the servers. */
export interface Where {
  readonly port: number;
  /** Ports of the cluster's masters; empty without one. */
  readonly cluster: readonly number[];
}

/** A subject that was opened. */
export interface Opened<C> {
  readonly client: C;
  readonly version: string;
  readonly close: () => unknown;
}

/** A library that takes part, and one way of using it. */
export interface Peer<C> {
  /** Its name in tables. */
  readonly subject: string;
  /** Its package, under the name in bench/package.json. */
  readonly package: string;
  open(where: Where): Promise<Opened<C>>;
}

const folder = new URL('../node_modules/', import.meta.url);

/** Loads a package of bench/package.json without its types, so that `npm run typecheck` does not need it. */
export async function loadPeer<M>(
  name: string,
  path = name,
): Promise<{ readonly module: M; readonly version: string }> {
  const manifest = new URL(`${name}/package.json`, folder);
  if (!existsSync(manifest)) throw new Error('not installed');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  return { module: (await import(path)) as M, version };
}
