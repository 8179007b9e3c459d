import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { generateFromFiles } from '../../tools/generate-scripts.js';

const generated = generateFromFiles();

it.each([...generated])('%s is what `npm run scripts` makes of the Lua files', (file, text) => {
  expect(readFileSync(file, 'utf8'), `${file} is out of date: run \`npm run scripts\``).toBe(text);
});

it('nothing else is generated', () => {
  const folder = new URL('../../src/command/', import.meta.url);
  const found = readdirSync(folder).filter((file) => file.endsWith('.gen.ts'));
  expect(found.sort()).toEqual([...generated.keys()].map((file) => basename(file)).sort());
});
