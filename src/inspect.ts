import { inspect } from 'node:util';

/** The property by which console.log and `util.inspect` ask an object what to show. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Sets what console.log shows for instances of a class. Their TypeScript type does not change. */
export function showAs<T extends object>(prototype: T, show: (object: T) => unknown): void {
  Object.defineProperty(prototype, INSPECT, {
    value(this: T) {
      return show(this);
    },
    configurable: true,
    writable: true,
  });
}

/** Describes an object in one line: `RedisMap('host:worker:3:hits') { value: codec.int }`. */
export function oneLine(object: object, title: string | undefined, details: Readonly<Record<string, string>>): string {
  const shown = Object.entries(details).map(([name, detail]) => `${name}: ${detail}`);
  const head = `${object.constructor.name}${title === undefined ? '' : `(${inspect(title)})`}`;
  return shown.length === 0 ? head : `${head} { ${shown.join(', ')} }`;
}
