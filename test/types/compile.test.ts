import { describe, expect, it } from 'vitest';
import { compile, messages } from './compile.js';

const IMPORT = "import { CodecError, RedimapError, ServerError } from '../../src/errors.js';";

describe('compile', () => {
  it('has nothing to say of a module that is right', () => {
    expect(
      compile(`${IMPORT}
        const error: RedimapError = new CodecError('too deep', { key: 'images' });
        const code: 'NAMESPACE' | 'CODEC' = new CodecError('too deep').code;
        await using scope = { async [Symbol.asyncDispose]() {} };
        export {};`),
    ).toEqual([]);
  });

  it('says what is wrong, and where', () => {
    expect(compile(`${IMPORT}\nnew ServerError('refused', 42);`)).toEqual([
      {
        line: 2,
        column: 28,
        code: 2345,
        message: "Argument of type 'number' is not assignable to parameter of type 'string'.",
      },
    ]);
  });

  it('explains a mismatch in full', () => {
    const [message] = messages(`${IMPORT}\nnew CodecError('bad', { key: 1 });`);
    expect(message).toBe("Type 'number' is not assignable to type 'string'.");
    const [options] = messages(`${IMPORT}\nconst f: (error: RedimapError) => void = (error: ServerError) => {};`);
    expect(options?.split('\n')).toContain("  Types of parameters 'error' and 'error' are incompatible.");
  });

  it('forgets the snippet before', () => {
    expect(messages(`${IMPORT}\nconst left: number = 'text';`)).toHaveLength(1);
    expect(messages(`${IMPORT}\nexport const code = new CodecError('x').code;`)).toEqual([]);
    expect(messages('left;')).toEqual(["Cannot find name 'left'."]);
  });

  it('reports a syntax error', () => {
    expect(messages('const text: number = ;')).toEqual(['Expression expected.']);
  });

  it('is as strict as the repository', () => {
    expect(messages("const list = ['a'];\nconst first: string = list[0];")[0]).toContain("Type 'string | undefined'");
    expect(messages('const bag: Record<string, string> = {};\nbag.name;')[0]).toContain('index signature');
  });
});
