import { CodecError } from '../errors.js';
import type { Codec } from './codec.js';
import { textual } from './textual.js';

const INTEGER = /^(?:0|-?[1-9][0-9]{0,15})$/;

/** Writes a safe integer as its canonical decimal text. */
export function formatInteger(value: number, codec: string): string {
  if (!Number.isSafeInteger(value)) throw new CodecError(`${codec}: the value is not a safe integer`);
  return String(value); // '0' for -0
}

/** Parses a text that {@link formatInteger} could have written. */
export function parseInteger(text: string, codec: string): number {
  const value = INTEGER.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new CodecError(`${codec}: the text is not a safe integer in decimal`);
  return value;
}

/** `codec.int`; documented at {@link codec}. */
export const int: Codec<number> = textual(
  (value) => formatInteger(value, 'codec.int'),
  (bytes) => {
    if (bytes.length > 17) throw new CodecError('codec.int: the text is not a safe integer in decimal');
    return parseInteger(bytes.toString('latin1'), 'codec.int');
  },
);

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const SPECIAL = /^([+-]?)(inf|infinity|nan)$/i;
/** Redis writes numbers of up to about 5,000 digits, from a long double. */
const MAX_TEXT = 5 * 1024;

function parseFloatText(text: string): number {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    throw new CodecError('codec.float: the number is beyond the range of a float64');
  }
  const special = SPECIAL.exec(text);
  if (special === null) throw new CodecError('codec.float: the text is not a number');
  if (special[2]?.toLowerCase() === 'nan') return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** `codec.float`; documented at {@link codec}. */
export const float: Codec<number> = textual(
  (value) => {
    if (typeof value !== 'number') throw new CodecError('codec.float: the value is not a number');
    return Object.is(value, -0) ? '-0' : String(value);
  },
  (bytes) => {
    if (bytes.length > MAX_TEXT) throw new CodecError('codec.float: the text is not a number');
    return parseFloatText(bytes.toString('latin1'));
  },
);
