import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Bench } from '../harness/bench.js';
import { defineCase } from '../harness/case.js';
import { orderOf } from '../harness/statistics.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Prints how long the import of a file took, and the packages that it loaded; ES modules cannot be listed. */
const PROGRAM = `
  const start = performance.now();
  await import(process.argv[1]);
  const time = performance.now() - start;
  const { createRequire } = await import('node:module');
  const files = Object.keys(createRequire('file:///').cache);
  const packages = new Set(files.map((file) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)(?!.*node_modules)/.exec(file)?.[1]));
  console.log(JSON.stringify({ time, packages: [...packages] }));`;

/** The time and the modules that an import takes. */
export const coldStart = defineCase({
  name: 'cold-start',
  title: 'the import, in a new process, and the size of the package',
  needs: 'nothing',
  async run(bench) {
    const files: [subject: string, path: string][] = [
      ['redimap', new URL('../../dist/index.mjs', import.meta.url).href],
      ['ioredis 5', peer('ioredis/built/index.js')],
      ['ioredis 6', peer('ioredis-6/built/index.js')],
      ['node-redis', peer('redis/dist/index.js')],
      ['glide', peer('@valkey/valkey-glide/build-ts/index.js')],
      ['keyv', peer('@keyv/redis/dist/index.js')],
    ];
    const present = files.filter(([subject, path]) => {
      const there = existsSync(new URL(path));
      if (!there) bench.note(`left out: ${subject}: not installed`);
      return there;
    });
    const samples = present.map((): number[] => []);
    const rounds = bench.scale(10, 3);
    let loaded: readonly string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const index of orderOf(round, present.length)) {
        const [subject, path] = present[index] as [string, string];
        const { time, packages } = importAlone(path);
        samples[index]?.push(time);
        if (subject === 'redimap') loaded = packages;
      }
    }
    present.forEach(([subject], index) => {
      bench.record({ measure: 'import', subject, unit: 'ms', better: 'lower', samples: samples[index] as number[] });
    });
    bench.note(`import 'redimap' loads these packages that are CommonJS: ${loaded.join(', ')}`);
    notePackage(bench);
  },
});

function peer(path: string): string {
  return new URL(`../node_modules/${path}`, import.meta.url).href;
}

function importAlone(path: string): { readonly time: number; readonly packages: readonly string[] } {
  const args = ['--input-type=module', '--eval', PROGRAM, path];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as ReturnType<typeof importAlone>;
}

function notePackage(bench: Bench): void {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [pack] = JSON.parse(output) as [{ size: number; unpackedSize: number; entryCount: number }];
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1_024)} KB`;
  bench.note(
    `the packed package: ${kilobytes(pack.size)} (${kilobytes(pack.unpackedSize)} in ${pack.entryCount} files, source maps included)`,
  );
}
