import type { Argument, Command, Family } from './command.js';
import { CommandKind } from './command.js';
import * as readers from './readers.js';

/** The key that all members of a batch have in common. */
export function keyOf(members: readonly Command<unknown>[]): string {
  return (members[0] as Command<unknown>).keys[0];
}

/** The arguments of all members, one after the other. */
export function argumentsOf(members: readonly Command<unknown>[]): Argument[] {
  const all: Argument[] = [];
  for (const { args } of members) for (let i = 0; i < args.length; i += 1) all.push(args[i] as Argument);
  return all;
}

/**
 * A command that reads one field, and the one that reads several: HGET and HMGET, SISMEMBER and SMISMEMBER. A member
 * of the latter kind gets as many replies as it named fields.
 */
export function readFamily(single: string, multiple: string): Family {
  const family: Family = {
    name: multiple,
    access: 'read',
    scope: 'fields',
    stride: 1,
    combine: (members) => combined.of(keyOf(members), argumentsOf(members), readers.nothing),
    distribute(raw, members) {
      const values = readers.asArray(raw);
      const expected = members.reduce((sum, member) => sum + (member.name === single ? 1 : member.args.length), 0);
      if (values.length !== expected) throw new Error(`${values.length} values came for ${expected} fields`);
      if (values.length === members.length && members.every((member) => member.name === single)) return values;
      let next = 0;
      return members.map((member) => {
        if (member.name === single) return values[next++] ?? null;
        const own = values.slice(next, next + member.args.length);
        next += own.length;
        return own;
      });
    },
  };
  const combined = CommandKind.reading(multiple, family);
  return family;
}
