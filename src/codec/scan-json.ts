import { CodecError } from '../errors.js';
import { DEFAULT_LIMITS, limitsInForce, take } from './limits.js';
import { ARRAY, NameCosts, NUMBER, OBJECT, SLOT, STRING } from './memory.js';

/** Shorter text is neither too deep nor takes more memory than a command around it would. */
const SHORT = 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const parsedNames = new NameCosts(DEFAULT_LIMITS.maxDepth, true);
/** Of objects that are made anew, property by property. */
const setNames = new NameCosts(DEFAULT_LIMITS.maxDepth);
/** By depth: 1 in an object, 0 in an array. */
const inObject = new Uint8Array(DEFAULT_LIMITS.maxDepth + 1);

/** Whether text of that length has to be looked at. */
export function isScanned(length: number, most = DEFAULT_LIMITS.maxDepth): boolean {
  const { maxDepth, maxBytes, maxMemory } = limitsInForce();
  return length > Math.min(SHORT, 2 * maxDepth, 2 * most, maxBytes, maxMemory / 64);
}

/**
 * Walks over the bytes of JSON without making values of them, and throws a {@link CodecError} where they are beyond the
 * limits in force. Whether they are JSON is for `JSON.parse` to say: of what is none, it makes no more than this counts.
 *
 * @param copies How many times the reader has the values at once, as the parser made them or otherwise.
 */
export function scanJson(bytes: Buffer, title: string, most = DEFAULT_LIMITS.maxDepth, copies = 1): void {
  const end = bytes.length;
  const { maxBytes, maxDepth: ownDepth } = limitsInForce();
  if (!isScanned(end, most)) return;
  if (end > maxBytes) throw new CodecError(`${title}: more than ${maxBytes} bytes`);
  const maxDepth = Math.min(ownDepth, most);
  const names = copies === 1 ? parsedNames : setNames;
  let heap = 0;
  let depth = 0;
  let isName = false;
  for (let at = 0; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      const start = ++at;
      at = closing(bytes, at);
      if (isName) heap += names.of(bytes, start, at - start, depth);
      else heap += STRING + 2 * (at - start);
      isName = false;
    } else if (byte === 0x2c /* , */) {
      heap += SLOT;
      isName = inObject[depth] === 1;
    } else if (byte === 0x5b /* [ */ || byte === 0x7b /* { */) {
      if (depth === maxDepth) throw new CodecError(`${title}: more than ${maxDepth} levels of nesting`);
      isName = byte === 0x7b;
      inObject[++depth] = isName ? 1 : 0;
      if (isName) names.enter(depth);
      heap += SLOT + (isName ? OBJECT : ARRAY);
    } else if (byte === 0x5d /* ] */ || byte === 0x7d /* } */) {
      if (depth > 0) depth--;
      isName = false;
    } else if (byte === 0x2e /* . */ || byte === 0x65 /* e */ || byte === 0x45 /* E */) heap += NUMBER;
  }
  take(end, copies * heap, end);
}

/** Where the text ends that starts there. */
function closing(bytes: Buffer, start: number): number {
  const { length } = bytes;
  let at = start;
  while (at < length) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return length;
}
