import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithRedis } from '../support/matrix.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { keysOn, root, runExample } from './run.js';

/** Lines that each example has to print, on whatever it runs. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  '01-map.ts': ['cspad has a gain of 1.5', '  epix: 0.25', '100 updates at once counted to 100'],
  '02-typed-arrays.ts': ['an image of float64 and shape [ 2, 3 ] came back'],
  '03-values-and-state.ts': ['run 53', "settings { threshold: 12, unit: 'eV' }", 'a threshold of -1 was refused'],
  '04-queue.ts': ["took { id: 1, change: 'add roi' }", 'done: subtract background, reset'],
  '05-peers.ts': ['  worker 3: laser-on = 7', 'workers after it has stopped: 0'],
  '06-errors.ts': [
    'CODEC: a mistake in the program, or bytes that somebody else wrote',
    'WRONG_TYPE: two collections of different kinds have the same name',
    'READONLY: only the process it belongs to may write this',
  ],
  '07-graphs.ts': ['counts by delay Map(5) { 0 => 10, 1 => 10, 2 => 10, 3 => 10, 4 => 10 }'],
  '08-sync.ts': ['hits: 1500 with laser, 1500 without', 'CONFLICT: nothing was overwritten'],
  '09-watch.ts': ['threshold: 0.5', 'threshold: 0.7', 'threshold: undefined'],
  '10-stream.ts': ["followed: { run: 4, detector: 'cspad' }"],
  '11-consumer-group.ts': [
    'handled scans 1 and 3',
    'set aside after 2 deliveries: scan 2',
    'scan 4 acknowledged: true',
  ],
  '12-lease.ts': [
    'LEASE_TAKEN: another one has it',
    'the next one moved it: true',
    'accepted after the release: false',
  ],
  '13-topic.ts': ['heard 9.5', 'dropped 3, and went on with 4'],
};

const files = readdirSync(join(root, 'examples')).filter((file) => /^\d\d-.*\.ts$/.test(file));

test('every numbered example is tested, short, and in the README', () => {
  expect(files).toEqual(Object.keys(EXPECTED));
  const readme = readFileSync(join(root, 'examples', 'README.md'), 'utf8');
  for (const file of files) {
    expect(readFileSync(join(root, 'examples', file), 'utf8').split('\n').length, file).toBeLessThanOrEqual(61);
    expect(readme).toContain(`[${file}](${file})`);
  }
});

async function check(file: string, env: Readonly<Record<string, string>>): Promise<void> {
  const { code, stdout, stderr } = await runExample(file, { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual(expect.arrayContaining([...(EXPECTED[file] ?? [])]));
}

describe('without Redis', () => {
  test.each(files)('%s', (file) => check(file, {}));
});

describeWithRedis('on a server', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  test.each(files)('%s', async (file) => {
    await check(file, { REDIS_URL: server.url });
    expect(await keysOn(server), 'keys left behind').toEqual([]);
  });
});
