import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import type { Program } from './blocks.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** What the documents connect to; the server of the test takes its place. */
const DOCUMENTED_SERVER = /redis:\/\/(?:127\.0\.0\.1|localhost):6379/g;

const ENTRIES: Readonly<Record<string, string>> = {
  redimap: pathToFileURL(join(root, 'src/index.ts')).href,
  'redimap/graph': pathToFileURL(join(root, 'src/graph/index.ts')).href,
  'redimap/testing': pathToFileURL(join(root, 'src/testing/index.ts')).href,
};

/** What became of a program: undefined when it ran to its end, else what went wrong. */
export type Outcome = string | undefined;

/** What the child process says of each program. */
export interface Report {
  readonly index: number;
  readonly error: string | null;
}

/**
 * Runs the programs of a document one after the other in a process of their own, against the server at `url`.
 * Programs need not close their clients: the process is ended after the last.
 */
export async function runPrograms(
  programs: readonly Pick<Program, 'runnable' | 'line'>[],
  url: string,
): Promise<Outcome[]> {
  // Inside node_modules, so that the programs find the packages they import, and no other tool finds them.
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'redimap-docs-'));
  try {
    const files = programs.map(({ runnable, line }, index) => {
      const file = join(folder, `block-${index}-line-${line}.mjs`);
      writeFileSync(file, toJavaScript(runnable.replace(DOCUMENTED_SERVER, url)));
      return pathToFileURL(file).href;
    });
    return await runFiles(files, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A program as JavaScript that Node 20 can read, which imports the library from src. */
export function toJavaScript(code: string): string {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  });
  // From the end, so that the positions before stay right.
  const imports = ts.preProcessFile(outputText, true, true).importedFiles.toReversed();
  return imports.reduce((text, { fileName, pos, end }) => {
    const target = ENTRIES[fileName];
    if (target === undefined) return text;
    // Whether the positions take in the quotes depends on the kind of the import.
    return text.slice(0, pos) + text.slice(pos, end + 1).replace(fileName, target) + text.slice(end + 1);
  }, outputText);
}

function runFiles(files: readonly string[], cwd: string): Promise<Outcome[]> {
  const silent = 'its process ended before it did';
  const outcomes: Outcome[] = files.map(() => silent);
  let output = '';
  return new Promise((resolve, reject) => {
    const child = fork(join(root, 'test/docs/child.ts'), [...files], {
      cwd,
      execArgv: ['--import', tsx],
      stdio: 'pipe',
    });
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-20_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('message', ({ index, error }: Report) => {
      outcomes[index] = error ?? undefined;
    });
    child.on('error', reject);
    child.on('close', () => {
      resolve(outcomes.map((outcome) => (outcome === undefined ? undefined : `${outcome}\n\nOutput:\n${output}`)));
    });
  });
}
