import { isUtf8 } from 'node:buffer';
import { CodecError } from '../errors.js';
import {
  type DType,
  type DTypeArrays,
  dataOver,
  isDType,
  isNdArray,
  itemSize,
  type NdArray,
  sizeOf,
} from '../graph/nd-array.js';
import { type Allocate, allocating } from './allocating.js';
import { ownCopy } from './bytes.js';
import type { Codec } from './codec.js';
import { formatHeader, MAX_AXES, type NpyHeader, parseHeader } from './npy-header.js';

const MAGIC = '\x93NUMPY';
/** NumPy pads the header so that the data starts at a multiple of this. */
const ALIGNMENT = 64;
const MAX_HEADER = 0xffff;

const fail = (what: string): never => {
  throw new CodecError(`codec.ndarray: ${what}`);
};

function encode(value: NdArray, allocate: Allocate): Buffer {
  const { dtype, shape, data } = value;
  if (shape.length > MAX_AXES) fail(`NumPy has no arrays of more than ${MAX_AXES} axes`);
  if (dtype === 'bool' && !holdsOnlyBits(data)) fail('a bool array holds elements other than 0 and 1');
  const header = formatHeader(dtype, shape);
  const start = Math.ceil((MAGIC.length + 4 + header.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = allocate(start + data.byteLength);
  bytes.write(MAGIC, 'latin1');
  bytes.writeUInt16LE(0x0001, 6); // version 1.0
  bytes.writeUInt16LE(start - MAGIC.length - 4, 8);
  bytes.fill(0x20, bytes.write(header, 10, 'latin1') + 10, start);
  bytes[start - 1] = 0x0a;
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}

function holdsOnlyBits(data: NdArray['data']): boolean {
  for (let at = 0; at < data.length; at++) if ((data[at] as number) > 1) return false;
  return true;
}

/** Reads the header, and where the data starts. */
function readHeader(bytes: Buffer): { header: NpyHeader; start: number } {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 6) !== MAGIC) fail('the bytes are not an .npy file');
  const version = bytes[6] as number;
  if (version < 1 || version > 3 || bytes[7] !== 0) fail('the version of the .npy file is not known');
  const length = version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  const from = version === 1 ? 10 : 12;
  if (length > MAX_HEADER || from + length > bytes.length) fail('the header of the .npy file is too long');
  const header = bytes.subarray(from, from + length);
  if (version === 3 && !isUtf8(header)) fail('the header of the .npy file is not UTF-8');
  return { header: parseHeader(header.toString(version === 3 ? 'utf8' : 'latin1')), start: from + length };
}

function decode<D extends DType>(bytes: Buffer, wanted: D | undefined): NdArray<D> {
  const { header, start } = readHeader(bytes);
  const { dtype, shape } = header;
  if (wanted !== undefined && dtype !== wanted) fail(`the elements are ${dtype}, not ${wanted}`);
  const size = sizeOf(shape);
  if (size === undefined || size * itemSize(dtype) !== bytes.length - start) {
    return fail('the shape and the length of the data do not agree');
  }
  const copy = ownCopy(bytes.subarray(start));
  if (header.bigEndian) swapBytes(copy, itemSize(dtype));
  if (dtype === 'bool') for (let at = 0; at < size; at++) copy[at] = copy[at] === 0 ? 0 : 1;
  let data: NdArray['data'] = dataOver(dtype, copy.buffer as ArrayBuffer);
  if (header.fortranOrder && shape.length > 1) data = toCOrder(dtype, data, shape);
  return { dtype, shape, data } as unknown as NdArray<D>;
}

function swapBytes(bytes: Buffer, itemBytes: number): void {
  if (itemBytes === 2) bytes.swap16();
  else if (itemBytes === 4) bytes.swap32();
  else if (itemBytes === 8) bytes.swap64();
}

/** Converts elements from Fortran order (the first axis varies fastest) to C order. */
function toCOrder<D extends DType>(dtype: D, data: DTypeArrays[DType], shape: readonly number[]): DTypeArrays[D] {
  const ordered = dataOver(dtype, new ArrayBuffer(data.byteLength));
  const index = shape.map(() => 0);
  const strides: number[] = [];
  let stride = 1;
  for (const length of shape) {
    strides.push(stride);
    stride *= length;
  }
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    ordered[to] = data[from] as never;
    // Count up like an odometer: the last axis first.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] as number) + 1;
      from += strides[axis] as number;
      if (next < (shape[axis] as number)) {
        index[axis] = next;
        break;
      }
      from -= next * (strides[axis] as number);
      index[axis] = 0;
    }
  }
  return ordered;
}

/** `codec.ndarray`; documented at {@link codec}. */
export function ndarray(): Codec<NdArray>;
export function ndarray<D extends DType>(dtype: D): Codec<NdArray<D>>;
export function ndarray(dtype?: DType): Codec<NdArray> {
  if (dtype !== undefined && !isDType(dtype)) throw new TypeError('codec.ndarray: not the name of a dtype');
  return allocating(
    (value, allocate) => {
      if (!isNdArray(value)) return fail('the value is not an NdArray');
      if (dtype !== undefined && value.dtype !== dtype) fail(`the elements are ${value.dtype}, not ${dtype}`);
      return encode(value, allocate);
    },
    (bytes) => decode(bytes, dtype),
  );
}
