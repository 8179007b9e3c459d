import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PackedPackage, type Project, pack } from './pack.js';

// `redimap/graph`: the computations without the collections. It needs no ioredis, and loads no client.

let packed: PackedPackage;
let bare: Project;

beforeAll(() => {
  packed = pack();
  bare = packed.install([]);
}, 600_000);

afterAll(() => {
  packed?.[Symbol.dispose]();
});

const RUN = `
  const image = input.array('image', { rank: 1 });
  const double = defineOp({ name: 'double', inputs: [valueType.scalar], outputs: valueType.number, run: (n) => 2 * Number(n) });
  const run = ComputationGraph.of({ total: double(ops.sum(image)) }).compile(builtinOps.with(double));
  console.log(run({ image: ndarray(new Float64Array([1.5, 2]), [2]) }).total);
  try { ComputationGraph.of({ '': ops.sum(image) }); } catch (error) { console.log(error instanceof GraphError, error.code); }`;
const NAMES = '{ builtinOps, ComputationGraph, defineOp, GraphError, input, ndarray, ops, valueType }';

describe.each([
  { system: 'ESM', extension: 'mjs', load: (entry: string) => `await import('${entry}')` },
  { system: 'CommonJS', extension: 'cjs', load: (entry: string) => `require('${entry}')` },
])('as $system', ({ extension, load }) => {
  it('works where no ioredis is installed', () => {
    const program = `(async () => { const ${NAMES} = ${load('redimap/graph')};\n${RUN}\n})();`;
    expect(bare.run(`bare.${extension}`, program)).toBe('7\ntrue GRAPH\n');
  });
});

it('shares one copy of its classes with redimap, whichever way either is loaded', () => {
  const project = packed.install(['ioredis', 'cluster-key-slot']);
  const output = project.run(
    'copies.mjs',
    `import { createRequire } from 'node:module';
    import * as graph from 'redimap/graph';
    import * as all from 'redimap';
    const require = createRequire(import.meta.url);
    const names = Object.keys(graph).filter((name) => name !== 'default');
    const differ = names.filter((name) =>
      [all, require('redimap'), require('redimap/graph')].some((other) => other[name] !== graph[name]));
    console.log(names.length > 12, differ);`,
  );
  expect(output).toBe('true []\n');
});
