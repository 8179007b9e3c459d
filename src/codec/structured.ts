import { CodecError } from '../errors.js';
import { asBuffer, auto, guarded, packLowered, unpackScanned } from './auto.js';
import type { Codec } from './codec.js';
import { CONTAINER, carrier, LEAF, MAX_VALUES } from './format.js';
import { fillShell, isStructuredTable, lift, referenceOf, shellOf } from './lift.js';
import { blockBytes, type LowerContext, lowerObject, lowerPrimitive } from './lower.js';
import { type Path, pathOf, type StepKind } from './path.js';
import { lending } from './send-memory.js';

/*
 * A structured document is the container `structured` of codec.auto: a table whose entries are the objects of
 * the value, the value itself first. Inside an entry, every object is a reference to its own entry. Nesting
 * thus becomes length, so depth costs nothing in either direction.
 */

/** An object of the value, and how it was first reached. */
interface Entry {
  readonly value: object;
  readonly parent: Entry | undefined;
  readonly kind: StepKind;
  readonly key: unknown;
}

function pathTo(entry: Entry): Path {
  const steps: Path = [];
  for (let at = entry; at.parent !== undefined; at = at.parent) steps.unshift(at.kind, at.key);
  return steps;
}

function reference(index: number): ArrayBuffer {
  const buffer = new ArrayBuffer(5);
  const view = new DataView(buffer);
  view.setUint8(0, LEAF.reference);
  view.setUint32(1, index);
  return buffer;
}

function encodeGraph(root: object): Buffer {
  const entries: Entry[] = [{ value: root, parent: undefined, kind: 'property', key: '' }];
  const indexes = new Map<object, number>([[root, 0]]);
  const table: unknown[] = [carrier(CONTAINER.structured)];
  let current = entries[0] as Entry;
  let zeros = false;
  let blocks = 0;
  const refuse = (reason: string, kind?: StepKind, key?: unknown): never => {
    throw new CodecError(`${pathOf([...pathTo(current), ...(kind === undefined ? [] : [kind, key])])}: ${reason}`);
  };
  const context: LowerContext = {
    refuse,
    child: (value, kind, key) => {
      if (typeof value !== 'object' || value === null) {
        if (Object.is(value, -0)) zeros = true;
        if (typeof value === 'function' || typeof value === 'symbol') {
          refuse(`a ${typeof value} cannot be carried`, kind, key);
        }
        return lowerPrimitive(value, context);
      }
      let index = indexes.get(value);
      if (index === undefined) {
        index = entries.length;
        if (index > MAX_VALUES) refuse(`more than ${MAX_VALUES} values cannot be carried`);
        indexes.set(value, index);
        entries.push({ value, parent: current, kind, key });
      }
      return reference(index);
    },
  };
  for (let index = 0; index < entries.length; index++) {
    current = entries[index] as Entry;
    blocks += blockBytes(current.value);
    table.push(lowerObject(current.value, context));
  }
  return packLowered({ lowered: table, zeros, blocks });
}

function decodeGraph(table: readonly unknown[]): unknown {
  const raws = table.slice(1);
  if (raws.some((raw) => referenceOf(raw) !== undefined)) {
    throw new CodecError('not a document that codec.structured reads: an entry that is only a reference');
  }
  const shells = raws.map(shellOf);
  const child = (raw: unknown): unknown => {
    const index = referenceOf(raw);
    if (index === undefined) {
      if (typeof raw === 'object' && raw !== null && !(raw instanceof ArrayBuffer)) {
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

function encode(value: unknown): Buffer {
  if (typeof value !== 'object' || value === null) return auto.encode(value); // no references in there
  return guarded(() => encodeGraph(value), 'value: reading it failed');
}

function decode(bytes: Buffer): unknown {
  const buffer = asBuffer(bytes);
  return guarded(() => {
    const { raw, special } = unpackScanned(buffer);
    if (isStructuredTable(raw)) return decodeGraph(raw);
    return special ? lift(raw) : raw;
  }, 'not a document that codec.structured reads');
}

/** `codec.structured`; documented at {@link codec}. */
export const structured: Codec<unknown> = lending({ encode, decode });
