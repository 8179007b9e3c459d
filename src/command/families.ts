import { CommandKind, type Family, type RawReply } from './command.js';
import * as readers from './readers.js';
import { each } from './scripts.gen.js';

/**
 * Combines a command that reads one field with the one that reads several: HGET and HMGET, SISMEMBER and SMISMEMBER. A
 * call of the latter gets as many replies as it named fields.
 */
export function readFamily(single: string, multiple: string, scope: Family['scope']): Family {
  const family: Family = {
    name: multiple,
    access: 'read',
    scope,
    stride: 1,
    combine: ({ key, args }) => combined.of(key, args, readers.nothing),
    distribute(raw, members) {
      let expected = 0;
      let isPlain = true;
      for (const { kind, size } of members) {
        expected += size;
        isPlain &&= kind.name === single;
      }
      const values = readers.arrayOf(raw, expected);
      if (isPlain) return values;
      let next = 0;
      return members.map(({ kind, size }) => {
        const own = values.slice(next, next + size);
        next += size;
        return kind.name === single ? (own[0] ?? null) : own;
      });
    },
  };
  const combined = CommandKind.reading(multiple, family);
  return family;
}

/**
 * Combines commands that reply one number for all their arguments, such as HDEL: a script runs the command for each
 * argument, and each caller gets the sum of its own.
 *
 * @param command The name in lower case. The command replies an integer.
 */
export function eachFamily(command: string, access: 'read' | 'write'): Family {
  return {
    name: `each-${command}`,
    access,
    // Deletes keep their order with writes of other entries: a delete that empties the key also ends its lifetime.
    scope: access === 'write' ? 'whole' : 'fields of a hash',
    stride: 1,
    combine: ({ key, args }) =>
      each
        .command([key], [command, ...(args as readonly string[])], readers.nothing)
        .with({ access, idempotent: access === 'read' }),
    distribute(raw, members) {
      const expected = members.reduce((sum, { size }) => sum + size, 0);
      const replies = readers.arrayOf(raw, expected).map(readers.integer);
      let next = 0;
      return members.map(({ size }): RawReply => {
        const own = replies.slice(next, next + size);
        next += size;
        return own.reduce((sum, one) => sum + one, 0);
      });
    },
  };
}
