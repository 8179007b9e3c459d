import type { RawReply } from '../command/command.js';
import { ConnectionError } from '../errors.js';
import type { ServerKind } from './executor.js';
import type { IoredisClient } from './ioredis-client.js';
import { connectInBackground } from './ioredis-client.js';
import { withoutCommand } from './server-errors.js';

/** How many keys a SCAN looks at in one go. */
const COUNT = '1000';

/** Walks the keys of a server, or of all masters of a cluster. */
export class KeyScanner {
  readonly #client: IoredisClient;
  readonly #kind: ServerKind;
  readonly #deadline: number;

  constructor(client: IoredisClient, kind: ServerKind, deadline: number) {
    this.#client = client;
    this.#kind = kind;
    this.#deadline = deadline;
  }

  /** SCAN of each master with each pattern. https://redis.io/docs/latest/commands/scan/ */
  async *scan(patterns: readonly string[]): AsyncGenerator<readonly string[]> {
    for (const node of await this.#masters()) {
      for (const pattern of patterns) {
        let cursor = '0';
        do {
          const [next, keys] = await this.#scanOnce(node, [cursor, 'MATCH', pattern, 'COUNT', COUNT]);
          cursor = next.toString();
          if (keys.length > 0) yield keys.map((key) => key.toString());
        } while (cursor !== '0');
      }
    }
  }

  async #scanOnce(node: IoredisClient, args: readonly string[]): Promise<readonly [Buffer, readonly Buffer[]]> {
    const embedded = node as unknown as { scanBuffer(...args: readonly string[]): Promise<RawReply> };
    const reply = this.#kind === 'embedded' ? embedded.scanBuffer(...args) : node.callBuffer('scan', args);
    return (await this.#inTime(reply)) as unknown as readonly [Buffer, readonly Buffer[]];
  }

  /** The connections to all masters. One that is missing is an error: its keys would seem not to exist. */
  async #masters(): Promise<readonly IoredisClient[]> {
    const client = this.#client;
    if (this.#kind !== 'cluster') return [client];
    if (client.status === 'wait') connectInBackground(client);
    if (client.status !== 'ready')
      await this.#inTime(new Promise<void>((resolve) => client.on('ready', () => resolve())));
    const addresses = new Set((client.slots ?? []).flatMap((slot) => slot?.slice(0, 1) ?? []));
    const masters = [...addresses].map((address) => client.connectionPool?.getInstanceByKey(address));
    if (masters.length === 0 || masters.includes(undefined)) {
      throw new ConnectionError('Not all masters of the cluster are connected: their keys cannot be listed');
    }
    return masters as IoredisClient[];
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), this.#deadline);
    });
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      throw new ConnectionError('The keys of the server could not be listed', { cause: withoutCommand(error) });
    } finally {
      clearTimeout(timer);
    }
  }
}
