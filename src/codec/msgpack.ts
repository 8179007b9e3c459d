import { createRequire } from 'node:module';
import type * as Msgpackr from 'msgpackr';
import { allocate } from './send-memory.js';

/*
 * The one place that talks to msgpackr. The options keep documents readable for other languages and values
 * intact: no records, typed arrays as extensions, int64 as bigint beyond 2^53, bytes copied, `toJSON` not
 * called. Nothing global is registered.
 */
const options = () => ({
  useRecords: false,
  variableMapSize: true,
  moreTypes: true,
  copyBuffers: true,
  useToJSON: false,
  int64AsType: 'auto' as 'bigint', // the declaration does not list 'auto'
});

/** What is made of msgpackr, once. */
interface Loaded {
  readonly packer: Msgpackr.Packr;
  readonly objectReader: Msgpackr.Unpackr;
  readonly mapReader: Msgpackr.Unpackr;
}

let loaded: Loaded | undefined;

/** Loaded with the first document: who stores text and arrays never needs it. By require, because codecs do not wait. */
function load(): Loaded {
  const { Packr, Unpackr } = createRequire(import.meta.url)('msgpackr') as typeof Msgpackr;
  loaded = {
    packer: new Packr(options()),
    objectReader: new Unpackr({ ...options(), mapsAsObjects: true }),
    mapReader: new Unpackr({ ...options(), mapsAsObjects: false }),
  };
  return loaded;
}

/** The size of msgpackr's working buffer, which it packs one document after the other into. */
const SMALL = 8 * 1024;
/** From this many bytes on, a document gets a working buffer of its own. */
const LARGE = 1024 * 1024;
/** Room for what is around the blocks of data. */
const ROOM = 64 * 1024;
let packing = 0;

/**
 * MessagePack bytes of a value, in memory of their own.
 *
 * @param blocks The size in bytes of the typed arrays and Buffers in the value, as far as it is known.
 */
export function pack(value: unknown, blocks = 0): Buffer {
  const { packer } = loaded ?? load();
  // A getter in the value may call us again while msgpackr is writing; then its buffer is not ours to replace.
  const outermost = packing === 0;
  const memory = outermost && blocks >= LARGE ? allocate(blocks + ROOM) : undefined;
  if (memory !== undefined) packer.useBuffer(memory);
  packing++;
  let packed: Buffer | undefined;
  try {
    packed = packer.pack(value);
  } finally {
    packing--;
    const large = Math.max(blocks, packed?.length ?? 0) >= LARGE;
    if (outermost && large) packer.useBuffer(Buffer.allocUnsafeSlow(SMALL));
  }
  if (packed.length < LARGE) return Buffer.from(packed);
  // A buffer that the document fills is handed out as it is: nothing else uses it any more.
  if (packed.buffer === memory?.buffer && memory.length - packed.length <= ROOM) return packed;
  const result = Buffer.allocUnsafeSlow(packed.length);
  packed.copy(result);
  return result;
}

/** The value of MessagePack bytes that a scan found sound; maps as plain objects. */
export function unpack(bytes: Buffer): unknown {
  return unpackWith((loaded ?? load()).objectReader, bytes);
}

/** The same with maps as `Map`, so that keys of any name and type come through. */
export function unpackWithMaps(bytes: Buffer): unknown {
  return unpackWith((loaded ?? load()).mapReader, bytes);
}

/**
 * Small documents are read from a buffer that is always the same: for one that it has not seen before, msgpackr makes
 * a DataView and hangs it on the buffer, which takes several times as long as to read the document.
 */
const scratch = Buffer.allocUnsafeSlow(SMALL);

function unpackWith(reader: Msgpackr.Unpackr, bytes: Buffer): unknown {
  if (bytes.length > SMALL) return reader.unpack(bytes);
  bytes.copy(scratch);
  return reader.unpack(scratch, { start: 0, end: bytes.length });
}
