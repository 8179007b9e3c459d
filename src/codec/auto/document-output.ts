import { CodecError } from '../../errors.js';
import { CODE_CARRIER, EXT, EXT_TIMESTAMP, EXT_UNDEFINED, MAX_DOCUMENT_BYTES } from './format.js';
import type { Allocate } from '../allocating.js';

/** The size of the buffer into which documents are written one after another. */
const SLAB = 8 * 1024;
/** A document of up to this many bytes is returned as a slice of that buffer; a longer one is copied. */
const SHORT = SLAB / 4;
/** A block of at least this many bytes is copied only when the length of the document is known. */
const LONG_BLOCK = 4 * 1024;
/** Text of up to this many UTF-16 units is encoded in JavaScript, longer text by native code. */
const SHORT_TEXT = 64;

/** A block of data that is not copied yet, its position, and the length that was written for it. */
interface Pending {
  at: number;
  readonly data: Uint8Array;
  readonly size: number;
}

/**
 * Collects MessagePack tokens, in their shortest form, into a document: call `begin`, write tokens, then `take` the
 * document. The next `begin` drops a document that was not taken.
 */
export class Output {
  #bytes: Buffer = Buffer.allocUnsafeSlow(SLAB);
  #view = new DataView(this.#bytes.buffer, 0, SLAB);
  #start = 0;
  #at = 0;
  #pending: Pending[] = [];
  #pendingBytes = 0;

  begin(): void {
    if (this.#bytes.length > SLAB) this.#renew(SLAB);
    this.#at = this.#start;
    if (this.#pending.length > 0) {
      this.#pending = [];
      this.#pendingBytes = 0;
    }
  }

  /** Begins an array whose length is not known yet; `takeArray` sets it. */
  beginArray(): void {
    this.begin();
    this.#reserve(5);
    this.#at += 5;
  }

  /** Returns the document that {@link beginArray} began. */
  takeArray(length: number, allocate: Allocate): Buffer {
    const end = this.#at;
    this.#start += length < 0x10 ? 4 : length < 0x10000 ? 2 : 0;
    this.#at = this.#start;
    this.array(length);
    this.#at = end;
    return this.take(allocate);
  }

  /** The position of the next token, for {@link rewind}. */
  get position(): number {
    return this.#at - this.#start + this.#pendingBytes;
  }

  /** Removes everything that was written from a position on. */
  rewind(position: number): void {
    while (this.position > position) {
      const last = this.#pending.at(-1);
      if (last !== undefined && last.at - this.#start + this.#pendingBytes > position) {
        this.#pendingBytes -= last.size;
        this.#pending.pop();
      } else this.#at = this.#start + position - this.#pendingBytes;
    }
  }

  /** Returns the document, in memory that nothing else writes to: that of `allocate` unless it is short. */
  take(allocate: Allocate): Buffer {
    const [start, end] = [this.#start, this.#at];
    const size = end - start;
    if (this.#pending.length > 0) return this.#assemble(size, allocate);
    if (size > MAX_DOCUMENT_BYTES) tooLong();
    if (size <= SHORT) {
      const document = this.#bytes.subarray(start, end);
      this.#start = (end + 7) & ~7;
      if (this.#start > this.#bytes.length - 64) this.#renew(SLAB);
      return document;
    }
    const document = allocate(size);
    this.#bytes.copy(document, 0, start, end);
    if (this.#bytes.length > SLAB) this.#renew(SLAB);
    return document;
  }

  #assemble(size: number, allocate: Allocate): Buffer {
    if (size + this.#pendingBytes > MAX_DOCUMENT_BYTES) tooLong();
    const document = allocate(size + this.#pendingBytes);
    let [from, to] = [this.#start, 0];
    for (const { at, data, size: expected } of this.#pending) {
      // A getter of the value may have moved or resized the memory since.
      if (data.length !== expected) throw new CodecError('value: the memory of an array changed while it was read');
      to += this.#bytes.copy(document, to, from, at);
      document.set(data, to);
      to += data.length;
      from = at;
    }
    this.#bytes.copy(document, to, from, this.#at);
    this.#pending = [];
    this.#pendingBytes = 0;
    if (this.#bytes.length > SLAB) this.#renew(SLAB);
    return document;
  }

  #renew(size: number): void {
    this.#bytes = Buffer.allocUnsafeSlow(size);
    this.#view = new DataView(this.#bytes.buffer, 0, size);
    this.#start = 0;
  }

  /** Makes room for `count` more bytes. */
  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const written = this.#at - this.#start;
    // Callers reserve a few bytes more than they need.
    if (written + this.#pendingBytes + count > MAX_DOCUMENT_BYTES + SLAB) tooLong();
    const [bytes, start] = [this.#bytes, this.#start];
    this.#renew(Math.max(SLAB, Math.min(2 * (written + count), MAX_DOCUMENT_BYTES + SLAB)));
    bytes.copy(this.#bytes, 0, start, this.#at);
    this.#at = written;
    for (const pending of this.#pending) pending.at -= start;
  }

  /** Writes a token that is complete by itself. */
  token(token: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = token;
  }

  undefined(): void {
    this.#reserve(3);
    this.#bytes[this.#at++] = 0xd4;
    this.#bytes[this.#at++] = EXT_UNDEFINED;
    this.#bytes[this.#at++] = 0;
  }

  number(value: number): void {
    this.#reserve(9);
    const bytes = this.#bytes;
    if (value >>> 0 === value && (value !== 0 || 1 / value > 0)) {
      if (value < 0x80) bytes[this.#at++] = value;
      else if (value < 0x100) {
        bytes[this.#at++] = 0xcc;
        bytes[this.#at++] = value;
      } else if (value < 0x10000) this.#short(0xcd, value);
      else this.#long(0xce, value);
    } else if (value < 0 && (value | 0) === value) {
      if (value >= -0x20) bytes[this.#at++] = value & 0xff;
      else if (value >= -0x80) {
        bytes[this.#at++] = 0xd0;
        bytes[this.#at++] = value & 0xff;
      } else if (value >= -0x8000) this.#short(0xd1, value);
      else this.#long(0xd2, value);
    } else {
      bytes[this.#at] = 0xcb;
      this.#view.setFloat64(this.#at + 1, value);
      this.#at += 9;
    }
  }

  /** Writes a bigint of at most 64 bits. */
  bigint(value: bigint): void {
    this.#reserve(9);
    const signed = BigInt.asIntN(64, value) === value;
    this.#bytes[this.#at] = signed ? 0xd3 : 0xcf;
    this.#view.setBigUint64(this.#at + 1, BigInt.asUintN(64, value));
    this.#at += 9;
  }

  #short(token: number, value: number): void {
    this.#bytes[this.#at++] = token;
    this.#bytes[this.#at++] = (value >>> 8) & 0xff;
    this.#bytes[this.#at++] = value & 0xff;
  }

  #long(token: number, value: number): void {
    this.#bytes[this.#at++] = token;
    this.#bytes[this.#at++] = value >>> 24;
    this.#bytes[this.#at++] = (value >>> 16) & 0xff;
    this.#bytes[this.#at++] = (value >>> 8) & 0xff;
    this.#bytes[this.#at++] = value & 0xff;
  }

  /** Writes a string. Returns false, and writes nothing, if it has lone surrogates, which UTF-8 cannot carry. */
  text(value: string): boolean {
    const units = value.length;
    if (units < SHORT_TEXT) return this.#shortText(value, units);
    if (!value.isWellFormed()) return false;
    const size = Buffer.byteLength(value);
    this.#reserve(size + 5);
    this.#textHeader(size);
    this.#at += this.#bytes.write(value, this.#at, 'utf8');
    return true;
  }

  #shortText(value: string, units: number): boolean {
    this.#reserve(3 * units + 2);
    const bytes = this.#bytes;
    const start = this.#at + (units < 0x20 ? 1 : 2);
    for (let index = 0; index < units; index++) {
      const unit = value.charCodeAt(index);
      if (unit > 0x7f) return this.#shortUtf8(value, index, start);
      bytes[start + index] = unit;
    }
    this.#textHeader(units);
    this.#at += units;
    return true;
  }

  /** Writes the rest of a text from its first unit that is not ASCII. The text starts at `start`. */
  #shortUtf8(value: string, from: number, start: number): boolean {
    const bytes = this.#bytes;
    const units = value.length;
    let at = start + from;
    for (let index = from; index < units; index++) {
      const unit = value.charCodeAt(index);
      if (unit < 0x80) bytes[at++] = unit;
      else if (unit < 0x800) {
        bytes[at++] = 0xc0 | (unit >> 6);
        bytes[at++] = 0x80 | (unit & 0x3f);
      } else if ((unit & 0xf800) === 0xd800) {
        const low = unit < 0xdc00 ? value.charCodeAt(++index) : 0; // NaN at the end
        if ((low & 0xfc00) !== 0xdc00) return false;
        const point = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
        bytes[at++] = 0xf0 | (point >> 18);
        bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
        bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
        bytes[at++] = 0x80 | (point & 0x3f);
      } else {
        bytes[at++] = 0xe0 | (unit >> 12);
        bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
        bytes[at++] = 0x80 | (unit & 0x3f);
      }
    }
    const size = at - start;
    // Room was left for the header of an ASCII text.
    if (units < 0x20 && size >= 0x20) bytes.copyWithin(start + 1, start, at);
    this.#textHeader(size);
    this.#at += size;
    return true;
  }

  #textHeader(size: number): void {
    if (size < 0x20) this.#bytes[this.#at++] = 0xa0 | size;
    else if (size < 0x100) {
      this.#bytes[this.#at++] = 0xd9;
      this.#bytes[this.#at++] = size;
    } else if (size < 0x10000) this.#short(0xda, size);
    else this.#long(0xdb, size);
  }

  array(length: number): void {
    this.#reserve(5);
    if (length < 0x10) this.#bytes[this.#at++] = 0x90 | length;
    else if (length < 0x10000) this.#short(0xdc, length);
    else this.#long(0xdd, length);
  }

  map(length: number): void {
    this.#reserve(5);
    if (length < 0x10) this.#bytes[this.#at++] = 0x80 | length;
    else if (length < 0x10000) this.#short(0xde, length);
    else this.#long(0xdf, length);
  }

  /** Writes bytes as bin. */
  bin(data: Uint8Array): void {
    this.#reserve(5);
    this.#sized(0xc4, data.length);
    this.#data(data);
  }

  /** Writes a typed array or DataView: its code, then its bytes. */
  block(code: number, data: Uint8Array): void {
    this.#reserve(7);
    this.#sized(0xc7, data.length + 1);
    this.#bytes[this.#at++] = EXT;
    this.#bytes[this.#at++] = code;
    this.#data(data);
  }

  /** Writes a carrier with its tag and payload. */
  carrier(tag: number, payload?: Uint8Array): void {
    this.#reserve(8);
    this.#sized(0xc7, 2 + (payload?.length ?? 0));
    this.#bytes[this.#at++] = EXT;
    this.#bytes[this.#at++] = CODE_CARRIER;
    this.#bytes[this.#at++] = tag;
    if (payload !== undefined) this.#data(payload);
  }

  /** Writes a carrier whose payload is a number of 32 bits. */
  carrierOfIndex(tag: number, index: number): void {
    this.#reserve(9);
    this.#bytes.set([0xc7, 6, EXT, CODE_CARRIER, tag], this.#at);
    this.#view.setUint32(this.#at + 5, index);
    this.#at += 9;
  }

  /** Writes a time in milliseconds as the shortest timestamp that holds it. */
  time(milliseconds: number): void {
    this.#reserve(15);
    const seconds = Math.floor(milliseconds / 1000);
    const nanoseconds = (milliseconds - 1000 * seconds) * 1_000_000;
    if (seconds < 0 || seconds >= 2 ** 32) {
      this.#bytes.set([0xc7, 12, EXT_TIMESTAMP], this.#at);
      this.#view.setUint32(this.#at + 3, nanoseconds);
      this.#view.setBigInt64(this.#at + 7, BigInt(seconds));
      this.#at += 15;
    } else if (nanoseconds === 0) {
      this.#bytes.set([0xd6, EXT_TIMESTAMP], this.#at);
      this.#view.setUint32(this.#at + 2, seconds);
      this.#at += 6;
    } else {
      this.#bytes.set([0xd7, EXT_TIMESTAMP], this.#at);
      this.#view.setUint32(this.#at + 2, nanoseconds * 4);
      this.#view.setUint32(this.#at + 6, seconds);
      this.#at += 10;
    }
  }

  /** Writes a length of one, two or four bytes after its token. */
  #sized(first: number, length: number): void {
    if (length < 0x100) {
      this.#bytes[this.#at++] = first;
      this.#bytes[this.#at++] = length;
    } else if (length < 0x10000) this.#short(first + 1, length);
    else if (length < 2 ** 32) this.#long(first + 2, length);
    else tooLong();
  }

  #data(data: Uint8Array): void {
    const size = data.length;
    if (size >= LONG_BLOCK) {
      this.#pending.push({ at: this.#at, data, size });
      this.#pendingBytes += size;
      return;
    }
    this.#reserve(size);
    this.#bytes.set(data, this.#at);
    this.#at += size;
  }
}

function tooLong(): never {
  throw new CodecError(`value: more than ${MAX_DOCUMENT_BYTES} bytes cannot be carried`);
}
