import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The root of the repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** One complaint of the compiler about a snippet, at a line and a column that count from 1. */
export interface Complaint {
  readonly line: number;
  readonly column: number;
  /** The compiler's number, as in TS2345. */
  readonly code: number;
  /** The whole message, with the lines that explain it. */
  readonly message: string;
}

/** Where snippets are for the compiler: no such files exist. Packages resolve from here. */
const folder = join(root, 'test/types');

/** The snippets known to the compiler: path to text and version. */
const snippets = new Map<string, { text: string; version: number }>();

let service: ts.LanguageService | undefined;

/**
 * Compiles a TypeScript module against src with the settings of the repository, and returns what the compiler says.
 * `redimap` and `redimap/testing` mean src; relative imports start from test/types. Unused locals are no complaint.
 *
 * The first call loads src and takes some seconds; the others reuse that.
 *
 * @example
 * ```ts
 * expect(compile(`import { RedisList } from 'redimap'; …`)).toEqual([]);
 * expect(messages(`…`)[0]).toContain("is not assignable to parameter of type 'string'");
 * ```
 */
export function compile(text: string): Complaint[] {
  const path = join(folder, 'snippet.mts');
  snippets.set(path, { text, version: (snippets.get(path)?.version ?? 0) + 1 });
  service ??= ts.createLanguageService(host());
  // A syntax error makes the types meaningless: say it alone.
  const syntax = service.getSyntacticDiagnostics(path);
  return (syntax.length > 0 ? syntax : service.getSemanticDiagnostics(path)).map(complaint);
}

/** The messages alone. */
export function messages(text: string): string[] {
  return compile(text).map(({ message }) => message);
}

function complaint({ file, start, code, messageText }: ts.Diagnostic): Complaint {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  const position = file?.getLineAndCharacterOfPosition(start ?? 0) ?? { line: 0, character: 0 };
  return { line: position.line + 1, column: position.character + 1, code, message };
}

/** The settings of the repository, for modules of users, who may leave a local unused in an example. */
export function compilerOptions(): ts.CompilerOptions {
  const file = join(root, 'tsconfig.json');
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile) as { config: unknown; error?: ts.Diagnostic };
  if (error !== undefined) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
  const { options } = ts.parseJsonConfigFileContent({ ...(config as object), files: [] }, ts.sys, root);
  return {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    paths: {
      redimap: [join(root, 'src/index.ts')],
      'redimap/graph': [join(root, 'src/graph/index.ts')],
      'redimap/testing': [join(root, 'src/testing/index.ts')],
    },
  };
}

function host(): ts.LanguageServiceHost {
  const options = compilerOptions();
  const texts = new Map<string, string>();
  const read = (path: string): string | undefined => {
    const snippet = snippets.get(path);
    if (snippet !== undefined) return snippet.text;
    if (!texts.has(path) && ts.sys.fileExists(path)) texts.set(path, readFileSync(path, 'utf8'));
    return texts.get(path);
  };
  return {
    getCompilationSettings: () => options,
    getCurrentDirectory: () => root,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    getScriptFileNames: () => [...snippets.keys()],
    // Files on disk do not change while tests run.
    getScriptVersion: (path) => String(snippets.get(path)?.version ?? 0),
    getScriptSnapshot: (path) => {
      const text = read(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    fileExists: (path) => snippets.has(path) || ts.sys.fileExists(path),
    readFile: read,
    readDirectory: (...args) => ts.sys.readDirectory(...args),
    directoryExists: (path) => ts.sys.directoryExists(path),
    getDirectories: (path) => ts.sys.getDirectories(path),
    realpath: (path) => ts.sys.realpath?.(path) ?? path,
  };
}
