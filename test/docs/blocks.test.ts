import { describe, expect, it } from 'vitest';
import { extractBlocks, programsOf } from './blocks.js';

function markdown(...lines: string[]): string {
  return lines.join('\n').replaceAll("'''", '```');
}

describe('extractBlocks', () => {
  it('finds TypeScript blocks and where they are', () => {
    const text = markdown(
      '# T',
      "'''ts",
      'const a = 1;',
      '',
      'a;',
      "'''",
      "'''sh",
      'npm install',
      "'''",
      "'''typescript",
      'b;',
      "'''",
    );
    expect(extractBlocks('T.md', text)).toEqual([
      { file: 'T.md', line: 3, code: 'const a = 1;\n\na;', mode: 'run', reason: undefined, continues: false },
      { file: 'T.md', line: 11, code: 'b;', mode: 'run', reason: undefined, continues: false },
    ]);
  });

  it('takes the indentation of a block in a list away', () => {
    const text = markdown('- item', '', "  '''ts", '  if (a) {', '    b;', '  }', "  '''");
    expect(extractBlocks('T.md', text)).toMatchObject([{ line: 4, code: 'if (a) {\n  b;\n}' }]);
  });

  it('sees no block inside another', () => {
    const text = markdown("'''''''''md", "'''ts", 'a;', "'''", "'''''''''", "'''ts", 'b;', "'''").replaceAll(
      '`````````',
      '````',
    );
    expect(extractBlocks('T.md', text).map(({ code }) => code)).toEqual(['b;']);
  });

  it('reads the comments above a block', () => {
    const text = markdown(
      '<!-- not run: needs a cluster -->',
      "'''ts",
      'a;',
      "'''",
      '<!-- continues -->',
      '<!-- not checked: a sketch -->',
      '',
      "'''ts",
      'b;',
      "'''",
      '<!-- another comment -->',
      "'''ts",
      'c;',
      "'''",
    );
    expect(extractBlocks('T.md', text)).toMatchObject([
      { code: 'a;', mode: 'check', reason: 'needs a cluster', continues: false },
      { code: 'b;', mode: 'skip', reason: 'a sketch', continues: true },
      { code: 'c;', mode: 'run', reason: undefined, continues: false },
    ]);
  });

  it.each([
    [['<!-- not run -->', "'''ts", "'''"], 'T.md:1: "not run" needs a reason'],
    [['<!-- not checked: -->', "'''ts", "'''"], 'T.md:1: "not checked" needs a reason'],
    [['<!-- continues -->', 'Prose.', "'''ts", "'''"], 'T.md:2: "continues" is not followed by a code block'],
    [['<!-- continues -->', "'''sh", "'''"], 'T.md:2: "continues" is said of a block that is not TypeScript'],
    [["'''ts", "'''", '<!-- continues -->'], 'T.md:3: "continues" is not followed by a code block'],
    [["'''ts", 'a;'], 'T.md:1: a code block that nothing closes'],
    [["'''ts"], 'T.md:1: a code block that nothing closes'],
  ])('refuses %j', (lines, message) => {
    expect(() => extractBlocks('T.md', markdown(...lines))).toThrow(message);
  });
});

describe('programsOf', () => {
  const block = (code: string, ...marks: string[]): string => [...marks, "'''ts", code, "'''"].join('\n');
  const programs = (...blocks: string[]) => programsOf(extractBlocks('T.md', markdown(...blocks)));

  it('joins a block with those that continue it', () => {
    expect(programs(block('a;\nb;'), block('c;', '<!-- continues -->'), block('d;'))).toEqual([
      { file: 'T.md', line: 2, code: 'a;\nb;\nc;', runnable: 'a;\nb;\nc;', notRun: undefined, lines: [2, 3, 7] },
      { file: 'T.md', line: 10, code: 'd;', runnable: 'd;', notRun: undefined, lines: [10] },
    ]);
  });

  it('runs a program up to what is not run, and checks all of it', () => {
    const marks = ['<!-- continues -->', '<!-- not run: why -->'];
    const [program] = programs(block('a;'), block('b;', ...marks), block('c;', '<!-- continues -->'));
    expect(program).toMatchObject({ code: 'a;\nb;\nc;', runnable: 'a;', notRun: 'why' });
  });

  it('leaves out what is not checked', () => {
    expect(programs(block('a;'), block('b;', '<!-- not checked: why -->'))).toMatchObject([{ code: 'a;' }]);
  });

  it('refuses to continue nothing', () => {
    expect(() => programs(block('a;', '<!-- continues -->'))).toThrow('T.md:3: there is nothing that it continues');
  });
});
