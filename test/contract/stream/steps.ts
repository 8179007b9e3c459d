import fc from 'fast-check';
import type { RedisStream } from '../../../src/index.js';
import { callsOf, nothing } from '../../support/differential.js';

/** A stream in plain memory, whose entries have their numbers for ids. */
export class StreamModel {
  items: { readonly number: number; readonly value: unknown }[] = [];
  added = 0;

  constructor(readonly maxLength: number) {}

  add(values: readonly unknown[]): void {
    for (const value of values) this.items.push({ number: this.added++, value });
    if (values.length > 0) this.trim(this.maxLength);
  }

  trim(length: number): number {
    return this.items.splice(0, Math.max(0, this.items.length - length)).length;
  }

  get values(): unknown[] {
    return this.items.map(({ value }) => value);
  }
}

const call = callsOf<RedisStream<unknown>, StreamModel>();
const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', '', null, undefined, false));
const values = fc.array(value, { maxLength: 5 });
const limit = fc.integer({ min: 0, max: 7 });
const valuesOf = (entries: readonly { readonly value: unknown }[]): unknown[] => entries.map((entry) => entry.value);

export const streamSteps = fc.oneof(
  call(
    'add',
    value,
    async (stream, one) => typeof (await stream.add(one)),
    (model, one) => (model.add([one]), 'string'),
  ),
  call(
    'addMany',
    values,
    async (stream, all) => (await stream.addMany(all)).length,
    (model, all) => (model.add(all), all.length),
  ),
  call(
    'length',
    nothing,
    (stream) => stream.length,
    (model) => model.items.length,
  ),
  call(
    'first and last',
    nothing,
    async (stream) => valuesOf((await Promise.all([stream.first, stream.last])).flatMap((one) => one ?? [])),
    ({ values: all }) => [...all.slice(0, 1), ...all.slice(-1)],
  ),
  call(
    'range',
    fc.record({ limit, reverse: fc.boolean() }),
    async (stream, options) => valuesOf(await stream.range(options)),
    ({ values: all }, options) => (options.reverse ? all.reverse() : all).slice(0, options.limit),
  ),
  call(
    'trim',
    limit,
    (stream, maxLength) => stream.trim({ maxLength }),
    (model, maxLength) => model.trim(maxLength),
  ),
  call(
    'clear',
    nothing,
    (stream) => stream.clear(),
    (model) => void model.items.splice(0),
  ),
);
