import { CodecError } from '../errors.js';
import { DEFAULT_LIMITS, limitsInForce, take, takeRoughly } from './limits.js';
import { ARRAY, ENTRY, NameCosts, NEW_SHAPE, NUMBER, OBJECT, SLOT, STRING, TABLE } from './memory.js';

/** Shorter text is not too deep, and takes no more memory than the command around it. */
const SHORT = 1024;

const ARRAY_BEGINS = 1;
const OBJECT_BEGINS = 2;
const ENDS = 3;
const NEXT = 4;
const STRING_BEGINS = 5;
const FRACTION = 6;
/** The kind of each byte outside of strings; 0 for most. */
const KIND = new Uint8Array(256);
for (const [characters, kind] of [
  ['[', ARRAY_BEGINS],
  ['{', OBJECT_BEGINS],
  [']}', ENDS],
  [',', NEXT],
  ['"', STRING_BEGINS],
  ['.eE', FRACTION],
] as const) {
  for (const character of characters) KIND[character.charCodeAt(0)] = kind;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const parsedNames = new NameCosts(DEFAULT_LIMITS.maxDepth, true);
/** The names of objects that are built property by property. */
const setNames = new NameCosts(DEFAULT_LIMITS.maxDepth);
/** For each depth, 1 in an object and 0 in an array. */
const inObject = new Uint8Array(DEFAULT_LIMITS.maxDepth + 1);

/** Returns whether text of this length has to be scanned. */
function isScanned(length: number, most = DEFAULT_LIMITS.maxDepth): boolean {
  const { maxDepth, maxBytes, maxMemory } = limitsInForce();
  return length > Math.min(SHORT, 2 * maxDepth, 2 * most, maxBytes, maxMemory / 64);
}

/** Native search beats a loop over the bytes unless there is a match every few bytes. */
const SPARSE = 256;
/** The most memory that a byte takes where containers are sparse: a name and its value have five bytes, as `"1":1,`. */
const MAX_PER_BYTE = Math.ceil((ENTRY + SLOT) / 5 + (TABLE + NEW_SHAPE + OBJECT) / SPARSE);

/** Returns whether text has at most `most` containers, and few for its length: long strings, numbers, columns. */
function hasFewContainers(text: string | Buffer, most: number): boolean {
  let left = Math.min(most, Math.floor(text.length / SPARSE));
  for (const begins of ['[', '{']) {
    // Searching bytes for a number is faster than for a string.
    const wanted = begins.charCodeAt(0);
    for (let at = -1; ; ) {
      at = typeof text === 'string' ? text.indexOf(begins, at + 1) : text.indexOf(wanted, at + 1);
      if (at === -1) break;
      if (left-- === 0) return false;
    }
  }
  return true;
}

/**
 * Walks over the bytes of JSON without making values of them, and throws a {@link CodecError} where they exceed the
 * limits in force. It does not check the syntax: of invalid JSON, `JSON.parse` makes no more than is counted here.
 *
 * @param copies How many copies of the values the reader holds at once.
 */
export function scanJson(bytes: Buffer, title: string, most = DEFAULT_LIMITS.maxDepth, copies = 1): void {
  const end = bytes.length;
  const { maxBytes, maxDepth: ownDepth } = limitsInForce();
  if (!isScanned(end, most)) return;
  if (end > maxBytes) throw new CodecError(`${title}: more than ${maxBytes} bytes`);
  const maxDepth = Math.min(ownDepth, most);
  if (copies === 1 && hasFewContainers(bytes, maxDepth) && takeRoughly(end, MAX_PER_BYTE * end)) return;
  const names = copies === 1 ? parsedNames : setNames;
  let heap = 0;
  let depth = 0;
  let isName = false;
  let at = 0;
  while (at < end) {
    const kind = KIND[bytes[at++] as number] as number;
    if (kind === 0) continue;
    if (kind === STRING_BEGINS) {
      const start = at;
      for (let byte = bytes[at]; byte !== QUOTE && at < end; byte = bytes[at]) at += byte === BACKSLASH ? 2 : 1;
      if (isName) heap += names.of(bytes, start, at - start, depth);
      else heap += STRING + 2 * (at - start);
      isName = false;
      at++;
    } else if (kind === NEXT) {
      heap += SLOT;
      isName = inObject[depth] === 1;
    } else if (kind <= OBJECT_BEGINS) {
      if (depth === maxDepth) throw new CodecError(`${title}: more than ${maxDepth} levels of nesting`);
      isName = kind === OBJECT_BEGINS;
      inObject[++depth] = isName ? 1 : 0;
      if (isName) names.enter(depth);
      heap += SLOT + (isName ? OBJECT : ARRAY);
    } else if (kind === ENDS) {
      if (depth > 0) depth--;
      isName = false;
    } else heap += NUMBER;
  }
  take(end, copies * heap, end);
}

const SCRATCH = 192 * 1024;
let scratch: Buffer | undefined;

/** Does the same with text that is to be written. */
export function scanJsonText(text: string, title: string, most = DEFAULT_LIMITS.maxDepth, copies = 1): void {
  if (!isScanned(text.length, most)) return;
  const { maxBytes, maxDepth } = limitsInForce();
  const { length } = text;
  if (copies === 1 && 3 * length <= maxBytes && hasFewContainers(text, Math.min(maxDepth, most))) {
    if (takeRoughly(length, MAX_PER_BYTE * length)) return;
  }
  if (3 * length > SCRATCH) return scanJson(Buffer.from(text, 'utf8'), title, most, copies);
  scratch ??= Buffer.allocUnsafeSlow(SCRATCH); // allocating would take longer than the scan
  scanJson(scratch.subarray(0, scratch.write(text, 'utf8')), title, most, copies);
}
