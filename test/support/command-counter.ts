import { randomUUID } from 'node:crypto';
import { RawClient } from './raw-client.js';
import { within } from './until.js';

/** A command that a server has executed. */
export interface ExecutedCommand {
  /** In capitals. */
  readonly name: string;
  readonly args: readonly Buffer[];
  /** The port of the server. */
  readonly port: number;
  /** Whether it ran between MULTI and EXEC of its client. */
  readonly inTransaction: boolean;
}

/** A line of MONITOR, taken apart. */
export interface MonitorLine {
  /** `ip:port` of the client, or `lua` for a command that a script ran. */
  readonly source: string;
  readonly words: readonly Buffer[];
}

/** One server, or several (masters only: a replica shows the same writes once more). */
export type Servers = { readonly port: number } | readonly { readonly port: number }[];

const MARK = 'redimap-mark:';

/** What connections and clusters need for themselves; it has no key. */
const HOUSEKEEPING = new Set(
  'ASKING AUTH CLIENT CLUSTER COMMAND ECHO HELLO INFO MONITOR PING READONLY READWRITE ROLE SELECT'.split(' '),
);

/**
 * Runs `work` and gives the commands that the servers executed for it, per server in the order of execution, as
 * MONITOR shows them. Commands from inside scripts are left out: the script itself is there as EVAL or EVALSHA.
 *
 * Other tests use the same servers, so only commands count that have `containing` (the unique host name) within
 * an argument. Commands without a key are therefore not reported, MULTI and EXEC among them: a transaction shows as
 * its keyed commands, with `inTransaction`. A command that a server turns away before executing it (MOVED, ASK,
 * TRYAGAIN, wrong number of arguments) is not shown either; count those with the fault proxy.
 *
 * With an empty `containing`, on a server of your own, everything but housekeeping counts.
 */
export async function countCommands(
  servers: Servers,
  containing: string,
  work: () => Promise<unknown>,
): Promise<ExecutedCommand[]> {
  const ports = ('port' in servers ? [servers] : servers).map(({ port }) => port);
  if (ports.length === 0) throw new Error('There is no server whose commands could be counted');
  const watches = await Promise.all(ports.map((port) => Watch.start(port, containing)));
  try {
    await work();
    const seen = await Promise.all(watches.map((watch) => watch.finish()));
    return seen.flat().filter((command) => counts(command, containing));
  } finally {
    for (const watch of watches) watch.close();
  }
}

function counts({ name, args }: ExecutedCommand, containing: string): boolean {
  if (containing !== '') return args.some((arg) => arg.includes(containing));
  return !HOUSEKEEPING.has(name) && name !== 'MULTI' && name !== 'EXEC' && name !== 'DISCARD';
}

/** What MONITOR shows of one server from `start` to `finish`. */
class Watch {
  readonly #port: number;
  readonly #monitor: RawClient;
  readonly #marker: RawClient;
  readonly #marks = new Map<string, () => void>();
  readonly #transactions = new Set<string>();
  #seen: ExecutedCommand[] = [];

  private constructor(port: number, containing: string, monitor: RawClient, marker: RawClient) {
    this.#port = port;
    this.#monitor = monitor;
    this.#marker = marker;
    monitor.onUnasked = (reply) => {
      const line = String(reply);
      if (!passesBy(line, containing)) this.#take(parseMonitorLine(line));
    };
  }

  static async start(port: number, containing: string): Promise<Watch> {
    const [monitor, marker] = await Promise.all([RawClient.connect(port), RawClient.connect(port)]);
    const watch = new Watch(port, containing, monitor, marker);
    try {
      await monitor.send('MONITOR');
      await watch.#mark();
      watch.#seen = [];
      return watch;
    } catch (error) {
      watch.close();
      throw error;
    }
  }

  async finish(): Promise<ExecutedCommand[]> {
    await this.#mark();
    return this.#seen;
  }

  close(): void {
    this.#monitor.close();
    this.#marker.close();
  }

  /** The server has one order for everything: once MONITOR shows the mark, it has shown all that was before. */
  async #mark(): Promise<void> {
    const mark = `${MARK}${randomUUID()}`;
    const shown = new Promise<void>((resolve) => this.#marks.set(mark, resolve));
    await this.#marker.send('ECHO', mark);
    await within(shown, 30_000, `MONITOR on port ${this.#port}`);
  }

  #take({ source, words }: MonitorLine): void {
    if (source === 'lua') return;
    const [word, ...args] = words;
    const name = String(word).toUpperCase();
    const first = String(args[0]);
    if (name === 'ECHO' && first.startsWith(MARK)) {
      // Those of other counters come by as well, and may contain anything.
      this.#marks.get(first)?.();
      return;
    }
    if (name === 'EXEC' || name === 'DISCARD') this.#transactions.delete(source);
    const inTransaction = this.#transactions.has(source);
    if (name === 'MULTI') this.#transactions.add(source);
    this.#seen.push({ name, args, port: this.#port, inTransaction });
  }
}

/** Characters from which on a line is long: neither a mark nor the begin or the end of a transaction. */
const LONG = 10_000;

/** Whether a line is of no account: other tests write values of many megabytes, which take seconds to be read. */
function passesBy(line: string, containing: string): boolean {
  return line.length > LONG && /^[\w.:-]+$/.test(containing) && !line.includes(containing);
}

const LINE = /^\d+\.\d+ \[\d+ (.*?)\] (.*)$/s;
const ESCAPE = /\\x([0-9a-f]{2})|\\(.)/g;
const NAMED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

/** Takes a line of MONITOR apart; the words come back as the bytes that they were. */
export function parseMonitorLine(line: string): MonitorLine {
  const [, source, words] = LINE.exec(line) ?? [];
  if (source === undefined || words === undefined) throw new Error(`Not a line of MONITOR: ${line}`);
  return { source, words: Array.from(quoted(words), unescape) };
}

/** What stands between quotes. Not by a regular expression: the stack of one is too small for a long word. */
function* quoted(text: string): Generator<string> {
  for (let start = text.indexOf('"'); start !== -1; ) {
    let end = start + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    yield text.slice(start + 1, end);
    start = text.indexOf('"', end + 1);
  }
}

function unescape(word: string): Buffer {
  const text = word.replace(ESCAPE, (_all, hex: string | undefined, letter: string) =>
    hex === undefined ? (NAMED[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(text, 'latin1');
}
