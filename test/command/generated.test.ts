import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GENERATED, generateFromFiles } from '../../tools/generate-scripts.js';

it('scripts.gen.ts is what `npm run scripts` makes of the Lua files', () => {
  expect(existsSync(GENERATED), 'src/script/scripts.gen.ts is missing: run `npm run scripts`').toBe(true);
  const written = readFileSync(GENERATED, 'utf8');
  expect(written, 'src/script/scripts.gen.ts is out of date: run `npm run scripts`').toBe(generateFromFiles());
});
