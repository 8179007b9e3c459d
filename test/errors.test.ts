import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as errors from '../src/errors.js';

type Subclass = new (...args: never[]) => errors.RedimapError;

const source = readFileSync(new URL('../src/errors.ts', import.meta.url), 'utf8');
const names = [...source.matchAll(/^export class (\w+) extends RedimapError/gm)].map(([, name = '']) => name);
const classes = names.map((name) => [name, (errors as unknown as Record<string, Subclass>)[name] as Subclass] as const);

function make(type: Subclass): errors.RedimapError {
  return type === (errors.GraphError as Subclass)
    ? new errors.GraphError([])
    : new (type as unknown as new (message: string, code?: string) => errors.RedimapError)('why', 'ERR');
}

describe('the classes of errors', () => {
  test('are all of those that src/errors.ts exports', () => {
    expect(names).toContain('BackpressureError');
    expect(names.length).toBeGreaterThan(10);
  });

  test.each(classes)('%s has its name also where a bundler calls the class otherwise', (name, type) => {
    const original = Object.getOwnPropertyDescriptor(type, 'name') as PropertyDescriptor;
    Object.defineProperty(type, 'name', { value: 'x2', configurable: true });
    try {
      expect(make(type).name).toBe(name);
    } finally {
      Object.defineProperty(type, 'name', original);
    }
  });

  test.each(classes)('%s has a code that follows from its name', (name, type) => {
    const words = name.replace(/Error$/, '').match(/[A-Z][a-z]+/g) ?? [];
    expect(make(type).code).toBe(words.join('_').toUpperCase());
  });

  test.each(classes)('an error of another copy of %s is an instance of this one, and of no other', (_, type) => {
    const own = make(type);
    // A class of the same build that this one knows nothing of.
    const copy: unknown = Object.defineProperty(new Error('why'), 'code', { value: own.code });
    Object.setPrototypeOf(
      copy,
      Object.create(Error.prototype, { [Symbol.for('redimap.error')]: { value: true } }) as object,
    );
    expect(copy).toBeInstanceOf(errors.RedimapError);
    expect(classes.filter(([, other]) => copy instanceof other).map(([name]) => name)).toEqual([own.name]);
  });
});
