import { expect, it } from 'vitest';
import { runPrograms, toJavaScript } from './run.js';

it('imports the library from src, and other packages as they are', () => {
  const code = toJavaScript(
    "import { connect } from 'redimap';\nimport { z } from 'zod';\nconst t = await import('redimap/testing');\nconst redimap = 'redimap';",
  );
  expect(code).toMatch(/import \{ connect \} from 'file:.*\/src\/index\.ts'/);
  expect(code).toMatch(/await import\('file:.*\/src\/testing\/index\.ts'\)/);
  expect(code).toContain("import { z } from 'zod';");
  expect(code).toContain("const redimap = 'redimap';");
});

it('runs programs in order and tells how each ended', async () => {
  const shared = 'const shared = globalThis as unknown as { steps: number[] };';
  const outcomes = await runPrograms(
    [
      { line: 1, runnable: `${shared} shared.steps = [1];` },
      { line: 2, runnable: "import { z } from 'zod'; const text: string = z.string().parse(7);" },
      { line: 3, runnable: 'void Promise.reject(new Error("nobody waits for this"));' },
      {
        line: 4,
        runnable: `${shared} {
          await using scope = { [Symbol.asyncDispose]: async () => void shared.steps.push(3) };
          shared.steps.push(2);
        }
        if (shared.steps.join() !== '1,2,3') throw new Error(shared.steps.join());
        setInterval(() => {}, 1000);`,
      },
      {
        line: 5,
        runnable: "if ('redis://127.0.0.1:6379' !== 'redis://' + '127.0.0.1:7') throw new Error('not rewritten');",
      },
      { line: 6, runnable: 'console.log("on the way out"); process.exit(3);' },
    ],
    'redis://127.0.0.1:7',
  );
  expect(outcomes.map((outcome) => outcome?.split('\n')[0])).toEqual([
    undefined,
    expect.stringContaining('ZodError'),
    'Error: nobody waits for this',
    undefined,
    undefined,
    'its process ended before it did',
  ]);
  expect(outcomes[5]).toContain('on the way out');
});
