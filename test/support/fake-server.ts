import { createServer, type Server, type Socket } from 'node:net';
import { listen, somePort } from './ports.js';
import { decodeCommand, RespScanner } from './resp.js';

/** In place of an answer: it closes the connection. */
export const CLOSE = Symbol('close');

/** What a fake server does about a command: the bytes of its answer; undefined for nothing. */
export type FakeAnswer = Buffer | string | typeof CLOSE | undefined;

export interface FakeServerOptions {
  /** Answers all but the handshake of a client. In capitals; arguments as bytes. */
  answer(name: string, args: readonly Buffer[], connection: number): FakeAnswer;
  /** It says of itself that it is the one node of a cluster, and has all slots. */
  readonly cluster?: boolean;
}

/** A server that says whatever a test wants it to. It speaks RESP2. */
export interface FakeServer extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** How many connections there have been. */
  readonly accepted: number;
  /** May be changed at any time. */
  answer: FakeServerOptions['answer'];
}

/** Starts one on a free port of loopback. */
export async function startFakeServer(options: FakeServerOptions): Promise<FakeServer> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const fake = new LoopbackFake(somePort(), options);
    if (await fake.tryToListen()) return fake;
  }
  throw new Error('Found no free port for the server');
}

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

class LoopbackFake implements FakeServer {
  readonly host = '127.0.0.1';
  readonly port: number;
  answer: FakeServerOptions['answer'];
  accepted = 0;
  readonly #isCluster: boolean;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(port: number, { answer, cluster = false }: FakeServerOptions) {
    this.port = port;
    this.answer = answer;
    this.#isCluster = cluster;
    this.#server = createServer({ noDelay: true }, (socket) => this.#take(socket));
  }

  tryToListen(): Promise<boolean> {
    return listen(this.#server, this.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(socket: Socket): void {
    this.accepted += 1;
    const connection = this.accepted;
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    const requests = new RespScanner({ inline: true });
    socket.on('data', (chunk) => {
      for (const frame of requests.push(chunk)) {
        const [word, ...args] = decodeCommand(frame);
        if (word === undefined || !socket.writable) continue;
        const name = word.toString('latin1').toUpperCase();
        const answer = this.#handshake(name, args) ?? this.answer(name, args, connection);
        if (answer === CLOSE) socket.end();
        else if (answer !== undefined) socket.write(answer);
      }
    });
  }

  #handshake(name: string, [first]: readonly Buffer[]): string | undefined {
    switch (name) {
      case 'HELLO':
        return "-ERR unknown command 'HELLO', with args beginning with: \r\n";
      case 'CLIENT':
        return String(first).toUpperCase() === 'ID' ? ':7\r\n' : '+OK\r\n';
      case 'INFO':
        return bulk('redis_version:7.0.15\r\nloading:0\r\n');
      case 'PING':
        return '+PONG\r\n';
      case 'ASKING':
      case 'READONLY':
      case 'READWRITE':
        return '+OK\r\n';
      case 'CLUSTER':
        return this.#isCluster ? this.#cluster(String(first).toUpperCase()) : undefined;
      default:
        return undefined;
    }
  }

  #cluster(what: string): string {
    const id = '0'.repeat(40);
    if (what === 'SLOTS') {
      return `*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n${bulk(this.host)}:${this.port}\r\n${bulk(id)}`;
    }
    if (what === 'NODES') return bulk(`${id} ${this.host}:${this.port}@1 myself,master - 0 0 1 connected 0-16383\n`);
    return bulk('cluster_state:ok\r\n');
  }
}
