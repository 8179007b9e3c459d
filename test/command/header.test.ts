import { runInNewContext } from 'node:vm';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { generate } from '../../tools/generate-scripts.js';
import { parseLuaScript } from '../../tools/script-header.js';

const HASH_DELETE = `-- Deletes fields of a hash and says of each whether it was there.
-- KEYS[1] hash
-- ARGV[1..] fields: bytes
-- runs: hdel on KEYS[1]
-- returns: integer[]
-- idempotent: no

local deleted = {}
-- One by one: HDEL of many replies a sum.
for i, field in ipairs(ARGV) do
  deleted[i] = redis.call('hdel', KEYS[1], field) -- 1 or 0
end

return deleted
`;

function header(...lines: string[]): string {
  return [...lines.map((line) => `-- ${line}`), 'return 1'].join('\n');
}

describe('the header of a Lua file', () => {
  it('is read', () => {
    const { source, ...signature } = parseLuaScript('hash-delete.lua', HASH_DELETE);
    expect(signature).toEqual({
      name: 'hash-delete',
      summary: ['Deletes fields of a hash and says of each whether it was there.'],
      keys: ['hash'],
      args: [{ name: 'fields', type: 'bytes', rest: true }],
      runs: [{ commands: ['hdel'], keys: ['KEYS[1]'], condition: undefined }],
      returns: 'integer[]',
      idempotent: false,
      access: 'write',
    });
    expect(source.split('\n')).toEqual([
      'local deleted = {}',
      'for i, field in ipairs(ARGV) do',
      "deleted[i] = redis.call('hdel', KEYS[1], field) -- 1 or 0",
      'end',
      'return deleted',
    ]);
  });

  it('may have several keys and arguments, lines of summary, and an access', () => {
    const text = header(
      'Moves an item,',
      'unless there is none.',
      'KEYS[1] from',
      'KEYS[2] to',
      'ARGV[1] side: text',
      'ARGV[2] count: integer',
      'ARGV[3..] items: bytes',
      'runs: lrange llen on KEYS[1]',
      "runs: ARGV[1] on KEYS[1], KEYS[2] if ARGV[2] ~= '0'",
      'returns: bytes | nil',
      'idempotent: yes',
      'access: read',
    );
    expect(parseLuaScript('move.lua', text)).toEqual({
      name: 'move',
      summary: ['Moves an item,', 'unless there is none.'],
      keys: ['from', 'to'],
      args: [
        { name: 'side', type: 'text', rest: false },
        { name: 'count', type: 'integer', rest: false },
        { name: 'items', type: 'bytes', rest: true },
      ],
      runs: [
        { commands: ['lrange', 'llen'], keys: ['KEYS[1]'], condition: undefined },
        { commands: ['ARGV[1]'], keys: ['KEYS[1]', 'KEYS[2]'], condition: "ARGV[2] ~= '0'" },
      ],
      returns: 'bytes | nil',
      idempotent: true,
      access: 'read',
      source: 'return 1',
    });
  });

  it('is the same with CRLF line ends', () => {
    const lf = parseLuaScript('hash-delete.lua', HASH_DELETE);
    expect(parseLuaScript('hash-delete.lua', HASH_DELETE.replaceAll('\n', '\r\n'))).toEqual(lf);
  });

  const rest = ['returns: nothing', 'idempotent: yes'];
  it.each([
    ['no summary', ['KEYS[1] key', ...rest], 'x.lua:4: the header lacks a summary'],
    ['no key', ['Does.', ...rest], 'x.lua:4: the header lacks KEYS[1]: a script is sent to the node of its first key'],
    ['no returns', ['Does.', 'KEYS[1] key', 'idempotent: yes'], 'x.lua:4: the header lacks returns'],
    ['no idempotent', ['Does.', 'KEYS[1] key', 'returns: nothing'], 'x.lua:4: the header lacks idempotent'],
    ['a key out of order', ['Does.', 'KEYS[2] key', ...rest], 'x.lua:2: expected KEYS[1], not KEYS[2]'],
    ['a key without a name', ['Does.', 'KEYS[1]', ...rest], 'x.lua:2: KEYS[1] needs a name in camel case, not ""'],
    ['two keys of a name', ['Does.', 'KEYS[1] a', 'KEYS[2] a', ...rest], 'x.lua:3: two keys are named a'],
    ['a gap', ['Does.', 'KEYS[1] key', 'ARGV[2] a: text', ...rest], 'x.lua:3: expected ARGV[1], not ARGV[2]'],
    ['no type', ['Does.', 'KEYS[1] key', 'ARGV[1] a', ...rest], 'x.lua:3: ARGV[1] needs "name: type", not "a"'],
    [
      'an unknown type',
      ['Does.', 'KEYS[1] key', 'ARGV[1] a: float', ...rest],
      'x.lua:3: the type of ARGV[1] is text, bytes or integer, not "float"',
    ],
    [
      'an argument after the rest',
      ['Does.', 'KEYS[1] key', 'ARGV[1..] a: text', 'ARGV[2] b: text', ...rest],
      'x.lua:4: nothing can follow ARGV[1..]',
    ],
    [
      'two arguments of a name',
      ['Does.', 'KEYS[1] key', 'ARGV[1] a: text', 'ARGV[2] a: text', ...rest],
      'x.lua:4: two arguments are named a',
    ],
    [
      'an unknown result',
      ['Does.', 'KEYS[1] key', 'returns: float', 'idempotent: yes'],
      'x.lua:3: returns is integer, integer[], bytes, bytes[] or nothing, not "float"',
    ],
    [
      'an unclear idempotent',
      ['Does.', 'KEYS[1] key', 'returns: nothing', 'idempotent: maybe'],
      'x.lua:4: idempotent is yes or no, not "maybe"',
    ],
    [
      'an unknown access',
      ['Does.', 'KEYS[1] key', ...rest, 'access: all'],
      'x.lua:5: access is read or write, not "all"',
    ],
    ['a field twice', ['Does.', 'KEYS[1] key', 'returns: bytes', ...rest], 'x.lua:4: a second returns'],
    [
      'writes that nobody is asked for',
      ['Does.', 'KEYS[1] key', ...rest],
      'x.lua:5: the header lacks runs: what must be allowed is looked at before anything is written',
    ],
    [
      'an unclear runs',
      ['Does.', 'KEYS[1] key', 'runs: HSET KEYS[1]', ...rest],
      'x.lua:3: runs is "hget hset on KEYS[1]" or "ARGV[1] on KEYS[1]", and " if …", not "HSET KEYS[1]"',
    ],
    ['another order', ['Does.', 'returns: nothing', 'KEYS[1] key'], 'x.lua:3: KEYS comes before returns'],
    [
      'prose between the fields',
      ['Does.', 'KEYS[1] key', 'And.', ...rest],
      'x.lua:3: expected a field or the end of the header, an empty line, not "And."',
    ],
  ])('is refused with %s', (_what, lines, message) => {
    expect(() => parseLuaScript('x.lua', header(...lines))).toThrow(expect.objectContaining({ message }));
  });

  it.each([
    ['a key that is not declared', "return redis.call('get', KEYS[2])", 'x.lua:6: KEYS[2] is not in the header'],
    ['an argument that is not declared', 'return ARGV[1]', 'x.lua:6: ARGV[1] is not in the header'],
    ['a comment over several lines', '\n--[[ one\ntwo ]]\nreturn 1', 'x.lua:7: long brackets, as in [[text]] and'],
    ['a key derived from another', "return redis.call('get', KEYS[1] .. ':index')", 'x.lua:6: derives a key, in'],
    ['likewise from the end', "return redis.call('get', 'index:' .. KEYS[1])", 'x.lua:6: derives a key, in'],
    ['no code', '\n-- nothing', 'x.lua:6: no code follows the header'],
    ['a command that is not declared', "return redis.call('del', KEYS[1])", 'x.lua:6: runs lacks del'],
    ['likewise in an argument', 'return redis.call(KEYS[1], KEYS[1])', 'x.lua:6: runs lacks KEYS[1]'],
  ])('is refused with %s', (_what, code, message) => {
    const text = `-- Does.\n-- KEYS[1] key\n-- runs: get on KEYS[1]\n-- returns: nothing\n-- idempotent: yes\n${code}`;
    expect(() => parseLuaScript('x.lua', text)).toThrow(message);
  });

  it('may put what a key holds together with other text', () => {
    const text = HASH_DELETE.replace('return deleted', "return redis.call('get', KEYS[1]) .. ':'").replace(
      'hdel on',
      'hdel get on',
    );
    expect(parseLuaScript('hash-delete.lua', text).source).toContain(".. ':'");
  });

  it.each(['Hash-Delete.lua', 'hash_delete.lua', '-x.lua', 'x.txt'])('is refused in a file named %s', (file) => {
    expect(() => parseLuaScript(file, HASH_DELETE)).toThrow(`${file}:1: the name of a script is kebab case`);
  });
});

describe('the generated module', () => {
  const first = parseLuaScript('hash-delete.lua', HASH_DELETE);
  const odd = parseLuaScript(
    'odd-text.lua',
    `${header('Has */ in its summary,', 'and two lines.', 'KEYS[1] key', 'runs: get on KEYS[1]', 'returns: bytes', 'idempotent: no').replace(/return 1$/, '')}return 'a\\n' .. "\`" .. '\${x}'`,
  );

  it('defines each script under a camel-case name', () => {
    expect(generate([first])).toBe(`// Generated by \`npm run scripts\` from lua/*.lua: change those, and run it again.
import type { Argument } from './command.js';
import { defineScript } from './script.js';

/** Deletes fields of a hash and says of each whether it was there. */
export const hashDelete = defineScript<[hash: string], [...fields: Argument[]]>({
  name: 'hash-delete',
  checks: \`need('hdel', KEYS[1])\`,
  source: \`local deleted = {}
for i, field in ipairs(ARGV) do
deleted[i] = redis.call('hdel', KEYS[1], field) -- 1 or 0
end
return deleted\`,
});
`);
  });

  it('does not depend on the order of the files', () => {
    expect(generate([odd, first])).toBe(generate([first, odd]));
  });

  it('carries any source unharmed', () => {
    const { outputText } = ts.transpileModule(generate([odd]), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const exports: Record<string, { source: string }> = {};
    runInNewContext(outputText, { exports, require: () => ({ defineScript: (signature: object) => signature }) });
    expect(exports['oddText']?.source).toBe("return 'a\\n' .. \"`\" .. '${x}'");
  });
});
