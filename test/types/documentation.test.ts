import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { compilerOptions, root } from './compile.js';

// What an editor shows of a member is what the compiler finds to be its documentation: a type that is made of another
// one, or a list of names, can lose it on the way.

const PROGRAM = `
import * as redimap from 'redimap';
import { ComputationGraph, type LRUDict, type Namespace, OpRegistry, type Presence, type RedisCounter, type Synced } from 'redimap';
declare const me: Namespace;
declare const batch: redimap.Batch;
const own = {
  value: me.value<number>('x'), map: me.map<number>('x'), defaultMap: me.defaultMap('x', { factory: () => 1 }),
  list: me.list<number>('x'), deque: me.deque<number>('x'), set: me.set('x'), counter: me.counter('x'),
  sortedSetCounter: me.sortedSetCounter('x'), lru: me.lru<number>('x'), stream: me.stream<number>('x'),
};
const peer = me.peer({ hostname: 'a', processType: 'b', id: 'c' });
declare const presence: Presence;
export const members = {
  ops: redimap.ops, codec: redimap.codec, keyCodec: redimap.keyCodec, input: redimap.input, valueType: redimap.valueType,
  me, peer, batch, presence, ...own,
  registry: new OpRegistry(), graph: ComputationGraph.empty, compiled: ComputationGraph.empty.compile(),
  shared: undefined as unknown as redimap.SharedNamespace, lease: me.lease('x'), held: undefined as unknown as redimap.HeldLease,
  topic: me.topic<number>('x'), subscription: undefined as unknown as redimap.TopicSubscription<number>,
  group: own.stream.group('x'), item: undefined as unknown as redimap.GroupItem<number>,
  error: undefined as unknown as redimap.ConflictError,
  peerValue: peer.value<number>('x'), peerMap: peer.map<number>('x'), peerList: peer.list<number>('x'),
  peerDeque: peer.deque<number>('x'), peerSet: peer.set('x'), peerCounter: peer.counter('x'),
  peerScores: peer.sortedSetCounter('x'), peerLru: peer.lru<number>('x'), peerStream: peer.stream<number>('x'),
  batchValue: batch.on(own.value), batchMap: batch.on(own.map), batchList: batch.on(own.list), batchDeque: batch.on(own.deque),
  batchSet: batch.on(own.set), batchCounter: batch.on(own.counter), batchScores: batch.on(own.sortedSetCounter), batchStream: batch.on(own.stream),
  localValue: undefined as unknown as redimap.LocalValue<number>, localDeque: undefined as unknown as redimap.LocalDeque<number>,
  localCounter: undefined as unknown as redimap.LocalCounter<string>, localDefaultMap: undefined as unknown as redimap.LocalDefaultMap<string, number>,
  localScores: undefined as unknown as redimap.LocalSortedSetCounter<string>,
};
redimap.ops.sum;
`;

/** From the platform or from a package: documented there, or by its name. */
function isForeign(symbol: ts.Symbol): boolean {
  const files = (symbol.declarations ?? []).map((declaration) => declaration.getSourceFile().fileName);
  return files.length > 0 && files.every((file) => file.includes('/node_modules/'));
}

function loadProgram(): { checker: ts.TypeChecker; file: ts.SourceFile } {
  const path = join(root, 'test/types/documentation-of.mts');
  const host = ts.createCompilerHost(compilerOptions(), true);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => name === path || fileExists.call(host, name);
  host.getSourceFile = (name, ...rest) =>
    name === path
      ? ts.createSourceFile(name, PROGRAM, ts.ScriptTarget.ES2022, true)
      : getSourceFile.call(host, name, ...rest);
  const program = ts.createProgram([path], compilerOptions(), host);
  const file = program.getSourceFile(path) as ts.SourceFile;
  const complaints = program.getSemanticDiagnostics(file);
  expect(complaints.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  return { checker: program.getTypeChecker(), file };
}

const { checker, file } = loadProgram();
const exportsOf = (symbol: ts.Symbol | undefined): ts.Symbol[] =>
  symbol === undefined ? [] : checker.getExportsOfModule(symbol);

/** What is said of a symbol, or of one of the ways to call it. */
function documentationOf(symbol: ts.Symbol): string {
  const own = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  if (own !== '') return own;
  const signatures = checker.getTypeOfSymbol(symbol).getCallSignatures();
  return signatures.map((one) => ts.displayPartsToString(one.getDocumentationComment(checker))).join('');
}

const [membersSymbol] = exportsOf(checker.getSymbolAtLocation(file));
const groups = membersSymbol === undefined ? [] : checker.getTypeOfSymbol(membersSymbol).getProperties();

test('there is something to look at', () => {
  expect(groups.length).toBeGreaterThan(30);
});

test.each(groups.map((group) => [group.name, group] as const))('every member of %s is documented', (_name, group) => {
  const members = checker
    .getTypeOfSymbol(group)
    .getProperties()
    // Those with symbols for names are called by the language.
    .filter(({ name }) => !name.startsWith('__') && !name.startsWith('#'))
    .filter((member) => !isForeign(member))
    .filter(
      (member) =>
        !member.declarations?.some(
          (one) => ts.getCombinedModifierFlags(one) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected),
        ),
    );
  expect(members.length).toBeGreaterThan(0);
  expect(
    members
      .filter((member) => documentationOf(member) === '')
      .map(({ name }) => name)
      .join(),
  ).toBe('');
});

test('all that is exported is documented', () => {
  const index = ts.resolveModuleName('redimap', file.fileName, compilerOptions(), ts.sys).resolvedModule;
  expect(index?.resolvedFileName).toBe(join(root, 'src/index.ts'));
  const [declaration] = file.statements.filter(ts.isImportDeclaration);
  const all = exportsOf(checker.getSymbolAtLocation((declaration as ts.ImportDeclaration).moduleSpecifier));
  expect(all.length).toBeGreaterThan(80);
  const resolved = all.map((one) => (one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one));
  expect(
    resolved
      .filter((one) => documentationOf(one) === '')
      .map(({ name }) => name)
      .join(),
  ).toBe('');
});

test('an op says what it computes, takes, gives and costs, with an example', () => {
  const ops = groups.find(({ name }) => name === 'ops') as ts.Symbol;
  for (const op of checker.getTypeOfSymbol(ops).getProperties()) {
    const text = documentationOf(op);
    expect(text, op.name).toMatch(/Takes /);
    expect(text, op.name).toMatch(/Cost: /);
    const [example] = op.getJsDocTags(checker).filter(({ name }) => name === 'example');
    expect(ts.displayPartsToString(example?.text), op.name).toContain(`ops.${op.name}(`);
  }
});
