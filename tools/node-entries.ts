/**
 * The last step of the build: the entries that `import` finds in Node, and what bundlers find of graphs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const load = createRequire(import.meta.url);

function namesOf(entry: string): readonly string[] {
  return Object.keys(load(`${dist}${entry}.cjs`) as object).sort();
}

// Each exports what the CommonJS file beside it does, which so is the only copy in a process that uses both systems.
for (const entry of ['index', 'graph', 'testing']) {
  const code = `import all from './${entry}.cjs';\n\nexport const { ${namesOf(entry).join(', ')} } = all;\n`;
  writeFileSync(`${dist}${entry}.mjs`, code);
  writeFileSync(`${dist}${entry}.d.mts`, `export * from './${entry}.cjs';\n`);
}

// esbuild takes a module that an entry exports from another one for loaded with it, whether anything is used of it or
// not, and would load graphs with every program. Constants of a module between them are left out with their module.
const graphs = './graph/index.js';
const between = './graph-exports.js';
const index = readFileSync(`${dist}esm/index.js`, 'utf8');
if (!index.includes(`"${graphs}"`)) throw new Error(`dist/esm/index.js does not import ${graphs}`);
writeFileSync(`${dist}esm/index.js`, index.replace(`"${graphs}"`, `"${between}"`));
writeFileSync(
  `${dist}esm/${between}`,
  [
    `import * as graphs from '${graphs}';`,
    ...namesOf('graph').map((name) => `export const ${name} = graphs.${name};`),
    '',
  ].join('\n'),
);
