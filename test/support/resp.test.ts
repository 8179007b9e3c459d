import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCommand, decodeReply, encodeCommand, ReplyError, RespScanner } from './resp.js';

const frames = [
  '+OK\r\n',
  '-ERR no\r\n',
  ':12\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '$0\r\n\r\n',
  '$6\r\na\r\nb\r\n\r\n',
  '*0\r\n',
  '*3\r\n:1\r\n*2\r\n$1\r\nx\r\n_\r\n+y\r\n',
  '%2\r\n$1\r\na\r\n*1\r\n:1\r\n$1\r\nb\r\n#t\r\n',
  '~2\r\n,1.5\r\n(12345678901234567890\r\n',
  '>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n',
  '=7\r\ntxt:abc\r\n',
  '!5\r\nERR x\r\n',
  '|1\r\n+ttl\r\n:5\r\n*1\r\n:7\r\n',
];

/** The same bytes, cut anywhere. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const end = at + (sizes[index % sizes.length] ?? 1);
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });

describe('RespScanner', () => {
  test('finds the frames of replies, wherever the chunks are cut', () => {
    const bytes = Buffer.from(frames.join(''), 'latin1');
    fc.assert(
      fc.property(sizes, (lengths) => {
        const scanner = new RespScanner();
        const found = cut(bytes, lengths).flatMap((chunk) => scanner.push(chunk));
        expect(found.map((frame) => frame.toString('latin1'))).toEqual(frames);
      }),
    );
  });

  test('finds commands of any bytes, wherever the chunks are cut', () => {
    const command = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 8 }), sizes, (commands, lengths) => {
        const bytes = Buffer.concat(commands.map((args) => encodeCommand(args.map((arg) => Buffer.from(arg)))));
        const scanner = new RespScanner({ inline: true });
        const found = cut(bytes, lengths).flatMap((chunk) => scanner.push(chunk));
        expect(found.map((frame) => decodeCommand(frame).map((arg) => [...arg]))).toEqual(
          commands.map((args) => args.map((arg) => [...arg])),
        );
      }),
    );
  });

  test('reads inline commands', () => {
    const scanner = new RespScanner({ inline: true });
    const found = scanner.push(Buffer.from('PING\r\n\r\n*1\r\n$4\r\nPING\r\nget  a\n'));
    expect(found.map((frame) => decodeCommand(frame).map(String))).toEqual([['PING'], [], ['PING'], ['get', 'a']]);
  });

  test('reads a large value in many chunks in little time', () => {
    const scanner = new RespScanner();
    const value = Buffer.alloc(32 << 20, 'x');
    const bytes = Buffer.concat([Buffer.from(`$${value.length}\r\n`), value, Buffer.from('\r\n')]);
    const found = cut(bytes, [65_536]).flatMap((chunk) => scanner.push(chunk));
    expect(found.map((frame) => frame.length)).toEqual([bytes.length]);
  });

  test('refuses what is not RESP', () => {
    expect(() => new RespScanner().push(Buffer.from('HTTP/1.1 200\r\n'))).toThrow('Not RESP');
  });
});

test('decodeReply', () => {
  const values = frames.map((frame) => decodeReply(Buffer.from(frame, 'latin1')));
  expect(values).toEqual([
    'OK',
    new ReplyError('ERR no'),
    12,
    null,
    null,
    Buffer.from(''),
    Buffer.from('a\r\nb\r\n'),
    [],
    [1, [Buffer.from('x'), null], 'y'],
    [Buffer.from('a'), [1], Buffer.from('b'), true],
    [1.5, 12345678901234567890n],
    [Buffer.from('invalidate'), [Buffer.from('k')]],
    Buffer.from('abc'),
    new ReplyError('ERR x'),
    [7],
  ]);
});
