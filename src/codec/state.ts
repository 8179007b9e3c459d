import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isThenable, thrownKind } from '../brands.js';
import { causeOf } from '../cause.js';
import { CodecError } from '../errors.js';
import { auto, encodeWrapped } from './auto/auto.js';
import { allocating } from './allocating.js';
import type { Codec } from './codec.js';
import { type Path, pathOf } from './path.js';

/** Options of `codec.state`. */
export interface StateOptions {
  /** The version that values are written with: a whole number from 1. Default: 1. */
  readonly version?: number;
  /**
   * Turns a value of an older version into one of the current version. The schema validates the result.
   * Without it, older versions are a {@link CodecError}.
   */
  readonly migrate?: (value: unknown, fromVersion: number) => unknown;
  /**
   * Whether errors contain the schema's message for each issue, and not only its path. Such messages may quote the
   * value, which then gets into logs. Default: false.
   */
  readonly messages?: boolean;
}

/**
 * Compiles only for schemas that accept their own output: values are validated on write and again on read, so a schema
 * that turns its input into another type would refuse it.
 */
export type TakesItsOutput<S extends StandardSchemaV1> =
  StandardSchemaV1.InferOutput<S> extends StandardSchemaV1.InferInput<S>
    ? unknown
    : { readonly 'codec.state needs a schema that accepts its own output': never };

const MAX_LISTED = 5;
/** The most characters that are passed on of a schema's message. */
const MAX_MESSAGE = 256;

function listIssues(issues: readonly StandardSchemaV1.Issue[], messages: boolean): string {
  const places = issues.slice(0, MAX_LISTED).map((issue) => {
    const place = pathOf(pathOfIssue(issue));
    return messages ? `${place} (${String(issue.message).slice(0, MAX_MESSAGE)})` : place;
  });
  const more = issues.length > MAX_LISTED ? ', …' : '';
  return `${issues.length} ${issues.length === 1 ? 'issue' : 'issues'}, at ${places.join(', ')}${more}`;
}

function pathOfIssue(issue: StandardSchemaV1.Issue): Path {
  return (issue.path ?? []).flatMap((segment) => {
    const key = typeof segment === 'object' ? segment.key : segment;
    return [typeof key === 'number' ? 'index' : 'property', key];
  });
}

/** Calls a function of the user's. Its error may quote the value, so only the class is passed on. */
function run<T>(what: string, call: () => T): T {
  let result: T;
  try {
    result = call();
  } catch (error) {
    if (error instanceof CodecError) throw error;
    throw new CodecError(`codec.state: ${what} threw (${thrownKind(error)})`, { cause: causeOf(error) });
  }
  if (isThenable(result)) {
    Promise.resolve(result).catch(() => undefined);
    throw new CodecError(`codec.state: ${what} is asynchronous, and a codec cannot wait`);
  }
  return result;
}

/** `codec.state`; documented at {@link codec}. */
export function state<S extends StandardSchemaV1>(
  schema: S & TakesItsOutput<S>,
  options: StateOptions = {},
): Codec<StandardSchemaV1.InferOutput<S>> {
  if (typeof options !== 'object' || options === null) throw new TypeError('codec.state: options must be an object');
  const { version = 1, migrate, messages = false } = options;
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new RangeError('codec.state: version must be a whole number from 1');
  }
  if (migrate !== undefined && typeof migrate !== 'function') {
    throw new TypeError('codec.state: migrate must be a function');
  }
  if (typeof messages !== 'boolean') throw new TypeError('codec.state: messages must be true or false');
  const standard = (schema as StandardSchemaV1 | null | undefined)?.['~standard'];
  if (typeof standard?.validate !== 'function') throw new TypeError('codec.state: the schema is not a Standard Schema');

  const validate = (value: unknown): StandardSchemaV1.InferOutput<S> => {
    const result = run('the schema', () => standard.validate(value)) as StandardSchemaV1.Result<unknown>;
    if (typeof result !== 'object' || result === null) throw new CodecError('codec.state: the schema gave no result');
    if (result.issues !== undefined) {
      throw new CodecError(`codec.state: the schema refuses the value: ${listIssues(result.issues, messages)}`);
    }
    return result.value;
  };
  return allocating(
    (value, allocate) => encodeWrapped([version, validate(value)], allocate),
    (bytes) => {
      const stored = auto.decode(bytes);
      if (!Array.isArray(stored) || stored.length !== 2) throw new CodecError('codec.state: the bytes are not a state');
      const [found, value] = stored as [unknown, unknown];
      if (!Number.isSafeInteger(found) || (found as number) < 1) {
        throw new CodecError('codec.state: the bytes are not a state');
      }
      const from = found as number;
      if (from > version)
        throw new CodecError(`codec.state: version ${from} is newer than ${version}, the newest that is known here`);
      if (from === version) return validate(value);
      if (migrate === undefined) throw new CodecError(`codec.state: version ${from} is older, and there is no migrate`);
      return validate(run('migrate', () => migrate(value, from)));
    },
  );
}
