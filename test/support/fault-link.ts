import { connect, type Socket } from 'node:net';
import { decodeCommand, decodeReply, encodeCommand, RespScanner } from './resp.js';

/** Which streams are not forwarded. */
export type Paused = 'both' | 'requests' | 'replies';

/** What can befall a command. */
export type Fault =
  | { readonly kind: 'drop reply' }
  | { readonly kind: 'drop command' }
  | { readonly kind: 'answer'; readonly line: Buffer }
  | { readonly kind: 'replace'; readonly line: Buffer }
  | { readonly kind: 'hold'; readonly released: Promise<void> };

/** A fault that is armed. */
export interface Rule {
  readonly fault: Fault;
  readonly name: string;
  matches(args: readonly Buffer[]): boolean;
  /** Commands that it may still hit. */
  open: number;
  /** Commands at which it still has to strike. */
  left: number;
  done(): void;
  fail(error: Error): void;
}

/** What a link asks and tells its proxy. */
export interface LinkEvents {
  onCommand(name: string, args: readonly Buffer[]): Rule | undefined;
  onStruck(rule: Rule): void;
  onClose(): void;
}

/** A command whose reply is due. */
interface Due {
  readonly name: string;
  readonly rule: Rule | undefined;
  /** Whether the server has it; if not, the proxy acts when its turn comes. */
  readonly forwarded: boolean;
  /** Frames that answer it: more than one for SUBSCRIBE and its kin. */
  frames: number;
}

const SUBSCRIBING = new Set(['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE', 'UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE']);
const PUSH = 0x3e;
const ARRAY = 0x2a;
const ERROR = 0x2d;

/** One client connection and its own connection to the server. */
export class Link {
  readonly closed: Promise<void>;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #events: LinkEvents;
  readonly #due: Due[] = [];
  /** Channels and patterns, for an UNSUBSCRIBE without any. */
  readonly #subscriptions = new Map<string, Set<string>>();
  /** Set while a reply is held: resolves when all that is waiting has been written. */
  #gate: Promise<void> | undefined;
  #condemned = false;
  #inMulti = false;
  #subscriber = false;
  #monitor = false;

  constructor(client: Socket, target: number, events: LinkEvents) {
    this.#client = client;
    this.#server = connect({ host: '127.0.0.1', port: target, noDelay: true });
    this.#events = events;

    const requests = new RespScanner({ inline: true });
    client.on('data', (chunk) => {
      this.#guarded(this.#server, () => {
        for (const frame of requests.push(chunk)) this.#request(frame);
      });
    });
    const replies = new RespScanner();
    this.#server.on('data', (chunk) => {
      this.#guarded(client, () => {
        for (const frame of replies.push(chunk)) this.#reply(frame);
      });
    });
    client.on('error', () => {});
    this.#server.on('error', () => {});
    this.#server.on('close', () => client.destroySoon());
    this.closed = new Promise((resolve) => {
      client.on('close', () => {
        this.#server.destroy();
        // A fault that was about to strike here may strike elsewhere.
        for (const { rule } of this.#due.splice(0)) if (rule !== undefined) rule.open += 1;
        events.onClose();
        resolve();
      });
    });
  }

  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  flow(paused: Paused | undefined): void {
    if (paused === 'both' || paused === 'requests') this.#client.pause();
    else this.#client.resume();
    if (paused === 'both' || paused === 'replies') this.#server.pause();
    else this.#server.resume();
  }

  /** Forwards what came in one chunk in one piece. What is not RESP ends the connection, not the test run. */
  #guarded(output: Socket, work: () => void): void {
    output.cork();
    try {
      work();
    } catch {
      this.destroy();
    }
    output.uncork();
  }

  #request(frame: Buffer): void {
    const [word, ...args] = decodeCommand(frame);
    if (word === undefined) return;
    const name = word.toString('latin1').toUpperCase();
    const rule = this.#events.onCommand(name, args);
    if (this.#condemned) {
      if (rule !== undefined) rule.open += 1;
      return;
    }
    const kind = rule?.fault.kind;
    if (kind === 'drop reply' || kind === 'drop command') this.#condemned = true;

    if (kind === 'drop command' || (kind === 'answer' && !this.#inMulti)) {
      this.#due.push({ name, rule, forwarded: false, frames: 1 });
      this.#settle();
      return;
    }
    this.#due.push({ name, rule, forwarded: true, frames: this.#framesOf(name, args) });
    if (name === 'MULTI') this.#inMulti = true;
    if (name === 'EXEC' || name === 'DISCARD' || name === 'RESET') this.#inMulti = false;
    // The server has to refuse something as well, or it would execute the transaction without this command.
    this.#server.write(kind === 'answer' ? encodeCommand(['REDIMAP.REFUSED']) : frame);
  }

  #framesOf(name: string, args: readonly Buffer[]): number {
    if (!SUBSCRIBING.has(name)) return 1;
    const kind = name.replace(/^(.?)UN/, '$1');
    const channels = this.#subscriptions.get(kind) ?? new Set();
    this.#subscriptions.set(kind, channels);
    const frames = args.length === 0 ? Math.max(1, channels.size) : args.length;
    if (name === kind) {
      this.#subscriber = true;
      for (const arg of args) channels.add(arg.toString('latin1'));
    } else if (args.length === 0) channels.clear();
    else for (const arg of args) channels.delete(arg.toString('latin1'));
    return frames;
  }

  #reply(frame: Buffer): void {
    const [due] = this.#due;
    if (due === undefined || !this.#answers(due, frame)) {
      this.#pass(frame);
      return;
    }
    due.frames = frame[0] === ERROR ? 0 : due.frames - 1;
    const { rule } = due;
    if (due.frames > 0) {
      if (rule === undefined) this.#pass(frame);
      return;
    }
    this.#due.shift();
    if (due.name === 'MONITOR') this.#monitor = true;
    switch (rule?.fault.kind) {
      case 'drop reply':
        this.#cut(rule);
        return;
      case 'answer':
      case 'replace':
        this.#pass(rule.fault.line);
        this.#events.onStruck(rule);
        break;
      case 'hold':
        this.#hold(frame, rule.fault.released);
        this.#events.onStruck(rule);
        break;
      default:
        this.#pass(frame);
    }
    this.#settle();
  }

  /** Whether a frame answers the oldest open command, or comes unasked. */
  #answers(due: Due, frame: Buffer): boolean {
    if (this.#monitor) return false;
    const pushed = frame[0] === PUSH;
    if (!pushed && !(this.#subscriber && frame[0] === ARRAY)) return due.forwarded;
    const content = decodeReply(frame);
    const kind = Array.isArray(content) ? String(content[0]).toUpperCase() : '';
    if (SUBSCRIBING.has(kind)) return kind === due.name;
    if (!pushed && /^[PS]?MESSAGE$/.test(kind)) return false;
    return !pushed && due.forwarded;
  }

  /** Acts on the commands which the server never saw, as far as their turn has come. */
  #settle(): void {
    for (let [due] = this.#due; due !== undefined && !due.forwarded; [due] = this.#due) {
      this.#due.shift();
      const { rule } = due;
      if (rule === undefined) continue;
      if (rule.fault.kind !== 'answer') {
        this.#cut(rule);
        return;
      }
      this.#pass(rule.fault.line);
      this.#events.onStruck(rule);
    }
  }

  #pass(frame: Buffer): void {
    if (this.#gate === undefined) this.#client.write(frame);
    else this.#after(this.#gate, frame);
  }

  #hold(frame: Buffer, released: Promise<void>): void {
    const earlier = this.#gate ?? Promise.resolve();
    this.#after(
      earlier.then(() => released),
      frame,
    );
  }

  #after(gate: Promise<void>, frame: Buffer): void {
    const written = gate.then(() => {
      this.#client.write(frame);
      if (this.#gate === written) this.#gate = undefined;
    });
    this.#gate = written;
  }

  /** Ends both connections; what was passed on before still reaches the client. */
  #cut(rule: Rule): void {
    this.#server.destroy();
    this.#client.destroySoon();
    void this.closed.then(() => this.#events.onStruck(rule));
  }
}
