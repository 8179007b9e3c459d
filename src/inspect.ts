import { inspect } from 'node:util';

/** Where console.log and `util.inspect` ask an object for what to show of it. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Says what console.log shows of the objects of a class. It is no member of their type. */
export function showAs<T extends object>(prototype: T, show: (object: T) => unknown): void {
  Object.defineProperty(prototype, INSPECT, {
    value(this: T) {
      return show(this);
    },
    configurable: true,
    writable: true,
  });
}

/** One line for an object that is more than its fields: `RedisMap('host:worker:3:hits') { value: codec.int }`. */
export function oneLine(object: object, title: string | undefined, details: Readonly<Record<string, string>>): string {
  const shown = Object.entries(details).map(([name, detail]) => `${name}: ${detail}`);
  const head = `${object.constructor.name}${title === undefined ? '' : `(${inspect(title)})`}`;
  return shown.length === 0 ? head : `${head} { ${shown.join(', ')} }`;
}
