import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Codec, codec, keyCodec } from '../../src/codec/index.js';
import { bindCodec } from '../../src/collections/bound-codec.js';
import { causeOf } from '../../src/cause.js';
import { CodecError, GraphError, RedimapError } from '../../src/errors.js';
import { ComputationGraph } from '../../src/graph/computation-graph.js';
import { input } from '../../src/graph/flow.js';
import { defineOp } from '../../src/graph/op.js';
import { OpRegistry } from '../../src/graph/registry.js';
import { valueType } from '../../src/graph/value-type.js';

/** Stands for a value that must not get out. */
const MARKER = 'zq7-marker';

class MarkedError extends TypeError {
  readonly value = MARKER;
  constructor(message = `${MARKER} is wrong\n    at ${MARKER} (/there.js:1:1)`) {
    super(message, { cause: new Error(MARKER) });
  }
}

const fail = (): never => {
  throw new MarkedError();
};

function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** All that an error would show, its causes included. */
function everything(error: unknown): string {
  const parts: string[] = [];
  for (let one = error; one instanceof Error; one = one.cause) {
    parts.push(inspect(one, { depth: 10, showHidden: true }), String(one.stack), JSON.stringify(one));
  }
  return parts.join('\n');
}

const broken: Codec<unknown> = { encode: fail, decode: fail };
const failing = { '~standard': { version: 1, vendor: 'own', validate: fail } } as const;
const passing = {
  '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value }) },
} as const;

describe('the cause of a CodecError', () => {
  it.each<[string, () => unknown]>([
    [
      'a getter of codec.auto',
      () =>
        codec.auto.encode({
          get at() {
            return fail();
          },
        }),
    ],
    [
      'a getter of codec.structured',
      () =>
        codec.structured.encode([
          {
            get at() {
              return fail();
            },
          },
        ]),
    ],
    [
      'a getter of codec.state',
      () =>
        codec.state(passing).encode({
          get at() {
            return fail();
          },
        }),
    ],
    ['a schema', () => codec.state(failing).encode(1)],
    ['a migration', () => codec.state(passing, { version: 2, migrate: fail }).decode(codec.state(passing).encode(1))],
    ['a codec of the user', () => bindCodec(broken, 'key').encode(1)],
    ['a codec of the user that decodes', () => bindCodec(broken, 'key').decode(Buffer.of(1))],
  ])('names the class and the place of what %s threw, and no value', (_what, call) => {
    const error = thrownBy(call);
    expect(error).toBeInstanceOf(CodecError);
    const cause = error.cause as Error;
    expect(cause).toBeInstanceOf(Error);
    expect(cause.name).toBe('MarkedError');
    expect(everything(error)).not.toContain(MARKER);
  });

  it('says where it was thrown, if it is clear where the message ends', () => {
    const plain = thrownBy(() =>
      codec.auto.encode({
        get at() {
          throw new RangeError(`${MARKER} is wrong`);
        },
      }),
    );
    expect((plain.cause as Error).stack).toMatch(/^RangeError: the message is left out.*\n {4}at .*causes\.test\.ts/);
    expect(everything(plain)).not.toContain(MARKER);
  });

  it('is told for what is no error', () => {
    const text: Codec<unknown> = {
      ...broken,
      encode: () => {
        throw MARKER;
      },
    };
    const error = thrownBy(() => bindCodec(text, 'key').encode(1));
    expect(String(error.cause)).toBe('Error: a value of type string was thrown, which is not an error');
  });
});

describe('causeOf', () => {
  it('keeps codes, and messages that quote nothing', () => {
    const missing = Object.assign(new Error("Cannot find module 'msgpackr'"), { code: 'MODULE_NOT_FOUND' });
    expect(causeOf(missing)).toMatchObject({ message: missing.message, code: 'MODULE_NOT_FOUND' });
    const deep = causeOf(new RangeError('Maximum call stack size exceeded'));
    expect(deep).toMatchObject({ name: 'RangeError', message: 'Maximum call stack size exceeded' });
    const quoting = Object.assign(new TypeError(`Received type string ('${MARKER}')`), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
    const bare = causeOf(quoting);
    expect(bare).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    expect(everything(bare)).not.toContain(MARKER);
    expect(everything(causeOf(Object.assign(new Error('x'), { code: MARKER })))).not.toContain(MARKER);
  });

  it('gives up the place rather than a message that is there under another one', () => {
    const changed = new Error(`${MARKER}\n    at ${MARKER} (/there.js:1:1)`);
    changed.message = 'harmless';
    expect(everything(causeOf(changed))).not.toContain(MARKER);
    changed.message = '';
    expect(everything(causeOf(changed))).not.toContain(MARKER);
    Object.defineProperty(changed, 'stack', { value: 5 });
    expect(causeOf(changed).stack).toMatch(/^Error: the message is left out/);
  });

  it('is of errors of graphs, too', () => {
    const op = defineOp({ name: 'fails', inputs: [valueType.any], outputs: valueType.any, run: fail });
    const graph = ComputationGraph.of({ out: op(input.any('in')) });
    const error = thrownBy(() => graph.compile(new OpRegistry([op]))({ in: 1 }));
    expect(error).toBeInstanceOf(GraphError);
    expect((error.cause as Error).name).toBe('MarkedError');
    expect(everything(error)).not.toContain(MARKER);
  });
});

describe('errors', () => {
  it('have no cause where nothing was caught', () => {
    const error = thrownBy(() => keyCodec.int.encode(1.5));
    expect(error).toBeInstanceOf(RedimapError);
    expect('cause' in error).toBe(false);
  });
});
