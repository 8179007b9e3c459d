import type { Command } from '../command/command.js';
import { CommandKind, transaction } from '../command/command.js';
import * as keys from '../command/key.js';
import * as readers from '../command/readers.js';
import * as set from '../command/set.js';
import { derivedKey } from '../namespace/keys.js';
import { eachFamily } from './each-family.js';
import { setUpdate } from './scripts.gen.js';

const SREM = CommandKind.writing('srem', { family: eachFamily('srem', 'write') });

/** SREM of one member: whether it was there. */
export function removeOne(key: string, member: string): Command<boolean> {
  return SREM.of(key, [member], readers.flag);
}

/** SREM: how many of the members there were. https://redis.io/docs/latest/commands/srem/ */
export function remove(key: string, members: readonly string[]): Command<number> {
  return SREM.of(key, members, readers.integer);
}

/** How one set changes another in place. */
export type SetOperation = 'add' | 'delete' | 'retain' | 'toggle';

/** What changes a set: the key of another one in its slot, or members that are here. */
export type SetOperand = string | readonly string[];

/**
 * The commands that change a set by other ones, one after the other. Members that are here are put beside the set for
 * as long as the transaction lasts, so that nobody ever sees them there, unless SADD or SREM takes them as they are.
 */
export function updates(key: string, operation: SetOperation, operands: readonly SetOperand[]): Command<void>[] {
  if (operation === 'toggle' || operation === 'retain') {
    return operands.flatMap((operand) => updateBeside(key, operation, operand));
  }
  const keysOfOthers = operands.filter((operand) => typeof operand === 'string');
  const members = [...new Set(operands.filter((operand) => typeof operand !== 'string').flat())];
  const native = (some: readonly string[]): Command<void> =>
    operation === 'add' ? set.add(key, some, readers.counted) : remove(key, some).map(() => undefined);
  return [...keysOfOthers.map((other) => update(key, operation, other)), ...chunksOf(members).map(native)];
}

function updateBeside(key: string, operation: SetOperation, operand: SetOperand): Command<void>[] {
  if (typeof operand === 'string') return [update(key, operation, operand)];
  const beside = derivedKey(key, 'operand');
  if (operand.length === 0) return operation === 'retain' ? [update(key, operation, beside)] : [];
  const puts = chunksOf(operand).map((some) => set.add(beside, some, readers.counted));
  return [...puts, update(key, operation, beside), keys.clear(beside)];
}

/** As many members at a time as are put beside a set by one command. */
function chunksOf(members: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let i = 0; i < members.length; i += MOST) chunks.push(members.slice(i, i + MOST));
  return chunks;
}

const MOST = 10_000;

function update(key: string, operation: SetOperation, other: string): Command<void> {
  return setUpdate.command([key, other], [operation], readers.counted);
}

/** The commands that change a set, as one. All but toggling can be done twice. */
export function inOneStep(
  key: string,
  operation: SetOperation,
  commands: readonly [Command<void>, ...Command<void>[]],
): Command<void> {
  const idempotent = operation !== 'toggle';
  if (commands.length === 1) return commands[0].with({ idempotent });
  const all = transaction(commands, readers.nothing, { idempotent });
  // The first key is the one that errors name.
  return all.with({ keys: [key, ...all.keys.filter((other) => other !== key)] });
}
