import { expect } from 'vitest';
import type { ExecutedCommand } from '../support/command-counter.js';

/** The names of commands, such as `SADD`; `EVAL` for a script, which transactions are too. */
export function brief(commands: readonly ExecutedCommand[]): string {
  return commands.map(({ name }) => name).join(' ');
}

/** Which commands there are, and how many at most. */
export function expectAtMost(seen: readonly ExecutedCommand[], most: number, name: string): void {
  expect(new Set(seen.map((command) => command.name))).toEqual(new Set([name]));
  expect(seen.length).toBeLessThanOrEqual(most);
}
