import { isError } from '../brands.js';

/** What a server replies, before it means anything. Bulk strings arrive as Buffers. */
export type RawReply = null | number | string | Buffer | readonly RawReply[];

/**
 * A reply of a shape that the command never replies: from something between here and the server, or to another command.
 * The message tells shapes, never what is in them.
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

/** An array. */
export function array(raw: RawReply): readonly RawReply[] {
  if (!Array.isArray(raw)) throw new UnexpectedReply(raw, 'an array');
  return raw as readonly RawReply[];
}

/** An array of as many replies as were asked for: one that is too short must not look like entries that are missing. */
export function arrayOf(raw: RawReply, size: number): readonly RawReply[] {
  const replies = array(raw);
  if (replies.length !== size) throw new UnexpectedReply(raw, `${size}`);
  return replies;
}
