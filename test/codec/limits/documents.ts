/*
 * Documents that are made to take much more memory, or time, than their bytes: each is filled up to a size.
 */

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** A name of some letters that no other number gives. */
function letters(number: number, length = 4): string {
  let name = '';
  for (let rest = number, at = 0; at < length; at++, rest = Math.floor(rest / 52))
    name += ALPHABET[rest % 52] as string;
  return name;
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** A MessagePack array of one item over and over. */
function filled(item: Buffer, size: number): Buffer {
  const count = Math.floor(size / item.length);
  const bytes = Buffer.alloc(5 + count * item.length);
  bytes[0] = 0xdd;
  bytes.writeUInt32BE(count, 1);
  return bytes.fill(item, 5);
}

/** A MessagePack container of items that differ; `width` bytes each. */
function series(token: number, item: (index: number) => Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let index = 0, length = 0; length < size; index++) length += parts[parts.push(item(index)) - 1]?.length ?? 0;
  const head = Buffer.alloc(5);
  head[0] = token;
  head.writeUInt32BE(parts.length, 1);
  return Buffer.concat([head, ...parts]);
}

const text = (value: string): Buffer => Buffer.concat([Buffer.from([0xa0 | value.length]), Buffer.from(value)]);
const small = (value: string): Buffer => Buffer.concat([Buffer.from([0x81]), text(value), Buffer.from([0])]);
const repeated = (item: string) => (size: number) => filled(hex(item), size);

/** Documents of codec.auto. */
export const DOCUMENTS: Readonly<Record<string, (size: number) => Buffer>> = {
  'empty objects': repeated('80'),
  'empty arrays': repeated('90'),
  'arrays of an array': repeated('9190'),
  'arrays in arrays': (size) => filled(Buffer.from([...Array<number>(500).fill(0x91), 0x90]), size),
  'objects in objects': (size) => filled(Buffer.concat([...Array<Buffer>(400).fill(hex('81a161')), hex('80')]), size),
  'objects of an object': repeated('81a16180'),
  'objects with keys that are not text': repeated('810000'),
  'empty objects beside one with such a key': (size) => Buffer.concat([hex('92 810000'), filled(hex('80'), size)]),
  'objects with names of their own': (size) => series(0xdd, (index) => small(letters(index)), size),
  'objects of three names in many orders': (size) =>
    series(
      0xdd,
      (at) =>
        hex(
          `83 a1${(0x61 + (at % 20)).toString(16)}00 a1${(0x41 + (Math.floor(at / 20) % 20)).toString(16)}00 a1${(0x30 + 20 + (Math.floor(at / 400) % 20)).toString(16)}00`,
        ),
      size,
    ),
  'an object of many names': (size) => series(0xdf, (index) => Buffer.concat([text(letters(index)), hex('00')]), size),
  'objects with the name 322': repeated('81a333323200'),
  'objects with the names 3, 17, 978': repeated('83a13300a2313700a339373800'),
  'objects with names up to 3000': repeated('83a43130303000a43230303000a43330303000'),
  'objects with the name 9': repeated('81a13900'),
  'short texts': repeated('a26162'),
  floats: repeated('ca3f9d2345'),
  bigints: repeated('cf7fffffffffffffff'),
  times: repeated('d6ff00000001'),
  'empty Buffers': repeated('c400'),
  'typed arrays': repeated('d5740101'),
  DataViews: repeated('d5741101'),
  ArrayBuffers: repeated('c703741041ff'),
  Maps: repeated('91c70274106d'),
  'Maps of an entry': repeated('93c70274106d0000'),
  Sets: repeated('91c702741073'),
  'objects with a lone surrogate': repeated('93c70274106f c7047410530 0d8 00'),
  errors: repeated('96c702741065a54572726f72a0c08080'),
  NdArrays: repeated('94c70274106ea575696e7438 9100 c7017401'),
  'a bigint': (size) => Buffer.concat([hex('c9'), u32(size + 2), hex('74 1049'), Buffer.alloc(size, 'f')]),
  undefined: repeated('d40000'),
};

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const node = (index: number): Buffer =>
  Buffer.concat([hex('97'), text(`n${letters(index)}`), hex('a178 90 90 c0 c0 c0')]);

/** A document of a graph whose inputs or nodes are `items`. */
export function graphOf(inputs: Buffer, nodes: Buffer): Buffer {
  return Buffer.concat([hex('95 c702741067 02'), inputs, nodes, hex('90')]);
}

/** Documents of codec.graph. */
export const GRAPHS: Readonly<Record<string, (size: number) => Buffer>> = {
  'many nodes': (size) => graphOf(hex('90'), series(0xdd, node, size)),
  'many inputs': (size) =>
    graphOf(
      series(0xdd, (index) => Buffer.concat([hex('94'), text(letters(index)), hex('a3616e79 c0 c0')]), size),
      hex('90'),
    ),
  'a node with many inputs': (size) =>
    graphOf(hex('90'), Buffer.concat([hex('91 97 a16e a178'), filled(hex('a161'), size), hex('90 c0 c0 c0')])),
  'parameters of empty objects': (size) =>
    graphOf(hex('90'), Buffer.concat([hex('91 97 a16e a178 90 90'), filled(hex('80'), size), hex('c0 c0')])),
  'parameters of names': (size) =>
    graphOf(
      hex('90'),
      Buffer.concat([hex('91 97 a16e a178 90 90'), series(0xdd, (at) => small(letters(at)), size), hex('c0 c0')]),
    ),
};

const listed = (item: string) => (size: number) => Buffer.from(`[${`${item},`.repeat(size / (item.length + 1))}0]`);
const joined = (open: string, item: (index: number) => string, close: string) => (size: number) => {
  const items: string[] = [];
  for (let index = 0, length = 0; length < size; index++)
    length += (items[items.push(item(index)) - 1] as string).length + 1;
  return Buffer.from(open + items.join(',') + close);
};

/** JSON. */
export const TEXTS: Readonly<Record<string, (size: number) => Buffer>> = {
  'empty objects': listed('{}'),
  'empty arrays': listed('[]'),
  'arrays in arrays': listed('['.repeat(500) + ']'.repeat(500)),
  'objects in objects': listed('{"a":'.repeat(500) + '0' + '}'.repeat(500)),
  'brackets that open': (size) => Buffer.alloc(size, '['),
  'braces that open': (size) => Buffer.alloc(size, '{"":'),
  'objects of an object': listed('{"":{}}'),
  'objects with names of their own': joined('[', (index) => `{"${letters(index)}":0}`, ']'),
  'an object of many names': joined('{', (index) => `"${letters(index)}":0`, '}'),
  'objects with the name 30': listed('{"30":0}'),
  'objects with the name 322': listed('{"322":0}'),
  'an object of indexes far apart': joined('{', (index) => `"${(index * 7919) % 1e6}":0`, '}'),
  numbers: listed('1'),
  fractions: listed('0.5'),
  'short texts': listed('"ab"'),
  backslashes: (size) => Buffer.from(`"${'\\\\'.repeat(size / 2)}"`),
  quotes: (size) => Buffer.alloc(size, '"'),
  'a long text': (size) => Buffer.from(`"${'a'.repeat(size)}漢"`),
  'a long number': (size) => Buffer.alloc(size, '1'),
};

/** What `keyCodec.any` may find as the text of a key. */
export const KEYS: Readonly<Record<string, (size: number) => Buffer>> = {
  ...TEXTS,
  bytes: listed('{"$bytes":""}'),
  bigints: listed('{"$bigint":"1"}'),
  'a long bigint': (size) => Buffer.from(`{"$bigint":"${'9'.repeat(size)}"}`),
  'numbers as text': listed('{"$number":"NaN"}'),
};
