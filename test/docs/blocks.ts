import MarkdownIt, { type Token } from 'markdown-it';

/** A ```ts block of a Markdown document. */
export interface Block {
  readonly file: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
  /** What is done with it: run it (and check its types before), check its types only, or leave it alone. */
  readonly mode: 'run' | 'check' | 'skip';
  /** Why it is not run, or not checked. */
  readonly reason: string | undefined;
  /** Whether it goes on where the block before it ends. */
  readonly continues: boolean;
}

/** Blocks that make one module: the first, and those that continue it. */
export interface Program {
  readonly file: string;
  readonly line: number;
  /** Everything, for the compiler. */
  readonly code: string;
  /** What to run: all blocks up to the first that is not run. Empty when that is the very first. */
  readonly runnable: string;
  /** Why the rest, or all of it, is not run. */
  readonly notRun: string | undefined;
  /** The line of the document for each line of `code`. */
  readonly lines: readonly number[];
}

const markdownIt = new MarkdownIt({ html: true });
const MARK = /^<!--\s*(continues|not run|not checked)\b\s*(?::\s*(.*?))?\s*-->$/;

/**
 * The blocks of a document, in order. What is to be done with one is said by comments above it, with nothing but
 * empty lines between:
 *
 * - `<!-- continues -->`: it goes on where the block before it ends, in the same module;
 * - `<!-- not run: why -->`: only its types are checked;
 * - `<!-- not checked: why -->`: it is neither checked nor run.
 */
export function extractBlocks(file: string, markdown: string): Block[] {
  const lines = markdown.split(/\r?\n/);
  const blocks: Block[] = [];
  let marks: Mark[] = [];
  const refuse = (index: number, problem: string): never => {
    throw new Error(`${file}:${index + 1}: ${problem}`);
  };
  for (const { type, map, content, info, markup } of markdownIt.parse(markdown, {}) as readonly Token[]) {
    const [start, end] = map ?? [lines.length - 1, lines.length];
    const mark = type === 'html_block' ? markOf(file, start + 1, content.trim()) : undefined;
    if (mark !== undefined) {
      marks.push(mark);
      continue;
    }
    const kind = marks[0]?.kind;
    if (type === 'fence') {
      const isClosed = end - start > 1 && lines[end - 1]?.trim().startsWith(markup);
      if (isClosed !== true) refuse(start, 'a code block that nothing closes');
      const [language] = info.trim().split(/\s/);
      if (language === 'ts' || language === 'typescript') {
        blocks.push({ file, line: start + 2, code: content.replace(/\n$/, ''), ...meaningOf(marks) });
      } else if (kind !== undefined) refuse(start, `"${kind}" is said of a block that is not TypeScript`);
    } else if (kind !== undefined) refuse(start, `"${kind}" is not followed by a code block`);
    marks = [];
  }
  if (marks[0] !== undefined) refuse(lines.length - 1, `"${marks[0].kind}" is not followed by a code block`);
  return blocks;
}

interface Mark {
  readonly kind: 'continues' | 'not run' | 'not checked';
  readonly reason: string | undefined;
}

function markOf(file: string, line: number, text: string): Mark | undefined {
  const [, kind, reason = ''] = MARK.exec(text) ?? [];
  if (kind === undefined) return undefined;
  if (kind !== 'continues' && reason === '') throw new Error(`${file}:${line}: "${kind}" needs a reason`);
  return { kind: kind as Mark['kind'], reason: reason === '' ? undefined : reason };
}

function meaningOf(marks: readonly Mark[]): Pick<Block, 'mode' | 'reason' | 'continues'> {
  const exception = marks.find(({ kind }) => kind !== 'continues');
  const mode = exception === undefined ? 'run' : exception.kind === 'not run' ? 'check' : 'skip';
  return { mode, reason: exception?.reason, continues: marks.some(({ kind }) => kind === 'continues') };
}

/** Puts blocks that continue each other together. Blocks that are not checked are left out. */
export function programsOf(blocks: readonly Block[]): Program[] {
  const chains: Block[][] = [];
  for (const block of blocks) {
    if (block.mode === 'skip') continue;
    const last = chains.at(-1);
    if (!block.continues) chains.push([block]);
    else if (last === undefined) throw new Error(`${block.file}:${block.line}: there is nothing that it continues`);
    else last.push(block);
  }
  return chains.map(programOf);
}

function programOf(chain: readonly Block[]): Program {
  const [first] = chain as [Block];
  const stop = chain.findIndex(({ mode }) => mode !== 'run');
  const code = (blocks: readonly Block[]): string => blocks.map((block) => block.code).join('\n');
  return {
    file: first.file,
    line: first.line,
    code: code(chain),
    runnable: code(stop < 0 ? chain : chain.slice(0, stop)),
    notRun: stop < 0 ? undefined : chain[stop]?.reason,
    lines: chain.flatMap((block) => block.code.split('\n').map((_text, index) => block.line + index)),
  };
}
