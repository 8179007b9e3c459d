import { CommandKind, type Family } from './command.js';
import * as readers from './readers.js';

/**
 * A command that reads one field, and the one that reads several: HGET and HMGET, SISMEMBER and SMISMEMBER. A member
 * of the latter kind gets as many replies as it named fields.
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
