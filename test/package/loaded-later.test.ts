import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { Redis } from 'ioredis';
import { build as vite } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { codec, ComputationGraph, input, ops } from '../../src/index.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { type PackedPackage, type Project, pack } from './pack.js';

// A bundle that names no graph meets one in a reply. What makes graphs is loaded then, and the same reply is read again:
// the caller sees no error, and the server no second command. Each way to read runs in a process of its own, since what
// was loaded once stays.

const run = promisify(execFile);

/** By name: what reads a graph or several, the command that does it, and how often that runs if not once. */
const WAYS = {
  get: ['await map.get("g")', 'hget'],
  combined: ['(await Promise.all([map.get("n"), map.get("g"), map.get("h")])).slice(1)', 'hmget'],
  getMany: ['(await map.getMany(["g", "none", "h"])).filter(Boolean)', 'hmget'],
  toMap: ['[...(await map.toMap()).values()].filter((v) => v !== 1)', 'hgetall'],
  iteration: ['(await Array.fromAsync(map.values())).filter((v) => v !== 1)', 'hscan'],
  // Its script looks once more.
  update: ['await map.update("g", (old) => old)', 'hget', 2],
  pop: ['await map.pop("g")', 'hget'],
  scope: ['await map.sync((local) => local.get("g"))', 'hscan'],
  transaction: ['(await me.transaction((t) => t.on(map).swap("g", 2))).value', 'hget'],
  LRUDict: ['await new LRUDict(me, "map").get("g")', 'hget'],
  'LRUDict, iterated': ['(await Array.fromAsync(new LRUDict(me, "map").values())).filter((v) => v !== 1)', 'hscan'],
  'list, iterated': ['await Array.fromAsync(list)', 'lrange'],
  'list, sorted': ['(await list.sort((a, b) => 0), await list.at(0))', 'lrange'],
  take: ['await list.take({ timeout: 5_000 })', 'blpop'],
  value: ['await value.get()', 'get'],
  'value, updated': ['await value.update((old) => old)', 'get', 2],
} as const;

const PROGRAM = `
  import { Redis } from 'ioredis';
  import { LRUDict, Namespace, RedisList, RedisMap, RedisValue } from 'redimap';

  const redis = new Redis(Number(process.env.REDIS_PORT));
  const me = new Namespace(redis, { hostname: 'host', processType: 'bundle', id: 1 });
  const [map, list, value] = [new RedisMap(me, 'map'), new RedisList(me, 'list'), new RedisValue(me, 'value')];
  const fromAsync = async (items) => { const all = []; for await (const item of items) all.push(item); return all; };
  Array.fromAsync ??= fromAsync;
  const ways = { ${Object.entries(WAYS).map(([name, [read]]) => `${JSON.stringify(name)}: async () => ${read}`)} };
  const found = await ways[process.env.WAY]();
  console.log(JSON.stringify([found].flat().map((graph) => [graph.hash(), [...graph.nodes.keys()]])));
  await redis.quit();`;

const graph = ComputationGraph.of({ total: ops.sum(input.array('image', { rank: 2 })) });
const EXPECTED = [graph.hash(), [...graph.nodes.keys()]];

let packed: PackedPackage;
let server: RedisServer;
let redis: Redis;
let folder: string;
let project: Project;

beforeAll(async () => {
  packed = pack();
  folder = mkdtempSync(join(tmpdir(), 'redimap-later-'));
  project = packed.install([...Object.keys(manifest.dependencies), 'ioredis'], folder);
  project.write('module.mjs', PROGRAM);
  server = await startRedisServer();
  redis = new Redis(server.port);
  const entry = join(project.folder, 'module.mjs');
  await build({
    entryPoints: [entry],
    outdir: join(project.folder, 'esbuild'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minify: true,
    logLevel: 'error',
    external: ['ioredis'],
  });
  await vite({
    root: project.folder,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['ioredis'] },
    build: {
      ssr: entry,
      outDir: join(project.folder, 'vite'),
      target: 'node20',
      rollupOptions: { output: { format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' } },
    },
  });
}, 600_000);

afterAll(async () => {
  packed?.[Symbol.dispose]();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  redis?.disconnect();
  await server?.stop();
});

/** Runs a bundle on fresh data, and says what it printed and how often a command was sent. */
async function read(bundle: string, way: string, command: string): Promise<{ found: unknown; calls: number }> {
  const bytes = codec.graph.encode(graph);
  await redis.flushall();
  await redis.hset('host:bundle:1:map', { g: bytes, h: bytes, n: codec.auto.encode(1) });
  await redis.rpush('host:bundle:1:list', bytes, bytes);
  await redis.set('host:bundle:1:value', bytes);
  await redis.config('RESETSTAT');
  const env = { PATH: process.env['PATH'], REDIS_PORT: String(server.port), WAY: way };
  const { stdout } = await run(process.execPath, [join(project.folder, bundle, 'module.mjs')], {
    env,
    timeout: 60_000,
  });
  const stats = await redis.info('commandstats');
  return {
    found: JSON.parse(stdout),
    calls: Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0),
  };
}

describe('a graph that nobody named, read by', () => {
  it.each(Object.entries(WAYS))('%s', async (way, [, command, times = 1]) => {
    const { found, calls } = await read('esbuild', way, command);
    expect((found as unknown[]).length).toBeGreaterThan(0);
    for (const one of found as unknown[]) expect(one).toEqual(EXPECTED);
    expect(calls).toBe(times);
  });

  it('a bundle of vite', async () => {
    expect(await read('vite', 'combined', 'hmget')).toEqual({ found: [EXPECTED, EXPECTED], calls: 1 });
  });
});
