import { expect, test } from 'vitest';
import type { Connections, Tracker, TrackerEvents } from '../../src/executor/connections.js';
import { Feed } from '../../src/watch/feed.js';
import { WatchedKey } from '../../src/watch/watched-key.js';
import { until } from '../support/until.js';

const server = {};

/** A server whose replies come when they are said to, and notices too. */
class Scene {
  readonly armings: (() => void)[] = [];
  events: TrackerEvents | undefined;

  readonly connections: Connections = {
    placeOf: () => ({ server }),
    refresh: () => {},
    isLive: () => true,
    subscriber: () => Promise.reject(new Error('unused')),
    tracker: (_server, events) => {
      this.events = events;
      const tracker: Tracker = {
        arm: () => new Promise((resolve) => this.armings.push(resolve)),
        isCurrent: true,
        close: () => {},
      };
      return Promise.resolve(tracker);
    },
  };

  /** Replies to the n-th request, and waits until that has had its effect. */
  async reply(n: number): Promise<void> {
    await until(() => this.armings.length >= n, { what: `request ${n}` });
    this.armings[n - 1]?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a notice that comes before the reply to its request is told once the next one is noted', async () => {
  const scene = new Scene();
  const told: unknown[] = [];
  let heard = 0;
  const feed = new Feed(scene.connections, server, {
    heard: () => (heard += 1),
    armed: (watched) => {
      told.push(watched.afterwards);
      watched.afterwards = undefined;
    },
    polled: () => {},
    strayed: () => {},
  });
  const watched = new WatchedKey('k', { server });
  feed.add(watched);
  await until(() => scene.armings.length === 1, { what: 'the first request' });
  scene.events?.changed(['k']);
  await scene.reply(1);
  expect(heard).toBe(1);
  // Listeners that read now would miss what is changed before the second request.
  expect(told).toEqual([undefined]);
  await scene.reply(2);
  expect(told).toEqual([undefined, 'changed']);
  // Again, with all keys at once.
  scene.events?.changed(['k']);
  await until(() => scene.armings.length === 3, { what: 'the third request' });
  scene.events?.changed(null);
  await scene.reply(3);
  await scene.reply(4);
  expect(told).toEqual([undefined, 'changed', 'changed', 'changed']);
  feed.close();
});
