import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const below = (...folders: string[]): string[] => folders.map((folder) => `test/${folder}/**/*.test.ts`);

/** What talks to no server: `npm run test:unit`. */
const unit = [
  ...below('bench', 'executor/coalesce', 'executor/deliver', 'keys', 'tools'),
  'test/{architecture,errors}.test.ts',
  'test/codec/**/!(graph).test.ts',
  'test/command/{generated,header}.test.ts',
  'test/executor/{last-words,replies,reply-budget,waiting}.test.ts',
  'test/executor/ioredis/{byte-command,redirection}.test.ts',
  'test/graph/!(codec).test.ts',
];
const types = below('types');
/** What needs the servers that all share, and changes nothing that other files of its process could see. */
const redis = below(
  'codec',
  'collections',
  'command',
  'contract',
  'graph',
  'namespace',
  'near',
  'races',
  'security',
  'sync',
  'watch',
);
const cluster = below('cluster');

/** Begins with what waits for servers, clusters and processes, so that it does not end alone. */
class WaitingFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specifications);
    const waits = ({ moduleId }: TestSpecification) => /\/test\/(cluster|faults|examples)\//.test(moduleId);
    return [...sorted.filter(waits), ...sorted.filter((one) => !waits(one))];
  }
}

const common = {
  setupFiles: 'test/support/properties.ts',
  pool: 'forks' as const,
  // For hangs only: on a busy machine, some tests take many times as long as on an idle one.
  testTimeout: 120_000,
  hookTimeout: 120_000,
};
/** One process for many files: most of the time of a short one goes into imports. */
const together = { ...common, isolate: false };

export default defineConfig({
  test: {
    projects: [
      { test: { ...together, name: 'unit', include: unit } },
      { test: { ...together, name: 'types', include: types } },
      { test: { ...together, name: 'redis', include: redis, exclude: unit } },
      { test: { ...common, name: 'cluster', include: cluster } },
      // The rest: servers that fail, processes of their own, the package, the examples, the documentation.
      {
        test: {
          ...common,
          name: 'faults',
          include: ['test/**/*.test.ts'],
          exclude: [...unit, ...types, ...redis, ...cluster],
        },
      },
    ],
    // Of the run, not of each project: one set of servers is enough.
    globalSetup: ['test/support/global-setup.ts'],
    sequence: { sequencer: WaitingFirst },
    // Two more than there are cores, because many tests wait.
    maxWorkers: 4,
    retry: 0,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.gen.ts'],
      reporter: ['text', 'html', 'lcovonly'],
    },
  },
});
