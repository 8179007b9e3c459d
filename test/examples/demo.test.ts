import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWithRedis } from '../support/matrix.js';
import { ask, RawClient } from '../support/raw-client.js';
import { startRedisCluster } from '../support/redis-cluster.js';
import { startRedisServer } from '../support/redis-server.js';
import { keysOn, type Outcome, runExample, type RunOptions } from './run.js';

const LIMIT = 300_000;

let folder: string;
let image: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redimap-demo-test-'));
  image = join(folder, 'pictures', 'digits.png');
  await mkdir(join(folder, 'scratch'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function demo(options: RunOptions = {}): Promise<Outcome> {
  return runExample('demo/main.ts', {
    ...options,
    args: ['--image', image, ...(options.args ?? [])],
    // The demo keeps what is its server's there.
    env: { TMPDIR: join(folder, 'scratch'), ...options.env },
  });
}

async function expectSuccess({ code, stdout, stderr }: Outcome): Promise<void> {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rows = [...stdout.matchAll(/^ +(\d) +(\d+) +(\d+\.\d\d) +(.*)$/gm)].map(([, digit, frames, , mark]) => ({
    digit: Number(digit),
    frames: Number(frames),
    mark,
  }));
  const counts = await countImages();
  expect(rows).toEqual(counts.map((frames, digit) => ({ digit, frames, mark: '✓' })));
  expect(stdout).toContain('10000 of 10000 events');
  expect(stdout).toContain(`Mean digits: ${image}`);
  expectPicture(PNG.sync.read(await readFile(image)));
  expect(stdout.split('\n').length, 'lines printed').toBeLessThan(30);
}

/** How many images the data set has of each digit. */
async function countImages(): Promise<number[]> {
  const digits = join(dirname(createRequire(import.meta.url).resolve('mnist/package.json')), 'src', 'digits');
  return Promise.all(
    Array.from({ length: 10 }, async (_, digit) => {
      const { data } = JSON.parse(await readFile(join(digits, `${digit}.json`), 'utf8')) as { data: number[] };
      return data.length / 784;
    }),
  );
}

/** Ten images in two rows, of which each has dark and bright pixels and is like no other. */
function expectPicture(png: PNG): void {
  expect([png.width, png.height]).toEqual([5 * 168 + 6 * 12, 2 * 168 + 3 * 12]);
  const tiles = Array.from({ length: 10 }, (_, digit) => {
    const left = 12 + (digit % 5) * 180;
    const top = 12 + Math.floor(digit / 5) * 180;
    return Array.from({ length: 28 * 28 }, (_unused, pixel) => {
      const at = 4 * ((top + 6 * Math.floor(pixel / 28) + 3) * png.width + left + 6 * (pixel % 28) + 3);
      return (png.data[at] ?? 0) + (png.data[at + 1] ?? 0) + (png.data[at + 2] ?? 0);
    });
  });
  for (const tile of tiles) {
    expect(Math.min(...tile)).toBeLessThan(100);
    expect(Math.max(...tile)).toBeGreaterThan(600);
  }
  expect(new Set(tiles.map(String)).size).toBe(10);
}

async function expectScratchServerGone({ stdout }: Outcome): Promise<void> {
  const port = Number(/scratch redis-server on 127\.0\.0\.1:(\d+)/.exec(stdout)?.[1]);
  await expect(RawClient.connect(port)).rejects.toThrow();
  const left = await readdir(join(folder, 'scratch'));
  // tsx has its cache there as well.
  expect(left.filter((name) => name.startsWith('redimap-'))).toEqual([]);
}

test('--memory', { timeout: LIMIT }, async () => {
  const outcome = await demo({ args: ['--memory'] });
  await expectSuccess(outcome);
  expect(outcome.stdout).toContain('4 workers, one reducer\nRedis: the embedded client, in this process (--memory)');
});

test('without redis-server it says how to get one', { timeout: LIMIT }, async () => {
  const outcome = await demo({ env: { PATH: folder } });
  await expectSuccess(outcome);
  expect(outcome.stdout).toContain('apt-get install redis-server');
});

test('a server that does not answer is an error that says so', { timeout: LIMIT }, async () => {
  const { code, stderr } = await demo({ env: { REDIS_URL: 'redis://127.0.0.1:1' } });
  expect(code).toBe(1);
  expect(stderr).toContain('no server answered');
});

test('an unknown option is an error', { timeout: LIMIT }, async () => {
  expect(await demo({ args: ['--colour'] })).toMatchObject({ code: 1, stdout: '' });
});

describeWithRedis('with redis-server', () => {
  test('on a server of its own', { timeout: LIMIT }, async () => {
    const outcome = await demo();
    await expectSuccess(outcome);
    expect(outcome.stdout).toContain('4 worker processes');
    await expectScratchServerGone(outcome);
  });

  test('on the server at REDIS_URL, where it leaves what others have', { timeout: LIMIT }, async () => {
    await using server = await startRedisServer();
    await ask(server.port, 'SET', 'other:worker:0:events', '5');
    await expectSuccess(await demo({ env: { REDIS_URL: server.url } }));
    expect(await ask(server.port, 'GET', 'other:worker:0:events')).toEqual(Buffer.from('5'));
    expect(await keysOn(server)).toEqual(['other:worker:0:events']);
  });

  test('on a cluster of three masters', { timeout: LIMIT }, async () => {
    await using cluster = await startRedisCluster();
    const url = cluster.startupNodes.map(({ host, port }) => `redis://${host}:${port}`).join(',');
    await expectSuccess(await demo({ env: { REDIS_URL: url } }));
    for (const node of cluster.nodes) expect(await keysOn(node)).toEqual([]);
  });

  test('wrong pixels in the workers are found', { timeout: LIMIT }, async () => {
    const outcome = await demo({ preload: './corrupt-frame.mjs' });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('FAILED: what Redis holds is not what plain arrays give');
    expect(outcome.stdout).toContain('✗ light of');
    await expect(readFile(image)).rejects.toThrow('ENOENT');
    await expectScratchServerGone(outcome);
  });

  test('a crash of a worker ends the run, with its stderr and without its keys', { timeout: LIMIT }, async () => {
    await using server = await startRedisServer();
    const { code, stderr } = await demo({ preload: './crash-worker.mjs', env: { REDIS_URL: server.url } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Worker \d ended with exit code 7\nthe detector is on fire/);
    expect(await keysOn(server)).toEqual([]);
  });

  test.each(['Redis: ', ' of 10000 events'])('SIGINT after "%s" tidies up', { timeout: LIMIT }, async (after) => {
    // The workers wait in the middle, or the run might be over before the signal has reached it.
    const outcome = await demo({ preload: './hold-workers.mjs', interrupt: { after, signal: 'SIGINT' } });
    expect(outcome.stderr).toContain('Interrupted by SIGINT');
    expect(outcome.code).toBe(130);
    await expectScratchServerGone(outcome);
  });
});
