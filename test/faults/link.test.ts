import { expect, test } from 'vitest';
import { describeWithRedis } from '../support/matrix.js';
import { until } from '../support/until.js';
import { type LinkScene, openLinkScene } from './link-scene.js';

/** Something that happens to connections, or to the server, while values change. */
interface Fault {
  readonly name: string;
  /** Whether a watcher that never looks again misses changes. */
  readonly deceives: boolean;
  /** Whether it is quick enough to strike again in the midst of writes. */
  readonly again: boolean;
  strike(scene: LinkScene): Promise<void>;
}

async function killClients(scene: LinkScene, mark: RegExp): Promise<void> {
  const clients = String(await scene.ask('CLIENT', 'LIST')).split('\n');
  const ids = clients.filter((line) => mark.test(line)).map((line) => /id=(\d+)/.exec(line)?.[1] ?? '');
  expect(ids.length).toBeGreaterThanOrEqual(2);
  for (const id of ids) await scene.ask('CLIENT', 'KILL', 'ID', id);
}

const FAULTS: readonly Fault[] = [
  { name: 'nothing at all', deceives: false, again: true, strike: (scene) => scene.write(1_000) },
  {
    name: 'a link that is cut',
    deceives: true,
    again: true,
    async strike(scene) {
      scene.proxy.refuse();
      await scene.write(1_000);
      await scene.proxy.accept();
    },
  },
  {
    name: 'CLIENT KILL of the connections that hear',
    deceives: true,
    again: true,
    async strike(scene) {
      await killClients(scene, / sub=1 /);
      await scene.write(1_000);
    },
  },
  {
    name: 'CLIENT KILL of the connections that ask',
    deceives: true,
    again: true,
    async strike(scene) {
      await killClients(scene, / flags=\w*t\w* /);
      await scene.write(1_000);
    },
  },
  {
    name: 'notices that come 50 ms late, and together with replies in one chunk',
    deceives: false,
    again: true,
    async strike(scene) {
      for (let i = 0; i < 4; i += 1) {
        scene.proxy.pause('replies');
        await scene.write(250);
        await new Promise((resolve) => setTimeout(resolve, 50));
        scene.proxy.resume();
      }
    },
  },
  {
    name: 'FLUSHALL',
    deceives: true,
    again: false,
    async strike(scene) {
      await scene.write(1_000);
      await scene.untilRight(true);
      await scene.ask('FLUSHALL');
    },
  },
  {
    name: 'a server that forgets which keys are watched',
    deceives: false,
    again: true,
    async strike(scene) {
      await scene.ask('CONFIG', 'SET', 'tracking-table-max-keys', 5);
      await scene.write(1_000);
    },
  },
  {
    name: 'a server that is killed, and starts again empty',
    deceives: true,
    again: false,
    async strike(scene) {
      await scene.server.restart();
      await scene.write(50);
    },
  },
];

describeWithRedis('every watcher ends at the state of the server, after', () => {
  for (const fault of FAULTS) {
    test(`${fault.name}${fault.deceives ? ', and a naive one does not' : ''}`, async () => {
      await using scene = await openLinkScene();
      await scene.write(2_000);
      await scene.untilRight(true);
      await fault.strike(scene);
      await scene.untilRight(!fault.deceives);
      expect(await scene.isNaiveRight()).toBe(!fault.deceives);
      await until(() => scene.spaces.every(({ link }) => link.mode === 'tracking'));
      if (!fault.again) return;
      const writing = scene.write(5_000);
      await fault.strike(scene);
      await writing;
      await scene.untilRight();
    });
  }

  test('connections that are half-open, and a naive one does not', async () => {
    await using scene = await openLinkScene();
    await scene.write(1_000);
    await scene.untilRight(true);
    // That which hears of one, that which asks of the other; both of the naive one's are one.
    const [first = 0, , naive = 0] = scene.connectionsWith('SUBSCRIBE', '__redis__:invalidate');
    const asking = scene.connectionsWith('CLIENT', 'TRACKING').filter((one) => one !== naive);
    scene.proxy.freeze([first, naive, asking.at(-1) ?? 0]);
    await scene.write(1_000);
    await scene.untilRight();
    expect(await scene.isNaiveRight()).toBe(false);
    await until(() => scene.spaces.every(({ link }) => link.mode === 'tracking'));
    await scene.write(100);
    await scene.untilRight();
  });
});
