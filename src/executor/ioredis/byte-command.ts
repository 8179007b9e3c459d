import type { Writable } from 'node:stream';
import { Command, Redis } from 'ioredis';
import type { Argument } from '../../command/command.js';
import { timers } from '../../timers.js';

/** Up to this many bytes, an argument is quicker copied than written by itself. */
const SHORT_ARGUMENT = 256;

/** So many characters are written before there are more: a string has an end at 512 Mi characters. */
const LONG_TEXT = 1 << 20;

/**
 * A command for a client of ioredis, or undefined if the client is of another copy of ioredis than the one at hand here.
 *
 * ioredis' own command flattens its arguments, at 80 ns for each, and puts those with bytes together bit by bit.
 */
export function byteCommand(client: object, name: string, args: readonly (Argument | number)[]): object | undefined {
  // Whoever replaces ioredis in their tests may leave out either.
  if (typeof Redis !== 'function' || !(client instanceof Redis)) return undefined;
  ByteCommand ??= defineByteCommand();
  return new ByteCommand(name, args);
}

let ByteCommand: ReturnType<typeof defineByteCommand> | undefined;

/** Not before it is needed: in tests of users, ioredis may be replaced by something that has no such class. */
function defineByteCommand(): new (name: string, args: readonly (Argument | number)[]) => Command {
  return class extends Command {
    constructor(name: string, args: readonly (Argument | number)[]) {
      // ioredis looks for what people make it do with arguments by this name.
      super('', [], { replyEncoding: null });
      this.name = name;
      this.args = args as (string | Buffer)[];
    }

    /**
     * Writes one string in Latin-1, where a character is a byte, but for long arguments, which are written as they are.
     * The end is returned: ioredis writes that.
     */
    override toWritable(socket: object): string | Buffer {
      const args = this.args as readonly (Argument | number)[];
      let corked: Writable | undefined;
      let isAscii = true;
      let text = `*${args.length + 1}\r\n$${this.name.length}\r\n${this.name}\r\n`;
      for (const arg of args) {
        if (typeof arg === 'string' && Buffer.byteLength(arg) === arg.length) {
          text += `$${arg.length}\r\n${arg}\r\n`;
        } else if (typeof arg === 'object' && arg.length > SHORT_ARGUMENT) {
          corked ??= uncorkedLater(socket as Writable);
          corked.write(`${text}$${arg.length}\r\n`, 'latin1');
          corked.write(arg);
          text = '\r\n';
        } else {
          // A number is ASCII, but there are few.
          const bytes = (typeof arg === 'object' ? arg : Buffer.from(String(arg))).toString('latin1');
          text += `$${bytes.length}\r\n${bytes}\r\n`;
          isAscii = false;
        }
        if (text.length > LONG_TEXT) {
          corked ??= uncorkedLater(socket as Writable);
          corked.write(text, 'latin1');
          text = '';
        }
      }
      return isAscii ? text : Buffer.from(text, 'latin1');
    }
  };
}

/** The stream, corked: what is written until the end of the tick goes as one write to the socket. */
function uncorkedLater(stream: Writable): Writable {
  stream.cork();
  timers.atEndOfTick(() => stream.uncork());
  return stream;
}
