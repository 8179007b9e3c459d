import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { Redis as Redis6 } from 'ioredis-v6';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { byteCommand } from '../../../src/executor/ioredis/byte-command.js';
import { encodeCommand } from '../../support/resp.js';

const client = new Redis({ lazyConnect: true });
afterAll(() => client.disconnect());

/** What a command writes to its socket, and what it leaves to ioredis. */
async function written(name: string, args: readonly (string | Buffer | number)[]): Promise<Buffer> {
  const socket = new PassThrough();
  const command = byteCommand(client, name, args) as { toWritable(stream: object): string | Buffer };
  const end = command.toWritable(socket);
  socket.end(end);
  return Buffer.concat(await socket.toArray());
}

const argument = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }).filter((text) => text.isWellFormed()),
  fc.string({ maxLength: 30 }),
  fc.integer(),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ minLength: 255, maxLength: 258 }).map((bytes) => Buffer.from(bytes)),
);

describe('byteCommand', () => {
  test('writes what the protocol asks for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(argument, { maxLength: 20 }), async (args) => {
        const expected = encodeCommand(['hset', ...args.map((arg) => (typeof arg === 'number' ? `${arg}` : arg))]);
        expect((await written('hset', args)).equals(expected)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('writes more text than fits into a string in pieces', async () => {
    const args = Array.from({ length: 3_000 }, (_, i) => `${i}${'ü'.repeat(i % 2)}${'x'.repeat(1_000)}`);
    const socket = new PassThrough({ highWaterMark: 1 << 30 });
    const pieces: number[] = [];
    const write = socket.write.bind(socket) as (chunk: string, encoding: BufferEncoding) => boolean;
    vi.spyOn(socket, 'write').mockImplementation(((chunk: string, encoding: BufferEncoding) => {
      pieces.push(chunk.length);
      return write(chunk, encoding);
    }) as typeof socket.write);
    const command = byteCommand(client, 'rpush', args) as { toWritable(stream: object): string | Buffer };
    const end = command.toWritable(socket);
    expect(pieces.length).toBeGreaterThan(1);
    expect(Math.max(...pieces)).toBeLessThan(1.1 * 2 ** 20);
    await new Promise(setImmediate);
    expect(socket.writableCorked).toBe(0);
    socket.end(end);
    expect(Buffer.concat(await socket.toArray()).equals(encodeCommand(['rpush', ...args]))).toBe(true);
  });

  test('is none for a client of another copy of ioredis', () => {
    const other = new Redis6({ lazyConnect: true });
    expect(byteCommand(other, 'get', ['a'])).toBeUndefined();
    other.disconnect();
    expect(byteCommand({}, 'get', ['a'])).toBeUndefined();
  });
});
