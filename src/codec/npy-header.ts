import { CodecError } from '../errors.js';
import type { DType } from '../graph/nd-array.js';

/*
 * Writes and parses the header of a NumPy .npy file: the literal of a Python dict, in exactly the forms that NumPy
 * writes.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html (NEP 1)
 */

/** The array that the header of an .npy file describes. */
export interface NpyHeader {
  readonly dtype: DType;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** The most axes of an array: NumPy has 64 since 2.0, and 32 before. */
export const MAX_AXES = 64;

const DESCRIPTORS: Readonly<Record<DType, string>> = {
  bool: '|b1',
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
  int64: '<i8',
  uint64: '<u8',
  float32: '<f4',
  float64: '<f8',
};
const DTYPE_BY_TYPE = new Map(Object.entries(DESCRIPTORS).map(([dtype, text]) => [text.slice(1), dtype as DType]));

/** Returns the dict literal of a C-ordered little-endian array, as NumPy writes it. */
export function formatHeader(dtype: DType, shape: readonly number[]): string {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  return `{'descr': '${DESCRIPTORS[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
}

const fail = (what: string): never => {
  throw new CodecError(`codec.ndarray: not an .npy file that can be read: ${what}`);
};

/** One token of the literal: a string, a name, a number or a bracket, comma or colon. */
const TOKEN = /[ \t\r\n]*(?:'([^'\\]*)'|"([^"\\]*)"|(True|False)|([0-9]{1,16})L?|([{}()[\],:]))/y;

interface TokenValues {
  text: string;
  sign: string;
  name: boolean;
  size: number;
}
type Token = { [K in keyof TokenValues]: { readonly kind: K; readonly value: TokenValues[K] } }[keyof TokenValues];

function tokens(text: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const [, single, double, name, size, sign] =
      TOKEN.exec(text) ?? fail('its header is not a Python dict of plain values');
    const string = single ?? double;
    if (string !== undefined) found.push({ kind: 'text', value: string });
    else if (name !== undefined) found.push({ kind: 'name', value: name === 'True' });
    else if (size !== undefined) found.push({ kind: 'size', value: Number(size) });
    else if (sign !== undefined) found.push({ kind: 'sign', value: sign });
  }
  return found;
}

/** Parses the dict literal of an .npy header. Errors: CodecError for anything that NumPy would not write. */
export function parseHeader(text: string): NpyHeader {
  const list = tokens(text);
  let at = 0;
  const take = <K extends Token['kind']>(kind: K, value?: TokenValues[K]): TokenValues[K] => {
    const token = list[at++];
    if (token?.kind !== kind || (value !== undefined && token.value !== value)) {
      return fail('its header is not the dict of an array');
    }
    return token.value as TokenValues[K];
  };
  const skip = (sign: string) => {
    const isNext = list[at]?.value === sign && list[at]?.kind === 'sign';
    if (isNext) at++;
    return isNext;
  };
  const takeShape = (): number[] => {
    const shape: number[] = [];
    take('sign', '(');
    while (!skip(')')) {
      shape.push(take('size'));
      if (shape.length > MAX_AXES) fail(`more than ${MAX_AXES} axes`);
      if (!skip(',')) {
        if (shape.length === 1) fail('its shape is not a tuple');
        take('sign', ')');
        break;
      }
    }
    return shape;
  };

  let descr: string | undefined;
  let fortranOrder: boolean | undefined;
  let shape: number[] | undefined;
  take('sign', '{');
  while (!skip('}')) {
    const key = take('text');
    take('sign', ':');
    if (key === 'descr' && descr === undefined) {
      descr = list[at]?.kind === 'text' ? take('text') : fail('records are not numbers');
    } else if (key === 'fortran_order' && fortranOrder === undefined) fortranOrder = take('name');
    else if (key === 'shape' && shape === undefined) shape = takeShape();
    else fail('its header has other keys than those of an array');
    if (!skip(',')) {
      take('sign', '}');
      break;
    }
  }
  if (at !== list.length || descr === undefined || fortranOrder === undefined || shape === undefined) {
    return fail('its header is not the dict of an array');
  }
  const dtype = DTYPE_BY_TYPE.get(descr.slice(1)) ?? fail('its elements are of a dtype that an NdArray cannot have');
  const order = descr[0] ?? '';
  if (!'<>|='.includes(order) || (order === '|' && DESCRIPTORS[dtype][0] !== '|')) fail('its byte order is not known');
  return { dtype, bigEndian: order === '>', fortranOrder, shape };
}
