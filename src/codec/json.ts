import { causeOf } from '../cause.js';
import { CodecError } from '../errors.js';
import type { Codec } from './codec.js';
import { describe, isPlainObject } from './kinds.js';
import { scanJson, scanJsonText } from './scan-json.js';
import { utf8Of } from './text.js';
import { textual } from './textual.js';

/** A value that JSON can represent. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Says why JSON would not give a value back; `undefined` if it does, or if the fault is further inside. */
function fault(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'a number that is not finite';
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' || typeof value === 'boolean' || value === null ? undefined : describe(value);
  }
  if (Array.isArray(value) || typeof (value as { toJSON?: unknown }).toJSON === 'function') return undefined;
  return isPlainObject(value) ? undefined : describe(value);
}

/** `codec.json`; documented at {@link codec}. */
export const json: Codec<JsonValue> = textual(
  (value) => {
    const reason = fault(value);
    if (reason !== undefined) throw new CodecError(`codec.json: ${reason} cannot be represented in JSON`);
    let text: string | undefined;
    try {
      text = JSON.stringify(value);
    } catch (error) {
      const why = 'JSON cannot represent the value: it is cyclic, too deep or has a bigint in it';
      throw new CodecError(`codec.json: ${why}`, { cause: causeOf(error) });
    }
    if (text === undefined) throw new CodecError('codec.json: the value cannot be represented in JSON');
    scanJsonText(text, 'codec.json'); // decoding might refuse it
    return text;
  },
  (bytes) => {
    scanJson(bytes, 'codec.json');
    const text = utf8Of(bytes, 'codec.json');
    try {
      return JSON.parse(text) as JsonValue;
    } catch (error) {
      throw new CodecError('codec.json: the bytes are not JSON', { cause: causeOf(error) });
    }
  },
);
