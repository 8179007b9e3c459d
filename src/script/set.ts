import type { Command } from '../command/command.js';
import { transaction, write } from '../command/command.js';
import * as keys from '../command/key.js';
import * as readers from '../command/readers.js';
import * as set from '../command/set.js';
import { derivedKey } from '../namespace/keys.js';
import { eachFamily } from './each-family.js';
import { setUpdate } from './scripts.gen.js';

const DELETE = eachFamily('srem', 'write');

/** SREM of one member: whether it was there. */
export function removeOne(key: string, member: string): Command<boolean> {
  return write('srem', key, [member], readers.flag, { family: DELETE });
}

/** SREM: how many of the members there were. https://redis.io/docs/latest/commands/srem/ */
export function remove(key: string, members: readonly string[]): Command<number> {
  return write('srem', key, members, readers.integer, { family: DELETE });
}

/** How one set changes another in place. */
export type SetOperation = 'add' | 'delete' | 'retain' | 'toggle';

/** All but toggling can be done twice. */
const isIdempotent = (operation: SetOperation): boolean => operation !== 'toggle';

/** Changes a set by another one in its slot. */
export function update(key: string, operation: SetOperation, other: string): Command<void> {
  return { ...setUpdate.command([key, other], [operation], readers.nothing), idempotent: isIdempotent(operation) };
}

/**
 * Changes a set by members that are here: they are put beside it for as long as the transaction lasts, so that
 * nobody ever sees them there.
 */
export function updateByMembers(key: string, operation: SetOperation, members: readonly string[]): Command<void> {
  const operand = derivedKey(key, 'operand');
  if (members.length === 0) return update(key, operation, operand);
  return transaction(
    [set.add(operand, members, readers.nothing), update(key, operation, operand), keys.clear(operand)],
    readers.nothing,
    { idempotent: isIdempotent(operation) },
  );
}
