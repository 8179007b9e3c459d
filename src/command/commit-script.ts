import { WrongTypeError } from '../errors.js';
import type { Argument, Command } from './command.js';
import { commit as commitScript } from './commit.gen.js';
import type { CommitStep } from './commit.js';
import { countError } from './counter.js';
import * as readers from './readers.js';

/** Redis refuses a command of 2^20 arguments. */
const MOST_STEP_ARGUMENTS = 1_000_000;

/**
 * All steps as one script, on keys of one slot: either all expectations are met and everything is written, or nothing.
 * It replies the numbers of the expectations that are not met, counted from 0 through all steps.
 *
 * @throws RangeError when there are more arguments than Redis takes in one command.
 */
export function commit(steps: readonly [CommitStep, ...CommitStep[]]): Command<readonly number[]> {
  const keys = [...new Set(steps.map(({ key }) => key))] as [string, ...string[]];
  const numbers = new Map(keys.map((key, index) => [key, String(index + 1)]));
  const args: Argument[] = [];
  for (const step of steps) {
    args.push(step.name, numbers.get(step.key) ?? '', String(step.args.length));
    for (const argument of step.args) args.push(argument);
  }
  if (args.length > MOST_STEP_ARGUMENTS) {
    throw new RangeError('There are more changes than one atomic commit can carry: commit more often');
  }
  const command = commitScript.command([keys[0]], args, (raw) => {
    const [outcome, ...details] = readers.array(raw).map(readers.text);
    const key = keys[Number(details[0]) - 1];
    if (outcome === 'type') throw new WrongTypeError('The key holds another type of value', { key });
    if (outcome === 'count') throw countError(details[1] ?? '', key ?? keys[0]);
    return details.map((number) => Number(number) - 1);
  });
  return command.with({ keys });
}
