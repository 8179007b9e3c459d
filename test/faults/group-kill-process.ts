/** A consumer that is killed, stopped, or told to end; see group-kill.test.ts. */
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { codec, Namespace } from '../../src/index.js';
import { DELIVERIES, GROUP, HELD, LEASE, POISON, type Scene } from './group-kill-scene.js';

const { port, hostname, stream, log } = JSON.parse(process.argv[2] ?? '') as Scene;
const client = new Redis(port);
const me = new Namespace(client, { hostname, processType: 'kill', id: 1 });
const jobs = me.stream<string>(stream, { value: codec.text });
const stop = new AbortController();
process.once('message', () => stop.abort());

let handled = 0;
process.send?.('started');
await jobs.group(GROUP, { maxDeliveries: DELIVERIES }).process(
  async (value, item) => {
    item.signal.addEventListener('abort', () => process.send?.('lost'));
    // The record is what was handled: it is made before the acknowledgement.
    await client.rpush(log, JSON.stringify([process.pid, item.id, value, item.deliveries]));
    process.send?.((handled += 1));
    if (value === POISON) throw new Error('cannot be handled');
    await pause(2);
  },
  { signal: stop.signal, concurrency: HELD, lease: LEASE, retryDelay: 20 },
);
client.disconnect();
process.disconnect();
