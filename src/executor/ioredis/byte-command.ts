import type { Writable } from 'node:stream';
import { Command, Redis } from 'ioredis';
import type { Argument } from '../../command/command.js';
import { timers } from '../../timers.js';

/** Copying an argument of up to this many bytes is faster than a write of its own. */
const SHORT_ARGUMENT = 256;

/** The characters after which a string is written: strings have at most 512 Mi characters. */
const LONG_TEXT = 1 << 20;

/**
 * Makes a command for a client of ioredis; undefined if the client is of another copy of ioredis.
 *
 * ioredis' own command flattens its arguments, at 80 ns each, and joins those with bytes piece by piece.
 */
export function byteCommand(client: object, name: string, args: readonly (Argument | number)[]): object | undefined {
  // A replacement of ioredis in tests may lack either.
  if (typeof Redis !== 'function' || !(client instanceof Redis)) return undefined;
  ByteCommand ??= defineByteCommand();
  return new ByteCommand(name, args);
}

let ByteCommand: ReturnType<typeof defineByteCommand> | undefined;

/** Defined on first use, because tests of users may replace ioredis by a module without this class. */
function defineByteCommand(): new (name: string, args: readonly (Argument | number)[]) => Command {
  return class extends Command {
    constructor(name: string, args: readonly (Argument | number)[]) {
      // ioredis looks up argument transformers by this name.
      super('', [], { replyEncoding: null });
      this.name = name;
      this.args = args as (string | Buffer)[];
    }

    /**
     * Writes one Latin-1 string, where a character is a byte, and long arguments by themselves. It returns the last
     * part, which ioredis writes.
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
          // A number is ASCII, but rare.
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

/** Corks a stream until the end of the tick, so that all is one write to the socket. */
function uncorkedLater(stream: Writable): Writable {
  stream.cork();
  timers.atEndOfTick(() => stream.uncork());
  return stream;
}
