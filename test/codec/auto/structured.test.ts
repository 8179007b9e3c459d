import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codec } from '../../../src/codec/index.js';
import { anyValue, difference, recordOf, unaligned } from '../support.js';

const { encode, decode } = codec.structured;
const roundTrip = (value: unknown) => decode(unaligned(encode(value)));

/** Graphs in which any container may hold any other, itself included. */
const anyGraph = fc
  .array(
    fc.tuple(
      fc.constantFrom('list', 'record', 'map', 'set', 'error', 'date', 'bytes'),
      fc.array(
        fc.tuple(
          fc.nat(40),
          fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '\udc00')),
          fc.boolean(),
        ),
      ),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((nodes) => {
    const made = nodes.map(([kind]): unknown => {
      if (kind === 'list') return [];
      if (kind === 'record') return {};
      if (kind === 'map') return new Map();
      if (kind === 'set') return new Set();
      if (kind === 'error') return new RangeError('x');
      return kind === 'date' ? new Date(5) : new Uint16Array([1, 2]);
    });
    for (const [index, [, edges]] of nodes.entries()) {
      const node = made[index];
      for (const [to, name, isLeaf] of edges) {
        const target = isLeaf ? -to : made[to % made.length];
        if (Array.isArray(node)) node.push(target);
        else if (node instanceof Map) node.set(target, made[0]).set(name, target);
        else if (node instanceof Set) node.add(target);
        else if (node instanceof Error) node.cause = target;
        else if (node?.constructor === Object) Object.assign(node, { [`.${name}`]: target });
      }
    }
    return made[0];
  });

describe('codec.structured', () => {
  it('gives back graphs with cycles and shared parts, in their shape', () => {
    fc.assert(
      fc.property(anyGraph, (value) => {
        const decoded = roundTrip(value);
        expect(difference(value, decoded)).toBeUndefined();
        expect(difference(decoded, value)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('gives back all that codec.auto carries, and reads what codec.auto wrote', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(difference(value, roundTrip(value))).toBeUndefined();
        expect(difference(value, decode(codec.auto.encode(value)))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('gives back the cycle of each kind of container', () => {
    const list: unknown[] = [];
    list.push(list);
    const record = recordOf([['__proto__', 1]]) as { self?: unknown };
    record.self = record;
    const map = new Map<unknown, unknown>();
    map.set(map, map);
    const set = new Set<unknown>();
    set.add(set);
    const error = new Error('x') as Error & { self?: unknown };
    error.cause = error;
    error.self = error;
    const aggregate = new AggregateError([], 'x');
    aggregate.errors.push(aggregate);
    for (const value of [list, record, map, set, error, aggregate]) {
      expect(difference(value, roundTrip(value))).toBeUndefined();
    }
    expect((roundTrip(map) as typeof map).keys().next().value).toBeInstanceOf(Map);
  });

  it('keeps one object one', () => {
    const shared = { a: [1] };
    const when = new Date(7);
    const decoded = roundTrip({ x: shared, y: [shared], z: new Map([[shared, when]]), when }) as Record<
      string,
      unknown
    >;
    expect(decoded['x']).toBe((decoded['y'] as unknown[])[0]);
    expect((decoded['z'] as Map<unknown, unknown>).get(decoded['x'])).toBe(decoded['when']);
    const apart = roundTrip([{ a: 1 }, { a: 1 }]) as object[];
    expect(apart[0]).not.toBe(apart[1]);
  });

  it('takes nesting of any depth', () => {
    let value: unknown = null;
    for (let level = 0; level < 100_000; level++) value = { next: value };
    let decoded = roundTrip(value) as { next: unknown } | null;
    let depth = 0;
    for (; decoded !== null; depth++) decoded = decoded.next as typeof decoded;
    expect(depth).toBe(100_000);
  });

  it('names the path of what it refuses', () => {
    const a: { b?: unknown } = {};
    a.b = [a, { run: () => 1 }];
    expect(() => encode(a)).toThrow('value.b[1].run: a function cannot be carried');
    expect(() => encode([new (class Own {})()])).toThrow('value[0]: an instance of Own cannot be carried');
  });
});
