/** A reply as plain values: errors are values too, a map is a list of keys and values in turn. */
export type Reply = string | Buffer | number | bigint | boolean | null | ReplyError | Reply[];

/** An error that the server replied with. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
}

const CR = 0x0d;
const LF = 0x0a;
const ASTERISK = 0x2a;

/**
 * Cuts a stream of RESP2 or RESP3 into whole top-level frames, wherever the chunks split and whatever the bytes
 * are. With `inline` it reads the requests of a client, where a line that does not begin with `*` is a command too.
 */
export class RespScanner {
  readonly #inline: boolean;
  #chunks: Buffer[] = [];
  #length = 0;
  /** Fewer bytes than this bring no progress: large values are not joined at every chunk. */
  #wanted = 1;
  /** Likewise without the end of a line, of which MONITOR has very long ones. */
  #wantsLineEnd = false;
  #position = 0;
  /** Elements which the current frame still lacks. */
  #missing = 1;

  constructor(options: { readonly inline?: boolean } = {}) {
    this.#inline = options.inline ?? false;
  }

  /** Takes the next bytes and gives the frames that are complete now. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#wanted || (this.#wantsLineEnd && !chunk.includes(LF))) return [];
    this.#wantsLineEnd = false;

    const data = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#length);
    const frames: Buffer[] = [];
    let start = 0;
    let next = this.#position;
    for (;;) {
      const end = this.#element(data, next, next === start);
      if (end === undefined) break;
      next = end;
      if (this.#missing > 0) continue;
      frames.push(data.subarray(start, next));
      start = next;
      this.#missing = 1;
    }
    this.#position = next - start;
    this.#wanted -= start;
    this.#length = data.length - start;
    this.#chunks = this.#length === 0 ? [] : [data.subarray(start)];
    return frames;
  }

  /** The end of the element (or of the header of the aggregate) at `at`; undefined while bytes are lacking. */
  #element(data: Buffer, at: number, first: boolean): number | undefined {
    const lineEnd = data.indexOf(LF, at);
    if (lineEnd === -1) {
      this.#wanted = data.length + 1;
      this.#wantsLineEnd = true;
      return undefined;
    }
    if (this.#inline && first && data[at] !== ASTERISK) {
      this.#missing -= 1;
      return lineEnd + 1;
    }
    const kind = String.fromCharCode(data[at] ?? 0);
    let end = lineEnd + 1;
    let added = 0;
    if ('$=!'.includes(kind)) {
      const size = Number(data.toString('latin1', at + 1, lineEnd - 1));
      if (size >= 0) end += size + 2;
      if (end > data.length) {
        this.#wanted = end;
        return undefined;
      }
    } else if ('*~>%|'.includes(kind)) {
      const size = Math.max(0, Number(data.toString('latin1', at + 1, lineEnd - 1)));
      added = kind === '%' ? 2 * size : kind === '|' ? 2 * size + 1 : size;
    } else if (!'+-:_#,('.includes(kind)) {
      throw new Error(`Not RESP: ${JSON.stringify(data.toString('latin1', at, Math.min(at + 40, data.length)))}`);
    }
    this.#missing += added - 1;
    return end;
  }
}

/** The bytes of a command as clients send it. */
export function encodeCommand(args: readonly (string | Buffer | number)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}

/** The words of one request frame; none for an empty line. */
export function decodeCommand(frame: Buffer): Buffer[] {
  if (frame[0] !== ASTERISK) {
    const line = frame.toString('latin1').trim();
    return line === '' ? [] : line.split(/\s+/).map((word) => Buffer.from(word, 'latin1'));
  }
  const words = decodeReply(frame);
  return Array.isArray(words) ? words.map((word) => (Buffer.isBuffer(word) ? word : Buffer.from(String(word)))) : [];
}

/** The value of one whole frame. */
export function decodeReply(frame: Buffer): Reply {
  return decodeAt(frame, 0).value;
}

function decodeAt(data: Buffer, at: number): { value: Reply; end: number } {
  const lineEnd = data.indexOf(LF, at);
  const kind = String.fromCharCode(data[at] ?? 0);
  const line = data.toString('utf8', at + 1, data[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd);
  const end = lineEnd + 1;
  switch (kind) {
    case '+':
      return { value: line, end };
    case '-':
      return { value: new ReplyError(line), end };
    case ':':
    case '(': {
      const exact = BigInt(line);
      return { value: Number.isSafeInteger(Number(exact)) ? Number(exact) : exact, end };
    }
    case ',':
      return { value: line === 'inf' ? Infinity : line === '-inf' ? -Infinity : Number(line), end };
    case '#':
      return { value: line === 't', end };
    case '_':
      return { value: null, end };
    case '$':
    case '=':
    case '!': {
      const size = Number(line);
      if (size < 0) return { value: null, end };
      const bytes = data.subarray(kind === '=' ? end + 4 : end, end + size);
      return { value: kind === '!' ? new ReplyError(bytes.toString()) : bytes, end: end + size + 2 };
    }
    case '|': {
      const attributes = decodeMany(data, end, 2 * Number(line));
      return decodeAt(data, attributes.end);
    }
    default: {
      if (Number(line) < 0) return { value: null, end };
      return decodeMany(data, end, kind === '%' ? 2 * Number(line) : Number(line));
    }
  }
}

function decodeMany(data: Buffer, at: number, count: number): { value: Reply[]; end: number } {
  const value: Reply[] = [];
  let end = at;
  for (let index = 0; index < count; index += 1) {
    const element = decodeAt(data, end);
    value.push(element.value);
    end = element.end;
  }
  return { value, end };
}
