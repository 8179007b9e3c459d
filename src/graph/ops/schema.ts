import type { StandardSchemaV1 } from '@standard-schema/spec';

/* The schemas of the built-in ops: a minimal Standard Schema, so that the schema library stays the user's choice. */

/** One parameter: says what is wrong with a value, and has the default of a missing one. */
export interface Field<T, F extends T | undefined = T | undefined> {
  readonly problem: (value: unknown) => string | undefined;
  readonly fallback: F;
  readonly of?: T;
}

type Fields = Readonly<Record<string, Field<unknown, unknown>>>;
type TypeOf<F> = F extends Field<infer T, infer _> ? T : never;
type Required<F extends Fields> = { [K in keyof F]: F[K] extends Field<unknown, undefined> ? K : never }[keyof F];

/** Parameters as a user writes them. */
export type Given<F extends Fields> = { readonly [K in Required<F>]: TypeOf<F[K]> } & {
  readonly [K in Exclude<keyof F, Required<F>>]?: TypeOf<F[K]> | undefined;
};
/** Parameters as an op gets them. */
export type Complete<F extends Fields> = { readonly [K in keyof F]: TypeOf<F[K]> };

/** A finite number. */
export const finite: Field<number, undefined> = {
  problem: (value) => (Number.isFinite(value) ? undefined : 'is not a finite number'),
  fallback: undefined,
};

/** Makes a field for a whole number from `least` to `most`. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): Field<number, undefined> {
  const isWhole = (value: unknown): boolean =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  return { problem: (value) => (isWhole(value) ? undefined : `is not a whole number ${range}`), fallback: undefined };
}

/** Makes a field for one of some words. */
export function oneOf<const W extends string>(...words: readonly W[]): Field<W, undefined> {
  const known = (value: unknown): boolean => words.includes(value as W);
  return { problem: (value) => (known(value) ? undefined : `is not one of ${words.join(', ')}`), fallback: undefined };
}

/** Makes a field for a list of which each item is valid for `field`. */
export function listOf<T>(field: Field<T>): Field<readonly T[], undefined> {
  const isList = (value: unknown): boolean =>
    Array.isArray(value) && value.every((item) => field.problem(item) === undefined);
  return {
    problem: (value) => (isList(value) ? undefined : 'is not a list in which each item is as it should be'),
    fallback: undefined,
  };
}

/** Makes a field that may be left out. */
export function optional<T, F extends T>({ problem }: Field<T, undefined>, fallback: F): Field<T, T> {
  return { problem, fallback };
}

/**
 * Makes the schema of an object of parameters. Unknown ones are refused, since they are mistakes.
 *
 * @param also Says what is wrong with parameters that are valid one by one.
 */
export function parametersOf<const F extends Fields>(
  fields: F,
  also: (parameters: Complete<F>) => string | undefined = () => undefined,
): StandardSchemaV1<Given<F>, Complete<F>> {
  const validate = (given: unknown): StandardSchemaV1.Result<Complete<F>> => {
    if (typeof given !== 'object' || given === null) return { issues: [{ message: 'are not an object' }] };
    const issues: StandardSchemaV1.Issue[] = Object.keys(given)
      .filter((name) => !Object.hasOwn(fields, name))
      .map((name) => ({ message: 'is not a parameter', path: [name] }));
    const complete: Record<string, unknown> = {};
    for (const [name, { problem, fallback }] of Object.entries(fields)) {
      const value = Object.hasOwn(given, name) ? (given as Record<string, unknown>)[name] : undefined;
      const message = value === undefined && fallback !== undefined ? undefined : problem(value);
      if (message !== undefined) issues.push({ message, path: [name] });
      complete[name] = value ?? fallback;
    }
    const message = issues.length === 0 ? also(complete as Complete<F>) : undefined;
    if (message !== undefined) issues.push({ message });
    return issues.length > 0 ? { issues } : { value: Object.freeze(complete) as Complete<F> };
  };
  return { '~standard': { version: 1, vendor: 'redimap', validate } };
}
