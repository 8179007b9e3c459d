import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { codec, Namespace } from '../../src/index.js';
import { describeEachBackend, useBackend } from '../support/matrix.js';
import { forkProgram } from '../support/program.js';
import { until, within } from '../support/until.js';
import { DELIVERIES, GROUP, HELD, POISON, type Scene } from './group-kill-scene.js';

const ITEMS = 5_000;
/** How often two of the four consumers are killed. */
const ROUNDS = 4;
/** How many items a consumer has handled when it is killed. */
const SOME = 20;

type Delivery = readonly [pid: number, id: string, value: string, deliveries: number];

/** Those that were not told to end. */
const running = new Set<Worker>();

afterEach(async () => {
  await Promise.all([...running].map((worker) => worker.end('SIGKILL')));
});

/** A consumer in a process of its own. */
class Worker {
  readonly child: ChildProcess;
  handled = 0;
  hasStarted = false;
  hasLost = false;

  constructor(child: ChildProcess) {
    this.child = child;
    child.on('message', (message) => {
      if (message === 'started') this.hasStarted = true;
      else if (message === 'lost') this.hasLost = true;
      else this.handled = message as number;
    });
  }

  static async start(scene: Scene): Promise<Worker> {
    const worker = new Worker(await forkProgram('test/faults/group-kill-process.ts', [JSON.stringify(scene)]));
    running.add(worker);
    await until(() => worker.hasStarted, { what: 'a consumer to start', deadline: 90_000 });
    return worker;
  }

  get pid(): number {
    return this.child.pid as number;
  }

  async end(signal?: 'SIGKILL'): Promise<number | null> {
    running.delete(this);
    const exited = once(this.child, 'exit');
    if (signal === undefined) this.child.send('end');
    else this.child.kill(signal);
    const [code] = (await within(exited, 60_000, 'a consumer to end')) as [number | null];
    return code;
  }
}

describeEachBackend(
  'four consumers, of which two are killed again and again',
  { kinds: ['standalone'], ioredis: 5 },
  (backend) => {
    const session = useBackend(backend);

    test('handle each item, twice only what a killed one held; poison ends as a dead letter', {
      timeout: 300_000,
    }, async () => {
      const me = new Namespace(session.client, { hostname: session.host, processType: 'kill', id: 1 });
      const jobs = me.stream<string>('jobs', { value: codec.text });
      const group = jobs.group(GROUP);
      const [{ port } = { port: 0 }] = session.servers;
      const scene: Scene = { port, hostname: session.host, stream: 'jobs', log: me.list('log').key };
      const start = () => Worker.start(scene);

      const lasting = await Promise.all([start(), start()]);
      const dead = new Set<number>();
      let added = 0;
      await jobs.add(POISON);
      const add = async (count: number): Promise<void> => {
        const more = Array.from({ length: Math.min(count, ITEMS - added) }, (_, i) => `job ${added + i}`);
        added += more.length;
        await jobs.addMany(more);
      };
      await add(200);
      await until(async () => (await group.stats()).deadLetters === 1, { what: 'the poison to be buried' });
      for (let round = 0; round < ROUNDS; round += 1) {
        const victims = await Promise.all([start(), start()]);
        await until(
          async () => {
            if (added < ((ITEMS - 1_000) * (round + 1)) / ROUNDS && ((await group.stats()).lag ?? 0) < 50)
              await add(100);
            return victims.every(({ handled }) => handled >= SOME);
          },
          { what: 'the victims to work' },
        );
        for (const { pid } of victims) dead.add(pid);
        await Promise.all(victims.map((victim) => victim.end('SIGKILL')));
      }
      // One is stopped beyond its lease, with items in hand.
      const [sleeper, survivor] = lasting;
      const before = sleeper.handled;
      await add(ITEMS);
      await until(() => sleeper.handled > before);
      sleeper.child.kill('SIGSTOP');
      await until(async () => Number((await group.stats()).pending) === 0 && (await group.stats()).lag === 0, {
        what: 'all items to be handled',
        every: 50,
      });
      sleeper.child.kill('SIGCONT');
      await until(() => sleeper.hasLost, { what: 'the stopped consumer to hear of its loss' });
      expect(survivor.hasLost).toBe(false);

      const log = (await session.client.lrangeBuffer(scene.log, 0, -1)).map(
        (line) => JSON.parse(String(line)) as Delivery,
      );
      const deliveries = new Map<string, Delivery[]>();
      for (const one of log) deliveries.set(one[2], [...(deliveries.get(one[2]) ?? []), one]);
      const poison = deliveries.get(POISON) ?? [];
      deliveries.delete(POISON);
      expect(deliveries.size).toBe(ITEMS);
      const excused = (pid: number): boolean => dead.has(pid) || pid === sleeper.pid;
      const unexplained = [...deliveries.values()].filter((all) => all.filter(([pid]) => !excused(pid)).length > 1);
      expect(unexplained).toEqual([]);
      const twice = [...deliveries.values()].filter((all) => all.length > 1);
      expect(twice.length).toBeLessThanOrEqual((2 * ROUNDS + 1) * HELD);

      // The poison was delivered as often as allowed, and held up nobody: others were handled between.
      expect(poison.length).toBe(DELIVERIES);
      const values = log.map(([, , value]) => value);
      const between = values.slice(values.indexOf(POISON), values.lastIndexOf(POISON));
      expect(between.filter((value) => value !== POISON).length).toBeGreaterThan(10);
      const letters = await group.deadLetters.range();
      expect(letters.map(({ value }) => [value.value, value.deliveries, value.error])).toEqual([
        [POISON, DELIVERIES, 'Error: cannot be handled'],
      ]);

      await until(async () => (await group.stats()).consumers <= 2, { what: 'the killed to be removed' });
      expect(await Promise.all(lasting.map((worker) => worker.end()))).toEqual([0, 0]);
      expect(await group.stats()).toMatchObject({ pending: 0, lag: 0, consumers: 0, deadLetters: 1 });
      await session.flush();
    });
  },
);
