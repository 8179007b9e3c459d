// @ts-check
import { builtinModules } from 'node:module';
import { keysRule } from './keys-rule.js';
import { LAYERS, lowerThan } from './layers.js';

const TIMERS = 'src/timers.ts';
const ONLY_TIMERS = `only ${TIMERS} has clocks and timers, which tests of users do not replace.`;
const TIMER_NAMES = [
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'],
  ...['queueMicrotask', 'nextTick', 'hrtime', 'performance'],
];
const TIMER_MODULES = ['timers', 'timers/promises', 'perf_hooks'];

/** A call on src/timers.ts is `timers.setTimeout`; the same name of anything else counts. */
const timers = [
  {
    selector: `:not(MemberExpression[object.name="timers"]) > Identifier[name=/^(${TIMER_NAMES.join('|')})$/]`,
    message: `This is a timer: ${ONLY_TIMERS}`,
  },
  {
    selector:
      ':matches(MemberExpression[object.name="Date"][property.name="now"], MemberExpression[object.name="AbortSignal"][property.name="timeout"])',
    message: `This asks a clock: ${ONLY_TIMERS}`,
  },
];
const timerModules = TIMER_MODULES.map((name) => ({ name: `node:${name}`, message: `There, ${ONLY_TIMERS}` }));

const withoutPrefix = builtinModules
  .filter((name) => !name.startsWith('node:'))
  .map((name) => ({ name, message: `Import node:${name}, which no package can stand for.` }));

/** The in-memory client is a file of the package, which src/testing loads. */
const inMemoryClient = [
  {
    selector:
      ':matches(Literal[value=/^ioredis-mock($|\\u002F)/], TemplateElement[value.cooked=/^ioredis-mock($|\\u002F)/])',
    message: 'Only src/testing names ioredis-mock.',
  },
  { selector: 'CallExpression[callee.name=/^require/]', message: 'Only src/testing requires modules.' },
];

const helpers = [
  {
    selector: 'VariableDeclaration[kind=/using$/]',
    message: 'For Node 20 every module of the build would import the helpers of `using`: try … finally.',
  },
];

const exportsOnly = [
  {
    selector: 'Program > :not(ExportAllDeclaration, ExportNamedDeclaration[source])',
    message: 'src/index.ts only re-exports: export { … } from ….',
  },
  { selector: 'ExportAllDeclaration', message: 'src/index.ts names its exports: no export *.' },
];

/** Those above src/keys, which see keys. */
const SEE_KEYS = LAYERS.flat().filter((layer) => lowerThan(layer).includes('keys'));

/**
 * What the files of src and test hold, line by line; who imports whom is in .dependency-cruiser.js. A rule of the same
 * name replaces what was said before, so that each file has all its restrictions in one place.
 *
 * @type {import('eslint').Linter.Config[]}
 */
export const architecture = [
  {
    files: ['{src,test}/**/*.ts'],
    rules: { 'max-lines': ['error', { max: 400 }] },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: [...withoutPrefix, ...timerModules] }],
      'no-restricted-syntax': ['error', ...timers, ...inMemoryClient, ...helpers],
    },
  },
  { files: ['src/testing/**'], rules: { 'no-restricted-syntax': ['error', ...timers] } },
  { files: ['src/index.ts'], rules: { 'no-restricted-syntax': ['error', ...exportsOnly] } },
  {
    files: [TIMERS],
    rules: {
      'no-restricted-imports': ['error', { paths: withoutPrefix }],
      'no-restricted-syntax': ['error', ...inMemoryClient],
    },
  },
  {
    files: SEE_KEYS.map((layer) => `src/${layer}/**/*.ts`),
    plugins: { architecture: { rules: { 'keys-in-keys': keysRule } } },
    rules: { 'architecture/keys-in-keys': 'error' },
  },
];
