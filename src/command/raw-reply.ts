import { isError } from '../brands.js';

/** A reply of the server as the client parses it. Bulk strings are Buffers. */
export type RawReply = null | number | string | Buffer | readonly RawReply[];

/**
 * A reply with a shape that the command never has: it comes from something between client and server, or belongs to
 * another command. The message names shapes, never content.
 */
export class UnexpectedReply extends Error {
  constructor(raw: unknown, wanted: string) {
    super(`${shapeOf(raw)} instead of ${wanted}`);
    this.name = 'UnexpectedReply';
  }
}

function shapeOf(raw: unknown): string {
  if (raw === null || raw === undefined) return 'nothing';
  if (Array.isArray(raw)) return `an array of ${raw.length}`;
  if (isError(raw)) return 'an error';
  if (typeof raw === 'string' || ArrayBuffer.isView(raw)) return 'bytes';
  return typeof raw === 'number' ? 'a number' : 'something else';
}

/** Checks that a reply is an array. */
export function array(raw: RawReply): readonly RawReply[] {
  if (!Array.isArray(raw)) throw new UnexpectedReply(raw, 'an array');
  return raw as readonly RawReply[];
}

/** Checks that a reply is an array of this size: a shorter one must not look like missing entries. */
export function arrayOf(raw: RawReply, size: number): readonly RawReply[] {
  const replies = array(raw);
  if (replies.length !== size) throw new UnexpectedReply(raw, `${size}`);
  return replies;
}
