import { createServer, type Server, type Socket } from 'node:net';
import { type Fault, Link, type Paused, type Rule } from './fault-link.js';
import { listen, somePort } from './ports.js';
import { within } from './until.js';

/** A command that a client has sent through the proxy, handshakes included. */
export interface SeenCommand {
  /** In capitals. */
  readonly name: string;
  readonly args: readonly Buffer[];
  /** Which of the proxy's connections, counted from 1. */
  readonly connection: number;
}

/** Which commands a fault hits, beside the name. */
export interface FaultOptions {
  /** How many of them; default 1. */
  readonly times?: number;
  /** Only a command that has exactly these bytes among its arguments, such as its key. */
  readonly arg?: string | Buffer;
  /** Only a command for which this holds. */
  readonly where?: (args: readonly Buffer[]) => boolean;
}

/** A reply that has arrived at the proxy and waits there. */
export interface HeldReply {
  /** Resolves once the server has executed the command and its reply is held. */
  readonly reached: Promise<void>;
  /** Lets the reply, and what came after it, go on to the client. */
  release(): void;
}

/**
 * A proxy between clients and one server, transparent until told otherwise. It reads both streams as RESP2 or
 * RESP3 and knows which reply belongs to which command, pipelines, pushes, pub/sub and MONITOR included
 * (`CLIENT REPLY OFF` is not).
 *
 * Faults are armed before the command is sent. Each promise resolves when the fault has struck as often as asked,
 * and rejects when `reset()` or `stop()` disarms it earlier.
 */
export interface FaultProxy extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly url: string;
  /** The number of open client connections. */
  readonly connections: number;
  /** All commands that clients have sent, oldest first, whatever became of them. */
  readonly commands: readonly SeenCommand[];
  /** How many of them have this name; of any name by default. */
  count(name?: string): number;
  /** Forgets the commands, disarms all faults, releases held replies. */
  reset(): void;

  /**
   * Lets the server execute the command and cuts the connection instead of passing on the reply. Earlier replies
   * reach the client; commands behind it on the same connection never reach the server.
   */
  dropReplyTo(name: string, options?: FaultOptions): Promise<void>;
  /** Cuts the connection instead of passing on the command, when all earlier commands have been answered. */
  dropCommand(name: string, options?: FaultOptions): Promise<void>;
  /**
   * Answers the command in place of the server, which never sees it: `replyOnce('get', 'LOADING not yet')`. The
   * error comes in its turn. Inside MULTI the server refuses the command too, so that EXEC aborts as it would.
   */
  replyOnce(name: string, error: string, options?: FaultOptions): Promise<void>;
  /** Lets the server execute the command, and passes on these bytes in place of its reply, whatever they are. */
  replaceReplyTo(name: string, reply: string, options?: FaultOptions): Promise<void>;
  /** Keeps the reply, and all that the server sends after it on this connection, until released. */
  holdReplyTo(name: string, options?: Omit<FaultOptions, 'times'>): HeldReply;

  /** Destroys all connections now, and returns how many. */
  cutAll(): number;
  /** Goes on accepting connections and bytes, but forwards nothing (half-open), in both or one direction. */
  pause(what?: Paused): void;
  resume(): void;
  /**
   * Makes some connections half-open for good: they stay open, and nothing goes through them any more. Those that come
   * later work.
   */
  freeze(connections: readonly number[]): void;
  /** As if the server were down: cuts all connections (unless `cut` is false) and refuses new ones. */
  refuse(options?: { readonly cut?: boolean }): void;
  /** Listens again, on the same port. */
  accept(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a proxy on a free port of loopback in front of the server on `port`. */
export async function startFaultProxy(target: { readonly port: number }): Promise<FaultProxy> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const proxy = new LoopbackProxy(somePort(), target.port);
    if (await proxy.tryToListen()) return proxy;
  }
  throw new Error('Found no free port for the proxy');
}

/** One proxy per node of a cluster. */
export interface ClusterProxy extends AsyncDisposable {
  readonly proxies: readonly FaultProxy[];
  /** For `new Cluster(startupNodes, { natMap })`: leads the client to the proxies instead of the nodes. */
  readonly startupNodes: { readonly host: string; readonly port: number }[];
  readonly natMap: Record<string, { host: string; port: number }>;
  /** The proxy in front of a node. */
  of(node: { readonly port: number }): FaultProxy;
  stop(): Promise<void>;
}

/** Starts a proxy in front of every node of a cluster. */
export async function startClusterProxy(nodes: readonly { readonly port: number }[]): Promise<ClusterProxy> {
  const pairs = await Promise.all(nodes.map(async ({ port }) => ({ port, proxy: await startFaultProxy({ port }) })));
  const address = ({ host, port }: FaultProxy) => ({ host, port });
  const stop = async () => {
    await Promise.all(pairs.map(({ proxy }) => proxy.stop()));
  };
  return {
    proxies: pairs.map(({ proxy }) => proxy),
    startupNodes: pairs.map(({ proxy }) => address(proxy)),
    natMap: Object.fromEntries(pairs.map(({ port, proxy }) => [`127.0.0.1:${port}`, address(proxy)])),
    of(node) {
      const pair = pairs.find(({ port }) => port === node.port);
      if (pair === undefined) throw new Error(`There is no proxy in front of port ${node.port}`);
      return pair.proxy;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

class LoopbackProxy implements FaultProxy {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly url: string;
  readonly #target: number;
  /** The open connections by their numbers. */
  readonly #links = new Map<Link, number>();
  readonly #frozen = new Set<Link>();
  readonly #releases = new Set<() => void>();
  #rules: Rule[] = [];
  #commands: SeenCommand[] = [];
  #server: Server | undefined;
  #accepted = 0;
  #paused: Paused | undefined;

  constructor(port: number, target: number) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#target = target;
  }

  get connections(): number {
    return this.#links.size;
  }

  get commands(): readonly SeenCommand[] {
    return this.#commands;
  }

  count(name?: string): number {
    if (name === undefined) return this.#commands.length;
    return this.#commands.filter((command) => command.name === name.toUpperCase()).length;
  }

  reset(): void {
    this.#commands = [];
    for (const rule of this.#rules.splice(0)) rule.fail(new Error(`The fault at ${rule.name} was disarmed`));
    for (const release of this.#releases) release();
    this.#releases.clear();
  }

  dropReplyTo(name: string, options?: FaultOptions): Promise<void> {
    return this.#arm({ kind: 'drop reply' }, name, options);
  }

  dropCommand(name: string, options?: FaultOptions): Promise<void> {
    return this.#arm({ kind: 'drop command' }, name, options);
  }

  replyOnce(name: string, error: string, options?: FaultOptions): Promise<void> {
    return this.#arm({ kind: 'answer', line: Buffer.from(`-${error}\r\n`) }, name, options);
  }

  replaceReplyTo(name: string, reply: string, options?: FaultOptions): Promise<void> {
    return this.#arm({ kind: 'replace', line: Buffer.from(reply) }, name, options);
  }

  holdReplyTo(name: string, options: Omit<FaultOptions, 'times'> = {}): HeldReply {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#releases.add(release);
    return { reached: this.#arm({ kind: 'hold', released }, name, options), release };
  }

  cutAll(): number {
    const links = [...this.#links.keys()];
    for (const link of links) link.destroy();
    return links.length;
  }

  pause(what: Paused = 'both'): void {
    this.#paused = what;
    for (const link of this.#links.keys()) link.flow(what);
  }

  resume(): void {
    this.#paused = undefined;
    for (const link of this.#links.keys()) if (!this.#frozen.has(link)) link.flow(undefined);
  }

  freeze(connections: readonly number[]): void {
    for (const [link, connection] of this.#links) {
      if (!connections.includes(connection)) continue;
      this.#frozen.add(link);
      link.flow('both');
    }
  }

  refuse(options: { readonly cut?: boolean } = {}): void {
    this.#server?.close();
    this.#server = undefined;
    if (options.cut !== false) this.cutAll();
  }

  async accept(): Promise<void> {
    if (this.#server === undefined && !(await this.tryToListen())) throw new Error(`Port ${this.port} is taken`);
  }

  async tryToListen(): Promise<boolean> {
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => this.#take(client));
    const could = await listen(server, this.port);
    if (could) this.#server = server;
    return could;
  }

  async stop(): Promise<void> {
    this.reset();
    const ended = [...this.#links.keys()].map((link) => link.closed);
    this.refuse();
    await within(Promise.all(ended), 20_000, 'the connections of the proxy to close');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #arm(fault: Fault, name: string, options: FaultOptions = {}): Promise<void> {
    const { times = 1, where = () => true } = options;
    const arg = options.arg === undefined ? undefined : Buffer.from(options.arg);
    const struck = new Promise<void>((resolve, reject) => {
      this.#rules.push({
        fault,
        name: name.toUpperCase(),
        matches: (args) => (arg === undefined || args.some((one) => one.equals(arg))) && where(args),
        open: times,
        left: times,
        done: resolve,
        fail: reject,
      });
    });
    // A test that arms a fault and fails elsewhere should not fail a second time for this.
    struck.catch(() => {});
    return struck;
  }

  #take(client: Socket): void {
    this.#accepted += 1;
    const connection = this.#accepted;
    const link = new Link(client, this.#target, {
      onCommand: (name, args) => {
        this.#commands.push({ name, args: args.map((arg) => Buffer.from(arg)), connection });
        const rule = this.#rules.find((one) => one.name === name && one.open > 0 && one.matches(args));
        if (rule !== undefined) rule.open -= 1;
        return rule;
      },
      onStruck: (rule) => {
        rule.left -= 1;
        if (rule.left > 0) return;
        this.#rules = this.#rules.filter((one) => one !== rule);
        rule.done();
      },
      onClose: () => this.#links.delete(link),
    });
    this.#links.set(link, connection);
    link.flow(this.#paused);
  }
}
