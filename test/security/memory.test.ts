import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerError } from '../../src/index.js';
import { describeWithRedis } from '../support/matrix.js';
import { operations } from './operations.js';
import { Scene } from './scene.js';

describeWithRedis('a server that has no memory left', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterAll(() => scene[Symbol.asyncDispose]());

  const owners = [...new Set(operations.map(({ owner }) => owner))];
  test.each(owners)('%s: reads and deletes; what it refuses changes nothing', { timeout: 120_000 }, async (owner) => {
    for (const operation of operations.filter((one) => one.owner === owner)) {
      const { name, access, random } = operation;
      await scene.reset();
      const all = await scene.run(operation);
      expect(all.error, name).toBeUndefined();
      const before = await scene.reset();
      const full = (): Promise<unknown> => scene.ask('CONFIG', 'SET', 'maxmemory', '1');
      const { error, state } = await scene
        .run(operation, full)
        .finally(() => scene.ask('CONFIG', 'SET', 'maxmemory', '0'));
      if (error === undefined) {
        if (random) expect(state, name).not.toEqual(before);
        else expect(state, name).toEqual(all.state);
        continue;
      }
      expect(access, `${name} needs no memory`).toBe('write');
      expect(error, name).toBeInstanceOf(ServerError);
      expect(error, name).toHaveProperty('serverCode', 'OOM');
      expect(state, name).toEqual(before);
    }
  });
});
