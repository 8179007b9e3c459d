import type { Peer } from './peer.js';
import { loadPeer } from './peer.js';

/** A layer that stores values of any kind by key, as JSON: the alternative to a typed map. */
export interface Store {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<unknown>;
}

interface KeyvModule {
  readonly default: new (options: {
    store: unknown;
    namespace: string;
    useKeyPrefix: boolean;
  }) => Store & {
    on(event: 'error', listener: () => void): unknown;
    disconnect(): Promise<void>;
  };
}

interface KeyvRedisModule {
  readonly default: new (url: string) => unknown;
}

/** Keyv over @keyv/redis, which is over node-redis. */
export const keyv: Peer<Store> = {
  subject: 'keyv',
  package: 'keyv',
  async open({ port }) {
    const { module: adapter } = await loadPeer<KeyvRedisModule>('@keyv/redis');
    const { module, version } = await loadPeer<KeyvModule>('keyv');
    const store = new adapter.default(`redis://127.0.0.1:${port}`);
    const client = new module.default({ store, namespace: 'keyv', useKeyPrefix: false });
    client.on('error', () => {});
    return { client, version, close: () => client.disconnect() };
  },
};

interface UnstorageModule {
  createStorage(options: { driver: unknown }): {
    getItem(key: string): Promise<unknown>;
    setItem(key: string, value: unknown): Promise<void>;
    dispose(): Promise<void>;
  };
}

interface UnstorageRedisModule {
  default(options: { base: string; host: string; port: number }): unknown;
}

/** unstorage with its Redis driver, which is over ioredis 5. */
export const unstorage: Peer<Store> = {
  subject: 'unstorage',
  package: 'unstorage',
  async open({ port }) {
    const { module: driver } = await loadPeer<UnstorageRedisModule>('unstorage', 'unstorage/drivers/redis');
    const { module, version } = await loadPeer<UnstorageModule>('unstorage');
    const storage = module.createStorage({ driver: driver.default({ base: 'unstorage', host: '127.0.0.1', port }) });
    return {
      client: { get: (key) => storage.getItem(key), set: (key, value) => storage.setItem(key, value) },
      version,
      close: () => storage.dispose(),
    };
  },
};
