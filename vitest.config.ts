import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/properties.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // For hangs only: on a busy machine, some tests take many times as long as on an idle one.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 0,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.gen.ts'],
      reporter: ['text', 'html', 'lcovonly'],
    },
  },
});
