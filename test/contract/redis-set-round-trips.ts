import { expect } from 'vitest';
import type { ExecutedCommand } from '../support/command-counter.js';

/** As `SADD`, or `MULTI(SADD EVAL UNLINK)` for what runs in a transaction. */
export function brief(commands: readonly ExecutedCommand[]): string {
  const words: string[] = [];
  for (const { name, inTransaction } of commands) {
    const last = words.at(-1);
    if (!inTransaction) words.push(name);
    else if (last?.startsWith('MULTI(')) words[words.length - 1] = `${last.slice(0, -1)} ${name})`;
    else words.push(`MULTI(${name})`);
  }
  return words.join(' ');
}

/** Which commands there are, and how many at most. */
export function expectAtMost(seen: readonly ExecutedCommand[], most: number, name: string): void {
  expect(new Set(seen.map((command) => command.name))).toEqual(new Set([name]));
  expect(seen.length).toBeLessThanOrEqual(most);
}
