import { connect, type Socket } from 'node:net';
import { decodeReply, encodeCommand, type Reply, ReplyError, RespScanner } from './resp.js';

interface Waiter {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/**
 * One plain connection to one server, for what the test support itself has to ask: no handshake, no reconnecting,
 * no retries. Replies come as bytes.
 */
export class RawClient implements Disposable {
  /** Takes what the server sends without being asked, such as the lines of MONITOR. */
  onUnasked: (reply: Reply) => void = () => {};
  /** Resolves when the connection has ended, from whichever side. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #waiting: Waiter[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    const scanner = new RespScanner();
    socket.on('data', (chunk) => {
      for (const frame of scanner.push(chunk)) this.#take(decodeReply(frame));
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        for (const waiter of this.#waiting.splice(0)) waiter.reject(new Error('The connection was closed'));
        resolve();
      });
    });
  }

  static connect(port: number, options: { readonly deadline?: number } = {}): Promise<RawClient> {
    const { deadline = 20_000 } = options;
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      const timer = setTimeout(() => socket.destroy(new Error(`No connection to port ${port}`)), deadline);
      socket.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve(new RawClient(socket));
      });
    });
  }

  /** Sends a command and resolves to its reply; an error reply rejects. */
  send(...args: (string | Buffer | number)[]): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error('The connection was closed'));
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#socket.write(encodeCommand(args));
    });
  }

  /** Sends bytes as they are, for which no reply is expected. */
  write(bytes: Buffer | string): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #take(reply: Reply): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.onUnasked(reply);
    else if (reply instanceof ReplyError) waiter.reject(reply);
    else waiter.resolve(reply);
  }
}

/** One command on a connection of its own. */
export async function ask(port: number, ...args: (string | Buffer | number)[]): Promise<Reply> {
  const client = await RawClient.connect(port);
  const timer = setTimeout(() => client.close(), 20_000);
  try {
    return await client.send(...args);
  } finally {
    clearTimeout(timer);
    client.close();
  }
}

/** The same for a reply that is text. */
export async function askText(port: number, ...args: (string | Buffer | number)[]): Promise<string> {
  return String(await ask(port, ...args));
}
