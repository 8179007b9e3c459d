import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { type Codec, codec } from '../../src/codec/index.js';
import { CodecError } from '../../src/errors.js';

const Settings = z.object({
  threshold: z.number(),
  unit: z.enum(['eV', 'keV']).default('eV'),
  seen: z.date().optional(),
});

/** A schema by hand, as the specification describes it. */
function schemaOf<T>(validate: (value: unknown) => StandardSchemaV1.Result<T> | Promise<StandardSchemaV1.Result<T>>) {
  return { '~standard': { version: 1, vendor: 'test', validate } } as const satisfies StandardSchemaV1<T, T>;
}

describe('codec.state', () => {
  it('gives back what the schema makes of a value', () => {
    const state = codec.state(Settings);
    expectTypeOf(state).toEqualTypeOf<Codec<z.output<typeof Settings>>>();
    const value = { threshold: 5, unit: 'keV' as const, seen: new Date(7) };
    expect(state.decode(state.encode(value))).toStrictEqual(value);
    const loose = { threshold: 5, more: 'stripped' } as unknown as typeof value;
    expect(codec.auto.decode(state.encode(loose))).toStrictEqual([1, { threshold: 5, unit: 'eV' }]);
    // what was written without the default gets it on the way back
    expect(state.decode(codec.auto.encode([1, { threshold: 1 }]))).toStrictEqual({ threshold: 1, unit: 'eV' });
  });

  it('refuses on write and on read, with the places and without the values', () => {
    const state = codec.state(Settings);
    const bad = { threshold: 'secret', unit: 'secret' } as unknown as z.output<typeof Settings>;
    const message = 'codec.state: the schema refuses the value: 2 issues, at value.threshold, value.unit';
    expect(() => state.encode(bad)).toThrow(new CodecError(message));
    expect(() => state.decode(codec.auto.encode([1, bad]))).toThrow(new CodecError(message));
  });

  it('tells what the schema says where that was asked for', () => {
    const state = codec.state(Settings, { messages: true });
    const bad = { threshold: 'text', unit: 'keV' } as unknown as z.output<typeof Settings>;
    const message =
      'codec.state: the schema refuses the value: 1 issue, at value.threshold (Invalid input: expected number, received string)';
    expect(() => state.encode(bad)).toThrow(new CodecError(message));
    expect(() => state.decode(codec.auto.encode([1, bad]))).toThrow(new CodecError(message));
    const long = codec.state(
      schemaOf<string>(() => ({ issues: [{ message: 'x'.repeat(10_000) }] })),
      { messages: true },
    );
    expect(() => long.encode('a')).toThrow(
      new CodecError(`codec.state: the schema refuses the value: 1 issue, at value (${'x'.repeat(256)})`),
    );
  });

  it.each<[string, unknown, unknown]>([
    ['no schema', undefined, undefined],
    ['null for a schema', null, undefined],
    ['a schema that is none', {}, undefined],
    ['null for options', Settings, null],
    ['text for options', Settings, 'messages'],
    ['a migrate that is no function', Settings, { migrate: {} }],
    ['messages that are neither true nor false', Settings, { messages: 'yes' }],
  ])('refuses %s at once', (_what, schema, options) => {
    expect(() => codec.state(schema as typeof Settings, options as object)).toThrow(TypeError);
    expect(() => codec.state(schema as typeof Settings, options as object)).toThrow(/^codec\.state: /);
  });

  it('lists the paths that a schema gives in either form, and a few only', () => {
    const issue = { message: 'the value is secret', path: ['a', { key: 0 }, { key: 'b c' }, Symbol('s')] };
    const state = codec.state(schemaOf<string>(() => ({ issues: Array.from({ length: 7 }, () => issue) })));
    expect(() => state.encode('x')).toThrow(/7 issues, at value\.a\[0\]\["b c"\].*, …$/);
    expect(() => state.encode('x')).not.toThrow(/secret/);
    expect(() => codec.state(schemaOf<string>(() => ({ issues: [{ message: '' }] }))).encode('x')).toThrow(
      /1 issue, at value$/,
    );
  });

  it('migrates older versions, validates the result, and refuses newer ones', () => {
    const one = codec.state(z.object({ threshold: z.number() }));
    const calls: unknown[] = [];
    const two = codec.state(Settings, {
      version: 3,
      migrate: (value, from) => {
        calls.push(value, from);
        return { ...(value as object), unit: from === 1 ? 'keV' : 'bad' };
      },
    });
    expect(two.decode(one.encode({ threshold: 5 }))).toStrictEqual({ threshold: 5, unit: 'keV' });
    expect(calls).toStrictEqual([{ threshold: 5 }, 1]);
    expect(() => two.decode(codec.auto.encode([2, { threshold: 5 }]))).toThrow(/1 issue, at value\.unit/);
    expect(() => one.decode(two.encode({ threshold: 5, unit: 'eV' }))).toThrow('version 3 is newer than 1');
    expect(() => codec.state(Settings, { version: 2 }).decode(one.encode({ threshold: 5 }))).toThrow('no migrate');
    expect(calls).toHaveLength(4);
  });

  it('refuses what throws or is asynchronous, without its message', () => {
    const bytes = codec.auto.encode([1, 'x']);
    const boom = () => {
      throw new TypeError('secret');
    };
    const ok = schemaOf<string>((value) => ({ value: value as string }));
    const schemas = [
      schemaOf<string>(boom),
      schemaOf<string>(async () => ({ value: 'x' })),
      schemaOf<string>(async () => boom()),
      z.string().refine(async () => true),
    ];
    const states = [
      ...schemas.map((schema) => codec.state(schema)),
      codec.state(ok, { version: 2, migrate: boom }),
      codec.state(ok, { version: 2, migrate: async () => 'x' }),
    ];
    for (const { decode } of states) {
      expect(() => decode(bytes)).toThrow(CodecError);
      expect(() => decode(bytes)).not.toThrow(/secret/);
    }
    for (const schema of schemas) expect(() => codec.state(schema).encode('x')).toThrow(CodecError);
    expect(() => codec.state(schemaOf<string>(() => undefined as never)).encode('x')).toThrow(CodecError);
  });

  it('refuses bytes that are not a state', () => {
    const { decode } = codec.state(z.unknown());
    for (const value of [
      null,
      1,
      [1],
      [1, 2, 3],
      [0, 1],
      [1.5, 1],
      ['1', 1],
      [-1, 1],
      { 0: 1, 1: 2 },
      [2n ** 60n, 1],
    ]) {
      expect(() => decode(codec.auto.encode(value))).toThrow(CodecError);
    }
    for (const bytes of [Buffer.alloc(0), Buffer.from('92', 'hex'), Buffer.from('{"a":1}')])
      expect(() => decode(bytes)).toThrow(CodecError);
    expect(decode(codec.auto.encode([1, undefined]))).toBeUndefined();
  });

  it('names the path of what codec.auto cannot carry, as seen by the user', () => {
    const state = codec.state(schemaOf<object>((value) => ({ value: value as object })));
    expect(() => state.encode({ items: [() => 1] })).toThrow('value.items[0]: a function cannot be carried');
  });

  it('takes schemas that are functions, and refuses what is none', () => {
    const callable = Object.assign(
      () => 1,
      schemaOf<number>((value) => ({ value: value as number })),
    );
    expect(codec.state(callable).decode(codec.state(callable).encode(4))).toBe(4);
    expect(() => codec.state({} as never)).toThrow(TypeError);
    for (const version of [0, -1, 1.5, Number.NaN])
      expect(() => codec.state(Settings, { version })).toThrow(RangeError);
  });

  it('does not compile for a schema that refuses its own output', () => {
    // @ts-expect-error: text in, a number out
    codec.state(z.string().transform((text) => text.length));
    const brand = codec.state(z.string().brand<'Run'>());
    expectTypeOf(brand.decode).returns.toExtend<string>();
    codec.state(z.coerce.number());
    expect(() => codec.state(z.string().transform((text) => text.length) as never).encode(5 as never)).toThrow(
      CodecError,
    );
  });
});
