import { CodecError } from '../../errors.js';
import { asBuffer, encodeAuto, encodeWith, guarded, readScanned } from './auto.js';
import { type Allocate, allocating } from '../allocating.js';
import type { Codec } from '../codec.js';
import { Carrier } from './document-reader.js';
import { fillShell, isStructuredTable, lift, referenceOf, shellOf } from './lift.js';

/*
 * A structured document is the container `structured` of codec.auto: a table whose entries are the objects of
 * the value, the value itself first. Inside an entry, every object is a reference to its own entry. Nesting
 * thus becomes length, so depth costs nothing in either direction.
 */

function decodeGraph(table: readonly unknown[]): unknown {
  const raws = table.slice(1);
  if (raws.some((raw) => referenceOf(raw) !== undefined)) {
    throw new CodecError('not a document that codec.structured reads: an entry that is only a reference');
  }
  const shells = raws.map(shellOf);
  const child = (raw: unknown): unknown => {
    const index = referenceOf(raw);
    if (index === undefined) {
      if (typeof raw === 'object' && raw !== null && !(raw instanceof Carrier)) {
        throw new CodecError('not a document that codec.structured reads: an object outside of the table');
      }
      return shellOf(raw);
    }
    if (index >= shells.length) {
      throw new CodecError('not a document that codec.structured reads: a reference to an entry that is missing');
    }
    return shells[index];
  };
  for (const [index, raw] of raws.entries()) fillShell(raw, shells[index], child);
  if (shells.length === 0) throw new CodecError('not a document that codec.structured reads: no entries');
  return shells[0];
}

function encode(value: unknown, allocate: Allocate): Buffer {
  if (typeof value !== 'object' || value === null) return encodeAuto(value, allocate); // primitives hold no references
  return encodeWith((writer) => writer.writeStructured(value, allocate));
}

function decode(bytes: Buffer): unknown {
  const buffer = asBuffer(bytes);
  return guarded(() => {
    const { raw, special } = readScanned(buffer);
    if (isStructuredTable(raw)) return decodeGraph(raw);
    return special ? lift(raw) : raw;
  }, 'not a document that codec.structured reads');
}

/** `codec.structured`; documented at {@link codec}. */
export const structured: Codec<unknown> = allocating(encode, decode);
