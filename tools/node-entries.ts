/**
 * The last step of the build: the entries that `import` finds in Node. Each exports what the CommonJS file beside it does,
 * which so is the only copy in a process that uses both module systems.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

for (const entry of ['index', 'graph', 'testing']) {
  const exported = Object.keys(createRequire(import.meta.url)(`${dist}${entry}.cjs`) as object).sort();
  const code = `import all from './${entry}.cjs';\n\nexport const { ${exported.join(', ')} } = all;\n`;
  writeFileSync(`${dist}${entry}.mjs`, code);
  writeFileSync(`${dist}${entry}.d.mts`, `export * from './${entry}.cjs';\n`);
}
