/**
 * The rules that the source tree keeps to, as a function from its files to what breaks them. It looks at files in
 * memory only; test/architecture.test.ts feeds it the real ones.
 */
import { posix } from 'node:path';
import ts from 'typescript';

/** Path, from the root of the repository and with forward slashes, to content. */
export type Files = ReadonlyMap<string, string>;

/**
 * The layers, lowest first. A folder may import from lower layers and from itself; two folders of one layer do not
 * import each other. Folders that are not here do not belong in src.
 */
const LAYERS: readonly (readonly string[])[] = [
  ['brands.ts'],
  ['errors.ts', 'timers.ts', 'inspect.ts', 'expect.ts', 'fixed.ts'],
  ['graph'],
  ['codec', 'keys'],
  ['command'],
  ['executor'],
  ['sync'],
  ['collections'],
  ['near'],
  ['namespace'],
  ['store'],
  ['pipeline'],
];

/** What stands beside the layers, with all that it may import. Nothing but index.ts imports connect.ts. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  testing: ['brands.ts', 'errors.ts'],
  'connect.ts': ['brands.ts', 'errors.ts', 'keys', 'executor', 'testing'],
  'index.ts': [...LAYERS.flat(), 'connect.ts'],
};

const MAX_LINES = 400;

interface Import {
  /** The specifier as written. */
  readonly from: string;
  readonly line: number;
  /** Whether it is gone after compilation. */
  readonly typeOnly: boolean;
}

interface Source {
  readonly path: string;
  /** The layer: the folder below src, or the name of a file directly in it. */
  readonly layer: string;
  readonly ast: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** All that is wrong, a line each: `file:line: what`. Empty for a tree in order. */
export function checkArchitecture(files: Files, packages: ReadonlySet<string>): string[] {
  const sources = [...files]
    .filter(([path]) => path.startsWith('src/') && path.endsWith('.ts'))
    .map(([path, text]) => parse(path, text));
  return [
    ...sources.flatMap((source) => checkLayers(source)),
    ...sources.flatMap((source) => checkPackages(source, packages)),
    ...sources.flatMap((source) => checkKeys(source)),
    ...sources.flatMap((source) => checkIndex(source)),
    ...sources.flatMap((source) => checkTimers(source)),
    ...checkCycles(sources),
    ...[...files].flatMap(([path, text]) => checkLength(path, text)),
    ...[...files].flatMap(([path, text]) => checkLua(path, text)),
  ];
}

function parse(path: string, text: string): Source {
  const ast = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, layer: layerOf(path), ast, imports: importsOf(ast) };
}

function layerOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function at(ast: ts.SourceFile, node: ts.Node, problem: string): string {
  return `${ast.fileName}:${lineOf(ast, node)}: ${problem}`;
}

function lineOf(ast: ts.SourceFile, node: ts.Node): number {
  return ast.getLineAndCharacterOfPosition(node.getStart(ast)).line + 1;
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Every module a file names: import, export … from, import(), require() of any name, and import types. */
function importsOf(ast: ts.SourceFile): Import[] {
  const imports: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    imports.push({ from: specifier.text, line: lineOf(ast, specifier), typeOnly });
  };
  walk(ast, (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    else if (ts.isCallExpression(node)) {
      const required = ts.isIdentifier(node.expression) && /^require/.test(node.expression.text);
      if (required || node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    }
  });
  return imports;
}

function isTypeOnly({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = importClause.namedBindings;
  return (
    importClause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    named.elements.every((element) => element.isTypeOnly)
  );
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.');
}

/** The source file that a relative import means. */
function resolve(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts');
}

function checkLayers({ path, layer, imports }: Source): string[] {
  const allowed = allowedFor(layer);
  if (allowed === undefined)
    return [`${path}: ${layer} is no known layer of src; add it to the rules or move the file`];
  return imports
    .filter(({ from }) => isRelative(from))
    .flatMap(({ from, line }) => {
      const target = resolve(path, from);
      if (!target.startsWith('src/')) return [`${path}:${line}: imports ${target}, which is outside src`];
      const other = layerOf(target);
      if (other === layer || allowed.includes(other)) return [];
      return [
        `${path}:${line}: ${layer} may not import ${other} (${target}); it may import ${allowed.join(', ') || 'nothing'}`,
      ];
    });
}

function allowedFor(layer: string): readonly string[] | undefined {
  const rank = LAYERS.findIndex((names) => names.includes(layer));
  return rank >= 0 ? LAYERS.slice(0, rank).flat() : BESIDE[layer];
}

const USES_IOREDIS = ['src/connect.ts', 'src/executor/ioredis/byte-command.ts'];

/**
 * Packages: only what users get installed with this one; ioredis where clients are made and where commands are, and as
 * a type in testing;
 * ioredis-mock in testing. The latter may be loaded in many ways, so that any literal which is its name counts.
 */
function checkPackages({ path, layer, ast, imports }: Source, packages: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  for (const { from, line, typeOnly } of imports) {
    if (isRelative(from) || from.startsWith('node:')) continue;
    const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/');
    const where = `${path}:${line}:`;
    if (!packages.has(name)) problems.push(`${where} ${name} is neither a dependency nor a peer dependency`);
    const typeOfClient = typeOnly && layer === 'testing';
    if (name === 'ioredis' && !USES_IOREDIS.includes(path) && !typeOfClient) {
      problems.push(`${where} only ${USES_IOREDIS.join(' and ')} import ioredis`);
    }
  }
  if (layer === 'testing') return problems;
  walk(ast, (node) => {
    if (isText(node) && /^ioredis-mock(\/|$)/.test(node.text)) {
      problems.push(at(ast, node, 'only src/testing names ioredis-mock'));
    }
  });
  return problems;
}

function isText(node: ts.Node): node is ts.LiteralLikeNode {
  return ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
}

/** Stands for a substitution in a template, or for an operand of + that is not a literal. */
const HOLE = '\u0000';
/** Stands for a substitution that is a port: `${host}:${port}` is an address. */
const PORT = '\u0001';

/**
 * Keys are built in src/keys only. No check of texts can prove that; this one catches how a key gets built when
 * somebody forgets, in the layers above keys, which are those that see keys:
 *
 * - a hash tag: braces directly around something computed, `{${key}}:index`, or `'{' + key + '}'`;
 * - a colon, without space, between or beside computed parts, as in `${key}:index`, `meta:${id}` or `key + ':index'`;
 * - a `join(':')`.
 *
 * It lets pass: prose (a colon that ends a word of a longer text), addresses (`${host}:${port}`, anything with ://),
 * and names of diagnostics channels (they begin with `redimap:`). Keys put together of parts in several statements,
 * or from constants, go unnoticed; so would a key given as one literal text, which has no process in it.
 */
function checkKeys({ layer, ast }: Source): string[] {
  if (!LAYERS.some((names) => names.includes(layer)) || allowedFor(layer)?.includes('keys') !== true) return [];
  const problems: string[] = [];
  const report = (node: ts.Node, what: string): void => {
    problems.push(at(ast, node, `${what}: only src/keys builds keys`));
  };
  walk(ast, (node) => {
    const text = computedText(node);
    if (text !== undefined && HASH_TAG.test(text)) report(node, `builds a hash tag (${show(text)})`);
    else if (text !== undefined && looksLikeKey(text)) report(node, `builds what looks like a key (${show(text)})`);
    if (joinsWithColon(node)) report(node, "joins with ':' what looks like a key");
  });
  return problems;
}

const HASH_TAG = new RegExp(`\\{${HOLE}[^{}]*\\}|\\{[^{}\\s]*${HOLE}\\}`);

/** A template, or a chain of +, as text with a mark for what is computed; undefined for anything else. */
function computedText(node: ts.Node): string | undefined {
  if (ts.isTemplateExpression(node)) {
    const spans = node.templateSpans.map(({ expression, literal }) => hole(expression) + literal.text);
    return node.head.text + spans.join('');
  }
  if (!isPlus(node) || isPlus(node.parent)) return undefined;
  const flat = flatten(node);
  return flat.replaceAll(HOLE, '').replaceAll(PORT, '') === '' ? undefined : flat;
}

function isPlus(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
}

function flatten(node: ts.Expression): string {
  if (isPlus(node)) return flatten(node.left) + flatten(node.right);
  if (ts.isParenthesizedExpression(node)) return flatten(node.expression);
  if (ts.isStringLiteralLike(node)) return node.text;
  return computedText(node) ?? hole(node);
}

function hole(expression: ts.Expression): string {
  return /port\)?$/i.test(expression.getText()) ? PORT : HOLE;
}

function looksLikeKey(text: string): boolean {
  const words = text.split(/[\s"'`()[\],]+/).filter((word) => word !== '');
  return words.some((word) => {
    if (word.includes('://') || word.startsWith('redimap:')) return false;
    // "… failed for ${name}:" is prose; "${name}:" alone is a prefix.
    const body = words.length > 1 ? word.replace(/:+$/, '') : word;
    return body.includes(`${HOLE}:`) ? body.replaceAll(`${HOLE}:${PORT}`, '').includes(':') : body.includes(`:${HOLE}`);
  });
}

function joinsWithColon(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const [separator] = node.arguments;
  return (
    node.expression.name.text === 'join' &&
    separator !== undefined &&
    ts.isStringLiteralLike(separator) &&
    separator.text === ':'
  );
}

function show(text: string): string {
  return JSON.stringify(text.replaceAll(HOLE, '${…}').replaceAll(PORT, '${port}'));
}

/** A script that derives a key has it in no slot that the client knew of. */
function checkLua(path: string, text: string): string[] {
  if (!path.startsWith('src/') || !path.endsWith('.lua')) return [];
  return text
    .split('\n')
    .flatMap((line, index) =>
      /KEYS\s*\[[^\]]*\]\s*\.\.|\.\.\s*KEYS\s*\[/.test(line)
        ? [`${path}:${index + 1}: derives a key in a script: pass it in KEYS, built by src/keys`]
        : [],
    );
}

const TIMERS = 'src/timers.ts';
const TIMER_MODULES = /^(node:)?(timers|timers\/promises|perf_hooks)$/;
const TIMER_NAMES = new Set([
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'],
  ...['queueMicrotask', 'nextTick', 'hrtime', 'performance'],
]);

/**
 * Timers and clocks: only those of src/timers.ts, which nobody replaces. What is called on that is `timers.setTimeout`;
 * the same name of anything else counts, by itself or as a property, and so do `Date.now` and `AbortSignal.timeout`.
 */
function checkTimers({ path, ast, imports }: Source): string[] {
  if (path === TIMERS) return [];
  const problems = imports
    .filter(({ from }) => TIMER_MODULES.test(from))
    .map(({ from, line }) => `${path}:${line}: imports ${from}: only ${TIMERS} has timers`);
  walk(ast, (node) => {
    if (!ts.isIdentifier(node)) return;
    const owner = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node ? node.parent : undefined;
    const of = owner?.expression.getText() ?? '';
    const isTimer = TIMER_NAMES.has(node.text)
      ? of !== 'timers'
      : /^(Date\.now|AbortSignal\.timeout)$/.test(`${of}.${node.text}`);
    if (isTimer) problems.push(at(ast, node, `uses ${node.text}: only ${TIMERS} has timers`));
  });
  return problems;
}

/** src/index.ts names what it exports and does nothing else. */
function checkIndex({ path, ast }: Source): string[] {
  if (path !== 'src/index.ts') return [];
  return ast.statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) {
      return [at(ast, statement, 'src/index.ts only re-exports: export { … } from …')];
    }
    const named = statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause);
    return named ? [] : [at(ast, statement, 'src/index.ts names its exports: no export *')];
  });
}

function checkLength(path: string, text: string): string[] {
  if (!path.endsWith('.ts') || path.endsWith('.gen.ts')) return [];
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return lines > MAX_LINES ? [`${path}: ${lines} lines, more than ${MAX_LINES}: split it`] : [];
}

/** Cycles of imports, type-only ones included, each reported once with its way around. */
function checkCycles(sources: readonly Source[]): string[] {
  const paths = new Set(sources.map(({ path }) => path));
  const edges = new Map(
    sources.map(({ path, imports }) => {
      const targets = imports.filter(({ from }) => isRelative(from)).map(({ from }) => resolve(path, from));
      return [path, [...new Set(targets)].filter((target) => paths.has(target))];
    }),
  );
  const problems: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    const start = trail.indexOf(path);
    if (start >= 0) problems.push(`import cycle: ${[...trail.slice(start), path].join(' → ')}`);
    if (start >= 0 || done.has(path)) return;
    trail.push(path);
    for (const target of edges.get(path) ?? []) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const path of [...paths].sort()) visit(path);
  return problems;
}
