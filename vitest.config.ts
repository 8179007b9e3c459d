import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What changes nothing that other files of the same process could see: its workers are not made anew for each file. */
const PLAIN = 'bench codec command contract graph keys namespace near races security sync types'.split(' ');
const plainFiles = PLAIN.map((folder) => `test/${folder}/**/*.test.ts`);

/** Waits for servers, clusters and processes. */
const WAITING = ['cluster', 'faults', 'examples'];

/** Begins with what waits, so that it does not end alone. */
class WaitingFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specifications);
    const waits = ({ moduleId }: TestSpecification) => WAITING.some((folder) => moduleId.includes(`/test/${folder}/`));
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

export default defineConfig({
  test: {
    projects: [
      { test: { ...common, name: 'plain', include: plainFiles, isolate: false } },
      { test: { ...common, name: 'apart', include: ['test/**/*.test.ts'], exclude: plainFiles } },
    ],
    // Of the run, not of each project: one set of servers is enough.
    globalSetup: ['test/support/global-setup.ts'],
    sequence: { sequencer: WaitingFirst },
    // One more than there are cores, because many tests wait.
    maxWorkers: 3,
    retry: 0,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.gen.ts'],
      reporter: ['text', 'html', 'lcovonly'],
    },
  },
});
