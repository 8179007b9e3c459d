// @ts-check
import { filesOf, lowerThan, ROOMS } from './tools/architecture/layers.js';

const IOREDIS = '(^|/)node_modules/ioredis/';
const USES_IOREDIS = ['src/connect.ts', 'src/executor/ioredis/byte-command.ts'];
/** The in-memory client, which the build makes one file of: users need no package for it. */
const BUNDLED = 'src/testing/ioredis-mock.cjs';
/** What users import. */
const ENTRIES = ['src/index.ts', 'src/testing/index.ts'];

/**
 * Who may import what in src, types included. `npm run lint` holds the source to it, and test/architecture.test.ts has
 * an example of what breaks each rule. The layers are in tools/architecture/layers.js.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  required: [
    {
      name: 'known-layer',
      comment: 'It is in no layer of src: add its folder to tools/architecture/layers.js, or move the file.',
      severity: 'error',
      module: { path: '^src/', pathNot: filesOf(ROOMS) },
      // Nothing is there, so that no file has what is required of it.
      to: { path: '^nowhere$' },
    },
  ],
  forbidden: [
    ...ROOMS.map((room) => ({
      name: `${room.replace('.ts', '')}-imports-lower-layers`,
      comment: `${room} may import ${lowerThan(room).join(', ') || 'nothing'}.`,
      severity: /** @type {const} */ ('error'),
      from: { path: filesOf([room]) },
      to: { dependencyTypes: [/** @type {const} */ ('local')], pathNot: filesOf([room, ...lowerThan(room)]) },
    })),
    {
      name: 'no-cycles',
      comment: 'Imports go one way.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-dead-files',
      comment: `Nothing that begins at ${ENTRIES.join(' or ')} comes to this file.`,
      severity: 'error',
      from: { path: exactly(ENTRIES) },
      to: { path: '^src/', pathNot: [exactly(ENTRIES), '\\.d\\.cts$'], reachable: false },
    },
    {
      name: 'packages-of-users',
      comment: 'It is neither a dependency nor a peer dependency: users do not have it.',
      severity: 'error',
      from: { path: '^src/', pathNot: exactly([BUNDLED]) },
      to: {
        dependencyTypes: ['npm', 'npm-peer', 'npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'],
        dependencyTypesNot: ['npm', 'npm-peer'],
      },
    },
    {
      name: 'who-uses-ioredis',
      comment: `Only ${USES_IOREDIS.join(' and ')} import ioredis; src/testing its types.`,
      severity: 'error',
      from: { path: '^src/', pathNot: [...USES_IOREDIS.map((file) => exactly([file])), '^src/testing/'] },
      to: { path: IOREDIS },
    },
    {
      name: 'testing-uses-types-of-ioredis',
      comment: 'src/testing may import types of ioredis, and nothing else of it.',
      severity: 'error',
      from: { path: '^src/testing/' },
      to: { path: IOREDIS, dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};

/** @param {readonly string[]} files */
function exactly(files) {
  return `^(${files.map((file) => file.replaceAll('.', '\\.')).join('|')})$`;
}
