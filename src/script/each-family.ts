import type { Family, RawReply } from '../command/command.js';
import * as readers from '../command/readers.js';
import { each } from './scripts.gen.js';

/**
 * Commands that reply one number for all their arguments, such as HDEL, of several callers: a script runs them for
 * each argument, so that each caller gets the sum of its own.
 *
 * @param command In lower case; it replies an integer.
 */
export function eachFamily(command: string, access: 'read' | 'write'): Family {
  return {
    name: `each-${command}`,
    access,
    // A delete is kept in its place among the writes of other entries: where it empties the key, a lifetime goes too.
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
