/**
 * A process that replaces all of its timers, as `jest.useFakeTimers()` does, and then calls everything; see
 * fake-timers.test.ts. What none of them does is say when a call hangs, so the real ones are kept for that.
 */
import { deepEqual } from 'node:assert/strict';

type Globals = Record<string, unknown>;

const NAMES = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'] as const;
const real = { process, setTimeout, performance, queueMicrotask, Date };
const globals = globalThis as unknown as Globals;
const originals = Object.fromEntries(NAMES.map((name) => [name, globals[name]]));

/** Nothing goes on by itself, and no clock goes. As in Jest, `process` is another object than that of Node's modules. */
function stopTime(): void {
  const timer = { ref: () => timer, unref: () => timer, hasRef: () => false, refresh: () => timer };
  for (const name of NAMES) globals[name] = () => timer;
  globals['queueMicrotask'] = () => {};
  globals['performance'] = Object.create(real.performance, { now: { value: () => 0 } });
  globals['Date'] = class extends real.Date {
    static override now = () => 0;
  };
  const nextTick = (): void => {};
  globals['process'] = Object.create(real.process, { nextTick: { value: nextTick }, hrtime: { value: () => [0, 0] } });
}

function startTime(): void {
  Object.assign(globals, originals, real);
}

// They may be stopped while the library is loaded, too.
stopTime();
const { connect, codec, Namespace } = await import('../../src/index.js');
startTime();
const ioredis = await import('ioredis');
const ioredis6 = await import('ioredis-v6');

const [kind = '', version = '', hostname = '', ...ports] = process.argv.slice(2);

function open() {
  if (kind === 'embedded') return connect('memory:');
  const { Redis, Cluster } = version === '6' ? (ioredis6 as unknown as typeof ioredis) : ioredis;
  return kind === 'cluster'
    ? new Cluster(ports.map((port) => ({ host: '127.0.0.1', port: Number(port) })))
    : new Redis(Number(ports[0]));
}

const client = open();
const me = new Namespace(client, { hostname, processType: 'test', id: 1 });
const impatient = new Namespace(client, { hostname, processType: 'test', id: 1, deadline: 300 });
// What opens a connection, the client does with the timers of its own: connections are open before time stops.
await Promise.all(Array.from({ length: 100 }, (_, i) => me.value(`v${i}`).get()));

let at = 'the first call';
real
  .setTimeout(() => {
    real.process.stdout.write(`hangs: ${at}\n`);
    real.process.exit(1);
  }, 60_000)
  .unref();

async function ends<T>(what: string, call: () => Promise<T>, expected: T): Promise<void> {
  at = what;
  deepEqual(await call(), expected, what);
}

function codeOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'done',
    (error: unknown) => (error as { code?: unknown }).code,
  );
}

async function callAll(): Promise<void> {
  const map = me.map<number>('map', { data: { a: 1 } });
  const list = me.list<string>('list', { ttl: 60_000 });
  await ends('initial data', () => map.get('a'), 1);
  await ends('set', () => map.set('b', 2), map);
  await ends('update', () => map.update('a', (n = 0) => n + 1), 2);
  await ends('many', async () => (await Promise.all(['x', 'y', 'z'].map((item) => list.push(item)))).length, 3);
  await ends('take', () => list.take({ timeout: 0 }), 'x');
  await ends('toArray', () => list.toArray(), ['y', 'z']);
  await ends('addAll', async () => (await me.set('set').addAll(['p', 'q'])).name, 'set');
  await ends('increment', () => me.counter('counter').increment('hits', 5), 5);
  await ends('getOrInsertComputed', () => map.getOrInsertComputed('c', () => 3), 3);
  const long = me.value('long', { value: codec.bytes });
  await ends('a long value', async () => void (await long.set(Buffer.alloc(2 ** 21))), undefined);
  await ends('its length', async () => (await long.get())?.length, 2 ** 21);
  const many = me.map<number>('many');
  await many.setMany(Array.from({ length: 3_000 }, (_, i) => [`k${i}`, i] as const));
  await ends(
    'iteration',
    async () => {
      let entries = 0;
      for await (const _ of many) entries += 1;
      return entries;
    },
    3_000,
  );
  await ends('a batch', () => me.batch((batch) => void batch.on(list).push('b')), undefined);
  await ends('a transaction', () => me.transaction((all) => void all.on(list).push('c')), undefined);
  await ends('a scope', () => list.sync((local) => void local.push('d')), undefined);
  await ends('length', () => list.length, 5);
  const dict = me.lru<number>('dict', { write: 'back', flushInterval: 10, ttl: 1_000 });
  await ends('a written-back set', () => dict.set('a', 1), dict);
  await ends('its flush', () => dict.flush(), undefined);
  const presence = await me.announce();
  await ends('stop', () => presence.stop(), undefined);
  await ends('peers', async () => (await me.peers('test', { hostname })).length, 0);
  if (kind === 'cluster') {
    // ioredis opens a connection to ask for the slots, and waits for a `nextTick` of the process.
    await ends('clear', () => codeOf(impatient.clear()), 'CONNECTION');
  } else {
    await ends('clear', () => me.clear(), undefined);
    await ends('what is left', () => list.length, 0);
  }
}

stopTime();
try {
  await callAll();
} finally {
  startTime();
}
await Promise.all([me.map('map'), me.list('list'), me.set('set'), me.counter('counter')].map((one) => one.clear()));
await Promise.all([me.value('long').delete(), me.map('many').clear(), me.map('dict').clear()]);
client.disconnect();
process.stdout.write('all calls ended\n');
