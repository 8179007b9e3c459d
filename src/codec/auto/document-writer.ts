import { types } from 'node:util';
import { isDirectly, isError } from '../../brands.js';
import { CodecError } from '../../errors.js';
import type { ComputationGraph } from '../../graph/computation-graph.js';
import { isNdArray, type NdArray } from '../../graph/nd-array.js';
import type { Allocate } from '../allocating.js';
import { CODE_DATA_VIEW, CONTAINER, HEAVY_WEIGHT, isNativeBigInt, LEAF, MAX_DEPTH, MAX_VALUES } from './format.js';
import { GRAPH_LEVELS, graphDocument, isGraph } from './graph-document.js';
import { describe, hasSymbolKeys, isPlainObject, partsOfError, viewKind } from '../kinds.js';
import { Output } from './document-output.js';
import { type Path, pathOf, type StepKind } from '../path.js';

/** An object of a structured document, and the path by which it was first reached. */
interface Entry {
  readonly value: object;
  readonly parent: Entry | undefined;
  readonly kind: StepKind;
  readonly key: unknown;
}

/**
 * Writes a value as a document in one pass: each part is read once, whatever getters and proxies do. Kinds are told by
 * brand, so that values of another realm are written as those of this one.
 *
 * A writer works on one value at a time; a getter in that may need another writer.
 */
export class DocumentWriter {
  readonly #out = new Output();
  /** The path of the current value, `#steps` steps from the outermost one, and the object that each step starts at. */
  readonly #kinds: StepKind[] = [];
  readonly #keys: unknown[] = [];
  readonly #ancestors: (object | undefined)[] = [];
  #steps = 0;
  /** The number of steps around the user's value, which are left out of paths. */
  #hidden = 0;
  /** The number of open MessagePack containers. */
  #depth = 0;
  /** The number of values so far, weighted as in the scan of the document. */
  #count = 0;
  #maps = 0;
  #oddKeys = false;
  /** The objects of a structured document so far, their places in the table, and the one that is being written. */
  #entries: Entry[] | undefined;
  #indexes: Map<object, number> | undefined;
  #current: Entry | undefined;

  /**
   * Encodes a value. Errors: CodecError, and whatever a getter of the value throws.
   *
   * @param hidden The number of steps around the user's value.
   * @param allocate Allocates the memory of the document, unless it is short.
   */
  write(value: unknown, hidden: number, allocate: Allocate): Buffer {
    this.#begin(hidden);
    this.#out.begin();
    this.#value(value);
    this.#weighMaps();
    return this.#out.take(allocate);
  }

  /**
   * Encodes an object as a structured document: a table of the objects in the value, the value itself first. Inside an
   * entry, every object is a reference to its own entry. Nesting thus becomes length, so depth costs nothing.
   */
  writeStructured(root: object, allocate: Allocate): Buffer {
    this.#begin(0);
    const entries: Entry[] = [{ value: root, parent: undefined, kind: 'property', key: '' }];
    this.#entries = entries;
    this.#indexes = new Map([[root, 0]]);
    this.#depth = 1;
    this.#weigh(1);
    this.#out.beginArray();
    this.#marker(CONTAINER.structured);
    // Writing an entry may add others.
    for (const entry of entries) {
      this.#current = entry;
      this.#weigh(1);
      this.#object(entry.value);
    }
    this.#weighMaps();
    return this.#out.takeArray(1 + entries.length, allocate);
  }

  /** Forgets the value, so that it can be collected. */
  clear(): void {
    if (this.#steps > 0) {
      this.#keys.length = 0;
      this.#ancestors.length = 0;
    }
    this.#entries = undefined;
    this.#indexes = undefined;
    this.#current = undefined;
  }

  #begin(hidden: number): void {
    this.#steps = 0;
    this.#hidden = hidden;
    this.#depth = 0;
    this.#count = 1;
    this.#maps = 0;
    this.#oddKeys = false;
  }

  /** Counts all maps as Maps, which are heavy: with an odd key anywhere, they are read as such. */
  #weighMaps(): void {
    if (this.#oddKeys) this.#weigh(this.#maps * (HEAVY_WEIGHT - 1));
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#text(value);
        break;
      case 'number':
        this.#out.number(value);
        break;
      case 'boolean':
        this.#out.token(value ? 0xc3 : 0xc2);
        break;
      case 'undefined':
        this.#out.undefined();
        break;
      case 'object':
        if (value === null) this.#out.token(0xc0);
        else if (this.#entries === undefined) this.#object(value);
        else this.#reference(value, this.#entries);
        break;
      case 'bigint':
        this.#bigint(value);
        break;
      default:
        this.#refuse(`${describe(value)} cannot be carried`);
    }
  }

  #text(value: string): void {
    if (this.#out.text(value)) return;
    this.#weigh(HEAVY_WEIGHT - 1);
    this.#out.carrier(LEAF.string, Buffer.from(value, 'utf16le'));
  }

  #bigint(value: bigint): void {
    if (isNativeBigInt(value)) return this.#out.bigint(value);
    this.#weigh(HEAVY_WEIGHT - 1);
    this.#out.carrier(LEAF.bigint, Buffer.from(value.toString(16), 'latin1'));
  }

  #object(value: object): void {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) this.#plain(value);
    else if (Array.isArray(value)) this.#array(value, prototype);
    else if (ArrayBuffer.isView(value)) this.#view(value);
    else this.#other(value);
  }

  #array(value: readonly unknown[], prototype: unknown): void {
    if (prototype !== Array.prototype && !isDirectly(value, 'Array', 1)) {
      this.#refuse(`${describe(value)} of a class of its own cannot be carried`);
    }
    const length = value.length;
    const step = this.#enter(value, length, 'index');
    this.#out.array(length);
    for (let index = 0; index < length; index++) {
      this.#keys[step] = index;
      this.#value(value[index]);
    }
    this.#leave(step);
  }

  #plain(value: object): void {
    const keys = Object.keys(value);
    const count = keys.length;
    if (count === 3 && isNdArray(value)) return this.#ndArray(value);
    if (hasSymbolKeys(value)) this.#refuse('an object with a symbol as key cannot be carried');
    const start = this.#out.position;
    const step = this.#enter(value, 2 * count, 'property');
    this.#maps++;
    this.#out.map(count);
    for (let index = 0; index < count; index++) {
      const key = keys[index] as string;
      if (!this.#out.text(key)) {
        this.#leave(step);
        this.#out.rewind(start);
        return this.#pairs(value, keys);
      }
      if (key === '__proto__') this.#oddKeys = true;
      this.#keys[step] = key;
      this.#value((value as Record<string, unknown>)[key]);
    }
    this.#leave(step);
  }

  /** Writes a plain object with a key that UTF-8 cannot carry. */
  #pairs(value: object, keys: readonly string[]): void {
    const step = this.#enter(value, 1 + 2 * keys.length, 'property');
    this.#out.array(1 + 2 * keys.length);
    this.#marker(CONTAINER.object);
    for (const key of keys) {
      this.#text(key);
      this.#keys[step] = key;
      this.#value((value as Record<string, unknown>)[key]);
    }
    this.#leave(step);
  }

  #view(value: ArrayBufferView): void {
    const kind = viewKind(value);
    if (kind === undefined) this.#refuse(`${describe(value)} cannot be carried`);
    this.#weigh(HEAVY_WEIGHT - 1);
    const data = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (kind === 'buffer') this.#out.bin(data);
    else if (kind === 'float16') this.#out.carrier(LEAF.float16, data);
    else this.#out.block(kind === 'view' ? CODE_DATA_VIEW : kind, data);
  }

  /** Writes an object that is neither a plain one of this realm, nor an array, nor a view of memory. */
  #other(value: object): void {
    if (types.isDate(value) && isDirectly(value, 'Date', 1)) return this.#date(value);
    if (types.isMap(value) && isDirectly(value, 'Map', 1)) return this.#map(value);
    if (types.isSet(value) && isDirectly(value, 'Set', 1)) return this.#set(value);
    if (isNdArray(value)) return this.#ndArray(value);
    if (isGraph(value)) return this.#graph(value);
    if (isError(value)) return this.#error(value);
    if (types.isArrayBuffer(value) && isDirectly(value, 'ArrayBuffer', 1)) {
      this.#weigh(HEAVY_WEIGHT - 1);
      return this.#out.carrier(LEAF.arrayBuffer, new Uint8Array(value));
    }
    if (!isPlainObject(value)) this.#refuse(`${describe(value)} cannot be carried`);
    this.#plain(value);
  }

  #date(value: Date): void {
    this.#weigh(HEAVY_WEIGHT - 1);
    const time = Date.prototype.getTime.call(value);
    if (Number.isNaN(time)) this.#out.carrier(LEAF.invalidDate);
    else this.#out.time(time);
  }

  #map(value: ReadonlyMap<unknown, unknown>): void {
    const { size } = value;
    const step = this.#enter(value, 1 + 2 * size, 'key');
    this.#out.array(1 + 2 * size);
    this.#marker(CONTAINER.map);
    let at = 0;
    for (const [key, item] of value) {
      if (at++ === size) break;
      this.#kinds[step] = 'key';
      this.#keys[step] = at - 1;
      this.#value(key);
      this.#kinds[step] = 'entry';
      this.#keys[step] = key;
      this.#value(item);
    }
    this.#leave(step);
    if (at !== size) this.#refuse('a Map that changed while it was read');
  }

  #set(value: ReadonlySet<unknown>): void {
    const { size } = value;
    const step = this.#enter(value, 1 + size, 'member');
    this.#out.array(1 + size);
    this.#marker(CONTAINER.set);
    let at = 0;
    for (const member of value) {
      if (at++ === size) break;
      this.#keys[step] = at - 1;
      this.#value(member);
    }
    this.#leave(step);
    if (at !== size) this.#refuse('a Set that changed while it was read');
  }

  #ndArray(value: NdArray): void {
    const { dtype, shape, data } = value;
    const step = this.#enter(value, 4 + shape.length, 'property', 2);
    this.#out.array(4);
    this.#marker(CONTAINER.ndarray);
    this.#out.text(dtype);
    this.#out.array(shape.length);
    for (let axis = 0; axis < shape.length; axis++) this.#out.number(shape[axis] as number);
    this.#view(data);
    this.#leave(step, 2);
  }

  #graph(value: ComputationGraph): void {
    const document = graphDocument(value);
    const step = this.#enter(value, 1 + document.length, 'property', GRAPH_LEVELS);
    this.#out.array(1 + document.length);
    this.#marker(CONTAINER.graph);
    for (const item of document) this.#literal(item);
    this.#leave(step, GRAPH_LEVELS);
  }

  /** Writes plain data of the library's, which is not too deep. */
  #literal(value: unknown): void {
    if (typeof value !== 'object' || value === null) return this.#value(value);
    if (Array.isArray(value)) {
      this.#weigh(value.length);
      this.#out.array(value.length);
      for (const item of value) this.#literal(item);
      return;
    }
    const entries = Object.entries(value);
    this.#weigh(2 * entries.length);
    this.#maps++;
    this.#out.map(entries.length);
    for (const [key, item] of entries) {
      this.#text(key);
      this.#literal(item);
    }
  }

  #error(error: Error): void {
    const parts = partsOfError(error);
    if (typeof parts === 'string') return this.#refuse(parts);
    const step = this.#enter(error, 6, 'property', 2);
    this.#out.array(6);
    this.#marker(CONTAINER.error);
    this.#text(parts.className);
    this.#text(parts.message);
    this.#value(parts.stack);
    this.#record(parts.hidden, step);
    this.#record(parts.visible, step);
    this.#leave(step, 2);
  }

  /** Writes properties of an error. */
  #record(entries: readonly (readonly [string, unknown])[], step: number): void {
    this.#weigh(2 * entries.length);
    this.#maps++;
    this.#out.map(entries.length);
    for (const [key, value] of entries) {
      if (!this.#out.text(key)) this.#refuse('a property name with lone surrogates cannot be carried here');
      if (key === '__proto__') this.#oddKeys = true;
      this.#keys[step] = key;
      this.#value(value);
    }
  }

  #marker(tag: number): void {
    this.#weigh(HEAVY_WEIGHT - 1);
    this.#out.carrier(tag);
  }

  /** Writes a reference to an object: its place in the table of a structured document. */
  #reference(value: object, entries: Entry[]): void {
    const indexes = this.#indexes as Map<object, number>;
    let index = indexes.get(value);
    if (index === undefined) {
      index = entries.length;
      indexes.set(value, index);
      const step = this.#steps - 1;
      entries.push({ value, parent: this.#current, kind: this.#kinds[step] as StepKind, key: this.#keys[step] });
    }
    this.#weigh(HEAVY_WEIGHT - 1);
    this.#out.carrierOfIndex(LEAF.reference, index);
  }

  /** Enters an object that has `values` values on its `levels` levels together. */
  #enter(value: object, values: number, kind: StepKind, levels = 1): number {
    this.#weigh(values);
    if ((this.#depth += levels) > MAX_DEPTH) this.#tooDeep(value);
    const step = this.#steps++;
    this.#kinds[step] = kind;
    this.#ancestors[step] = value;
    return step;
  }

  #leave(step: number, levels = 1): void {
    this.#steps = step;
    this.#depth -= levels;
    this.#keys[step] = undefined;
    this.#ancestors[step] = undefined;
  }

  #weigh(values: number): void {
    if ((this.#count += values) <= MAX_VALUES) return;
    const advice = this.#entries === undefined ? '; use codec.structured if parts are shared or cyclic' : '';
    throw new CodecError(`value: more than ${MAX_VALUES} values cannot be carried${advice}`);
  }

  #tooDeep(value: object): never {
    const seen = new Set<object | undefined>();
    for (const [position, ancestor] of [...this.#ancestors.slice(0, this.#steps), value].entries()) {
      if (seen.has(ancestor)) {
        this.#refuse('a cyclic value cannot be carried by codec.auto; use codec.structured', position);
      }
      seen.add(ancestor);
    }
    return this.#refuse(`more than ${MAX_DEPTH} levels of nesting cannot be carried by codec.auto`);
  }

  /** Throws a {@link CodecError} that names the path of the current value, or its first `steps` steps. */
  #refuse(reason: string, steps = this.#steps): never {
    const path: Path = [];
    for (let at = this.#current; at?.parent !== undefined; at = at.parent) path.unshift(at.kind, at.key);
    for (let step = this.#hidden; step < steps; step++) path.push(this.#kinds[step], this.#keys[step]);
    throw new CodecError(`${pathOf(path)}: ${reason}`);
  }
}
