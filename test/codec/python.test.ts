import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codec } from '../../src/codec/index.js';
import { DTYPES, type NdArray, ndarray } from '../../src/graph/nd-array.js';
import { difference, ndArrayOf, python, pythonMissing } from './support.js';

const missing = pythonMissing();

/** Packs records, each after its length, so that one run of Python handles many. */
function join(records: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    records.flatMap((record) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(record.length);
      return [length, record];
    }),
  );
}

function split(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    records.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return records;
}

const PRELUDE = `
import sys, io, json, struct, msgpack, datetime
import numpy as np
data = sys.stdin.buffer.read()
records, at = [], 0
while at < len(data):
    (n,) = struct.unpack_from('<I', data, at)
    records.append(data[at + 4:at + 4 + n]); at += 4 + n
def put(b):
    sys.stdout.buffer.write(struct.pack('<I', len(b)) + b)
`;
const run = (program: string, records: readonly Uint8Array[] = []) => split(python(PRELUDE + program, join(records)));

const SHAPES = [[], [0], [1], [5], [2, 3], [0, 4], [3, 1, 2], [2, 2, 2, 2]];
const ALL: NdArray[] = DTYPES.flatMap((dtype) =>
  SHAPES.map((shape) => ndArrayOf(dtype, shape, Buffer.from([1, 0, 7, 250, 63, 64]))),
);

describe.skipIf(missing !== undefined)('Python', () => {
  it('loads what codec.ndarray writes: every dtype and shape', () => {
    const program = `
for record in records:
    a = np.load(io.BytesIO(record), allow_pickle=False)
    put(json.dumps([a.dtype.name, list(a.shape), a.tobytes().hex()]).encode())
`;
    const loaded = run(
      program,
      ALL.map((array) => codec.ndarray().encode(array)),
    );
    expect(loaded).toHaveLength(ALL.length);
    for (const [index, array] of ALL.entries()) {
      const { buffer, byteOffset, byteLength } = array.data;
      const expected = [array.dtype, array.shape, Buffer.from(buffer, byteOffset, byteLength).toString('hex')];
      expect(JSON.parse(String(loaded[index]))).toEqual(expected);
    }
  });

  it('writes what codec.ndarray reads: C and Fortran order, both byte orders, versions 1 to 3', () => {
    const program = `
for record in records:
    a = np.load(io.BytesIO(record))
    for order in 'CF':
        for dtype in (a.dtype, a.dtype.newbyteorder('>')):
            for version in ((1, 0), (2, 0), (3, 0)):
                out = io.BytesIO()
                np.lib.format.write_array(out, np.asarray(a.astype(dtype), order=order), version=version)
                put(out.getvalue())
    out = io.BytesIO(); np.save(out, a); put(out.getvalue())
`;
    const saved = run(
      program,
      ALL.map((array) => codec.ndarray().encode(array)),
    );
    expect(saved).toHaveLength(13 * ALL.length);
    for (const [index, bytes] of saved.entries()) {
      const array = ALL[Math.floor(index / 13)] as NdArray;
      expect(difference(array, codec.ndarray(array.dtype).decode(bytes))).toBeUndefined();
    }
  });

  it('writes files that codec.ndarray refuses: dtypes that are not numbers', () => {
    const program = `
for a in (np.array([None, {}]), np.zeros(2, 'c16'), np.zeros(2, 'f2'), np.zeros(2, 'S3'), np.zeros(2, 'U3'), np.zeros(2, 'M8[s]'), np.zeros(2, [('a', '<i2')])):
    out = io.BytesIO(); np.save(out, a); put(out.getvalue())
`;
    const files = run(program);
    expect(files).toHaveLength(7);
    for (const file of files) expect(() => codec.ndarray().decode(file)).toThrow(/cannot have|not numbers/);
  });

  it('reads the plain part of codec.auto, and writes it back to the same bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 20 }).map((raw) => Buffer.from(raw));
    const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed());
    const plain = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4, depthIdentifier: 'plain' },
        text,
        fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 2 ** 40, Infinity)),
        fc.constantFrom(null, true, false, 2n ** 53n + 1n, 2n ** 64n - 1n, -(2n ** 63n)),
        bytes,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).value;
    const values = fc.sample(plain, 300);
    const program = `
for record in records:
    put(msgpack.packb(msgpack.unpackb(record)))
`;
    const written = run(program, values.map(codec.auto.encode));
    expect(written).toHaveLength(values.length);
    for (const [index, value] of values.entries()) {
      expect(difference(value, codec.auto.decode(written[index] as Buffer))).toBeUndefined();
    }
  });

  it('sees values of codec.auto as what they are', () => {
    const value = {
      list: [null, true, 1, -1, 1.5, -0, 'é'],
      bytes: Buffer.from([1, 2]),
      big: 2n ** 63n,
      at: new Date(1500),
      map: new Map<unknown, unknown>([['k', 2]]),
      array: ndarray(new Float64Array([1.5, 2.5]), [1, 2]),
      nothing: undefined,
      small: 5n,
    };
    const program = `
v = msgpack.unpackb(records[0])
assert v['list'] == [None, True, 1, -1, 1.5, 0.0, 'é'], v
assert str(v['list'][5]) == '-0.0'
assert v['bytes'] == b'\\x01\\x02' and v['big'] == 2**63
assert v['at'].to_unix_nano() == 1_500_000_000
marker, k, two = v['map']
assert marker == msgpack.ExtType(0x74, b'\\x10m') and (k, two) == ('k', 2)
marker, dtype, shape, ext = v['array']
assert marker == msgpack.ExtType(0x74, b'\\x10n') and ext.code == 0x74 and ext.data[0] == 8
assert np.frombuffer(ext.data[1:], dtype).reshape(shape).tolist() == [[1.5, 2.5]]
assert v['nothing'] == msgpack.ExtType(0, b'\\0') and v['small'] == msgpack.ExtType(0x74, b'\\x10I5')
put(b'ok')
`;
    expect(run(program, [codec.auto.encode(value)]).map(String)).toEqual(['ok']);
  });

  it('sees codec.auto documents of every kind as one MessagePack value', () => {
    const values = [
      new Map([[1, new Set([2])]]),
      new TypeError('x'),
      new Date(Number.NaN),
      '\ud800',
      { '\ud800': 1 },
      new ArrayBuffer(3),
      new DataView(new ArrayBuffer(2)),
      Object.defineProperty({}, '__proto__', { value: 1, enumerable: true }),
    ];
    const program = `
for record in records:
    msgpack.unpackb(record); put(b'ok')
`;
    expect(run(program, [...values.map(codec.auto.encode), ...values.map(codec.structured.encode)])).toHaveLength(
      2 * values.length,
    );
  });

  it('writes with msgpack what codec.auto reads', () => {
    const program = `
utc = datetime.timezone.utc
values = [None, True, 0, -1, 2**31, 2**53, 2**53 + 1, 2**64 - 1, -2**63, 1.5, float('inf'), 'é' * 50, b'\\xff', [1, [2]], (1, 2), {'a': {'b': []}},
    {1: 'a', '1': 'b'}, {'__proto__': 1}, datetime.datetime(2026, 11, 21, 9, 30, 0, 123000, utc), datetime.datetime(1960, 1, 1, tzinfo=utc)]
for value in values:
    put(msgpack.packb(value, datetime=True))
put(msgpack.packb([0.5], use_single_float=True))
put(msgpack.packb('raw', use_bin_type=False))
`;
    const expected: unknown[] = [
      ...[
        null,
        true,
        0,
        -1,
        2 ** 31,
        2 ** 53,
        2n ** 53n + 1n,
        2n ** 64n - 1n,
        -(2n ** 63n),
        1.5,
        Infinity,
        'é'.repeat(50),
      ],
      ...[
        Buffer.from([0xff]),
        [1, [2]],
        [1, 2],
        { a: { b: [] } },
        new Map<unknown, unknown>([
          [1, 'a'],
          ['1', 'b'],
        ]),
      ],
      ...[
        Object.defineProperty({}, '__proto__', { value: 1, enumerable: true }),
        new Date('2026-11-21T09:30:00.123Z'),
        new Date('1960-01-01T00:00:00Z'),
      ],
      ...[[0.5], 'raw'],
    ];
    expect(difference(expected, run(program).map(codec.auto.decode))).toBeUndefined();
  });

  it('decompresses codec.compressed with zlib, and writes what it reads', () => {
    const compressed = codec.compressed(codec.text);
    const program = `
import zlib
put(zlib.decompress(records[0])); put(zlib.compress(b'back'))
`;
    const [there, back] = run(program, [compressed.encode('there')]);
    expect(String(there)).toBe('there');
    expect(compressed.decode(back as Buffer)).toBe('back');
  });

  it('writes numbers as text that codec.float reads, and reads those it writes', () => {
    const values = [0.1, -0, 1e16, 1e-7, 5e-324, 1.7976931348623157e308, Infinity, -Infinity, Number.NaN];
    const program = `
for record in records:
    put(repr(float(record)).encode())
`;
    const written = run(program, values.map(codec.float.encode));
    expect(difference(values, written.map(codec.float.decode))).toBeUndefined();
  });
});
