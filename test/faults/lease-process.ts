/** A process that contends for a lease, and works on what it protects; see lease-processes.test.ts. */
import { Redis } from 'ioredis';
import { Namespace } from '../../src/index.js';
import { type LeaseScene, write } from './lease-scene.js';

const { port, hostname, name, ttl, id } = JSON.parse(process.argv[2] ?? '') as LeaseScene & { readonly id: number };
const client = new Redis(port);
const me = new Namespace(client, { hostname, processType: 'lease', id: 0 });
const lease = me.lease(name, { ttl, owner: `process ${id}` });

/** Waits for a word from the parent. */
const told = (): Promise<unknown> => new Promise((resolve) => process.once('message', resolve));

/** Takes part until there were so many terms; in its first one, the one that is told to pauses before it ends. */
async function contend(terms: number, pauses: boolean): Promise<void> {
  let done = 0;
  for (let own = 0; done < terms; own += 1) {
    await using held = await lease.acquire();
    done = await write(client, lease.key, held.token);
    if (pauses && own === 0) {
      const word = told();
      process.send?.({ holds: held.token });
      // It is stopped here, and goes on working without a look at the signal.
      await word;
      await write(client, lease.key, held.token);
      process.send?.({ lost: held.signal.aborted });
    } else {
      await write(client, lease.key, held.token);
    }
  }
}

process.send?.('started');
const { terms, pauses } = (await told()) as { readonly terms: number; readonly pauses: boolean };
await contend(terms, pauses);
process.send?.('done');
client.disconnect();
process.disconnect();
