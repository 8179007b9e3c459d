import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type PackedPackage, type Project, pack, root } from './pack.js';

// The declarations of the package, checked by the compilers of its users: the oldest that README.md names, one between
// and the newest, without skipLibCheck, in each way in which they find modules.

const NODENEXT = { name: 'nodenext', files: ['use.mts', 'use.cts'], module: 'nodenext', resolution: 'nodenext' };
const BUNDLER = { name: 'bundler', files: ['use.ts'], module: 'esnext', resolution: 'bundler' };
const NODE10 = { name: 'node10', files: ['use.ts'], module: 'commonjs', resolution: 'node10' };

/** The newest is asked for nodenext in package.test.ts. */
const COMPILERS = [
  { version: '5.0', compiler: 'typescript-min', resolutions: [NODENEXT, NODE10], more: [] },
  { version: '5.7', compiler: 'typescript-between', resolutions: [BUNDLER], more: [] },
  // It has given node10 up, but for those who ask twice.
  { version: '6.0', compiler: 'typescript', resolutions: [NODE10], more: ['--ignoreDeprecations', '6.0'] },
];

const PROGRAM = `
import { codec, ComputationGraph, connect, defineOp, input, keyCodec, LRUDict, Namespace, ndarray, ops, sync, valueType } from 'redimap';
import type { Batched, Decoded, LocalDeque, NdArray, ReadonlyRedisMap, RedimapError, RedisMap } from 'redimap';
import { type ComputationGraph as GraphOfItsOwn, ndarray as arrayOfItsOwn } from 'redimap/graph';
import { createEmbeddedClient } from 'redimap/testing';

const redis = connect('memory:');
const me = new Namespace(redis, { processType: 'worker', id: 3 });
const images = me.map('images', { value: codec.ndarray('float64') });
export const size: Promise<number> = images.size;
export const first: Promise<NdArray<'float64'> | undefined> = images.get('cspad');
// @ts-expect-error a float map takes no text
export const wrong = me.map('floats', { value: codec.float }).set('cspad', 'text');
export const client = createEmbeddedClient();
export const mine = new Namespace(client, { processType: 'worker' });
export const code = (error: RedimapError): string => error.code;
export const theirs: ReadonlyRedisMap<string, number> = me.peer(me).map('hits', { value: codec.int });
// @ts-expect-error a peer's map cannot be written
export const refused = theirs.set;
export const union: Promise<Set<number>> = me.set('bad', { member: keyCodec.int }).union(new Set([4]));
export const lru: LRUDict<string, number> = me.lru('lru', { value: codec.int });
export const push = (batched: Batched<RedisMap<string, number>>) => batched.set('a', 1).value;
export const items = (deque: LocalDeque<number>): number[] => [...deque];
export const decoded: Decoded<typeof codec.int> = 3;
export async function scope(): Promise<void> {
  await images.sync((local) => local.set('a', ndarray(new Float64Array(6), [2, 3])));
  await sync({ images }, (locals) => locals.images.size);
}
export const total = ops.sum(ops.roi(input.array('image', { rank: 2 }), { start: [0, 0], stop: [2, 2] }));
export const { means } = ops.meanByKey(ops.filter(total, input.scalar('laser')), input.scalar('delay'));
export const clip = defineOp({
  name: 'clip', inputs: [valueType.scalar], outputs: valueType.number, run: (value) => Math.min(Number(value), 1),
});
export const wrongOp = defineOp({
  name: 'wrong', inputs: [valueType.scalar], outputs: valueType.number,
  // @ts-expect-error the result is not what the op says
  run: () => 'text',
});
export const graph: GraphOfItsOwn = ComputationGraph.of({ total, means, clipped: clip(total) });
export const vector: NdArray<'float64'> = arrayOfItsOwn(new Float64Array(2), [2]);
`;

let packed: PackedPackage;
let project: Project;

beforeAll(() => {
  packed = pack();
  project = packed.install([...Object.keys(manifest.dependencies), 'ioredis', '@types/node']);
  for (const name of ['use.mts', 'use.cts', 'use.ts']) project.write(name, PROGRAM);
}, 600_000);

afterAll(() => {
  packed?.[Symbol.dispose]();
});

const OPTIONS = [
  '--noEmit',
  '--strict',
  '--target',
  'es2022',
  '--types',
  'node',
  '--skipDefaultLibCheck',
  '--pretty',
  'false',
];

/** What a compiler prints. */
async function run(compiler: string, args: readonly string[]): Promise<string> {
  const tsc = join(root, 'node_modules', compiler, 'bin/tsc');
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, ...args], { cwd: project.folder }).catch(
    (error: { stdout?: string; message: string }) => ({ stdout: error.stdout || error.message }),
  );
  return stdout;
}

describe.each(COMPILERS)('TypeScript $version', ({ version, compiler, resolutions, more }) => {
  it('is what is tested', async () => {
    expect(await run(compiler, ['-v'])).toMatch(`Version ${version}.`);
  });

  it.each(resolutions)(
    'takes the declarations as they are: $name',
    async ({ files, module, resolution }) => {
      const how = ['--module', module, '--moduleResolution', resolution];
      expect(await run(compiler, [...OPTIONS, ...how, ...more, ...files])).toBe('');
    },
    300_000,
  );
});
