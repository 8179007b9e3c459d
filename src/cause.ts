import { isError, thrownKind } from './brands.js';

/** Codes of Node.js whose messages name files and sizes, and never quote a value. */
const SAFE_CODES =
  /^(?:(?:ERR_)?MODULE_NOT_FOUND|ERR_REQUIRE_ESM|ERR_DLOPEN_FAILED|ERR_PACKAGE_PATH_NOT_EXPORTED|ERR_BUFFER_TOO_LARGE|ERR_STRING_TOO_LONG|Z_[A-Z]+_ERROR)$/;
/** Messages with which V8 says that it ran out of something. */
const SAFE_MESSAGES = /^(?:Maximum call stack size exceeded|Invalid string length|Array buffer allocation failed)$/;
const FRAME =
  /^ {4}at (?:[\w$.<>[\] ]{1,200} \()?(?:async )?(?:node:|file:|\/|[A-Za-z]:\\|<anonymous>|native)[^()]*\)?$/;

/**
 * Makes the `cause` of an error that was caught: its class, its code, and where it was thrown. The message is copied
 * only if it is known to quote no value, which foreign code may do.
 */
export function causeOf(thrown: unknown): Error {
  const name = thrownKind(thrown);
  if (!isError(thrown)) return new Error(`a value of type ${name} was thrown, which is not an error`);
  const code: unknown = (thrown as NodeJS.ErrnoException).code;
  const known = typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : undefined;
  const isSafe = (known !== undefined && SAFE_CODES.test(known)) || SAFE_MESSAGES.test(thrown.message);
  const cause = new Error(isSafe ? thrown.message : 'the message is left out because it may quote a value');
  cause.name = name;
  const frames = framesOf(thrown);
  Object.defineProperty(cause, 'stack', { value: [String(cause), ...frames].join('\n'), enumerable: false });
  return known === undefined ? cause : Object.assign(cause, { code: known });
}

/** Returns the frames of a stack; none if it is unclear where the message ends and they begin. */
function framesOf({ message, stack }: Error): string[] {
  if (typeof stack !== 'string' || typeof message !== 'string') return [];
  const from = stack.indexOf(message);
  if (from < 0) return [];
  const [, ...lines] = stack.slice(from + message.length).split('\n');
  const end = lines.findIndex((line) => !FRAME.test(line));
  return end < 0 ? lines : lines.slice(0, end);
}
