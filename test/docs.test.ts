import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { extractBlocks, programsOf } from './docs/blocks.js';
import { type Outcome, runPrograms } from './docs/run.js';
import { hasRedisServer, startRedisServer } from './support/redis-server.js';
import { compile, root } from './types/compile.js';

// The TypeScript of README.md and docs/*.md is type-checked against src and run, block after block, against a server
// of the test's own. test/docs/blocks.ts says how a document exempts a block, or lets it continue the one before.

const pages = existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs')).sort() : [];
const documents = ['README.md', ...pages.filter((page) => page.endsWith('.md')).map((page) => `docs/${page}`)]
  .filter((file) => existsSync(join(root, file)))
  .map((file) => ({ file, blocks: extractBlocks(file, readFileSync(join(root, file), 'utf8')) }));

it('README.md shows TypeScript that runs', () => {
  const readme = documents.find(({ file }) => file === 'README.md');
  expect(readme, 'there is no README.md').toBeDefined();
  expect(readme?.blocks.filter(({ mode }) => mode === 'run').length).toBeGreaterThan(0);
});

describe.each(documents.filter(({ blocks }) => blocks.length > 0))('$file', ({ file, blocks }) => {
  const programs = programsOf(blocks);
  const runnable = programs.filter((program) => program.runnable !== '');
  let outcomes: Outcome[] = [];

  beforeAll(async () => {
    if (hasRedisServer()) {
      await using server = await startRedisServer();
      outcomes = await runPrograms(runnable, server.url);
    } else {
      outcomes = await runPrograms(runnable, 'memory:');
    }
  }, 300_000);

  for (const { line, reason, mode } of blocks) {
    if (mode === 'skip') it.skip(`line ${line} is not checked: ${reason}`, () => {});
  }

  for (const { line, code, lines, notRun } of programs) {
    it(`line ${line} has the right types${notRun === undefined ? '' : ` (not run: ${notRun})`}`, () => {
      // With an export it is a module, and may await.
      const complaints = compile(`${code}\nexport {};`);
      const shown = complaints.map((one) => `${file}:${lines[one.line - 1] ?? line}: TS${one.code} ${one.message}`);
      expect(shown.join('\n')).toBe('');
    });
  }

  for (const [index, { line }] of runnable.entries()) {
    it(`line ${line} runs`, () => {
      expect(outcomes[index] ?? '', `${file}:${line}`).toBe('');
    });
  }
});
