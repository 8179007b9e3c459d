import { type Command, transaction } from '../command/command.js';
import { ConflictError } from '../errors.js';
import { type CommitStep, call, expectType } from '../command/commit.js';
import { commit as commitScript } from '../command/commit-script.js';
import type { Changes } from './tracker.js';

/** The most arguments of a command in the script of a commit, where Lua unpacks them, and in a transaction. */
const MAX_IN_SCRIPT = 1_000;
const MAX_IN_TRANSACTION = 10_000;

/**
 * Writes changes of one slot in one atomic step.
 *
 * @throws {@link ConflictError} when an expectation is not met; then nothing was written.
 */
export async function commitTogether(all: readonly [Changes, ...Changes[]]): Promise<void> {
  try {
    const { executor, deadline } = all[0].source;
    const unmet = await executor.run(commandOf(all), deadline);
    if (unmet.length > 0) throw conflictOf(all, unmet);
  } catch (error) {
    for (const changes of all) changes.failed();
    throw error;
  }
  for (const changes of all) changes.succeeded();
}

/** Makes the command of a commit. It must not run twice, even with the same effect: others may write in between. */
function commandOf(all: readonly [Changes, ...Changes[]]): Command<readonly number[]> {
  const [only, ...others] = all;
  const native = others.length === 0 && isNative(only) ? inChunks(only.commands, MAX_IN_TRANSACTION) : [];
  const [first, ...more] = native;
  if (first !== undefined) {
    const command = more.length === 0 ? first : transaction([first, ...more], () => undefined);
    return command.map(() => []).with({ idempotent: false, family: null });
  }
  const steps: CommitStep[] = all.flatMap(({ source }) => source.keys.map((key) => expectType(key, source.type)));
  for (const { expectations } of all) for (const step of expectations) steps.push(step);
  for (const changes of all) {
    for (const step of changes.steps) steps.push(step);
    for (const command of inChunks(changes.commands, MAX_IN_SCRIPT)) steps.push(call(command));
  }
  return commitScript(steps as [CommitStep, ...CommitStep[]]);
}

/**
 * Returns whether a transaction of native commands suffices, because none of them is refused unless all are. That
 * excludes values and lifetimes, since SET and PEXPIRE ignore the type, and several keys, one of which may have another
 * type.
 */
function isNative({ source: { type, ttl, keys }, expectations, steps }: Changes): boolean {
  const needsScript = expectations.length > 0 || steps.length > 0;
  return !needsScript && type !== 'string' && ttl === undefined && keys.length === 1;
}

/** Splits commands, all of which take any number of arguments, into ones of at most `most` (an even number). */
function inChunks(commands: readonly Command<unknown>[], most: number): Command<unknown>[] {
  return commands.flatMap((command) => {
    const { args } = command;
    if (args.length <= most) return [command];
    const chunks: Command<unknown>[] = [];
    for (let i = 0; i < args.length; i += most) chunks.push(command.with({ args: args.slice(i, i + most) }));
    return chunks;
  });
}

function conflictOf(all: readonly Changes[], unmet: readonly number[]): ConflictError {
  const expected = all.flatMap(({ source, expected: entries }) =>
    entries.map((entry) => (entry === undefined ? { key: source.key } : { key: source.key, entry })),
  );
  const conflicts = unmet.flatMap((number) => expected[number] ?? []);
  const what = conflicts.length === 1 ? 'What was changed here was' : `${conflicts.length} entries changed here were`;
  return new ConflictError(`${what} changed elsewhere since the scope loaded it; nothing was written`, {
    key: conflicts[0]?.key,
    conflicts,
  });
}
