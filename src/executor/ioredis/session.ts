import type { Argument } from '../../command/command.js';
import type { IoredisClient } from './ioredis-client.js';
import type { Nodes } from './nodes.js';
import { forgetUserOf } from './send.js';

/** The user of a connection. */
interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** The state of a connection that commands of its client have set, and that a new connection does not have. */
export interface Session {
  /** The database. */
  readonly db: number;
  /** The user, if set by AUTH, HELLO or RESET; undefined if it is that of the client's options. */
  readonly credentials: Credentials | undefined;
  /** The name, if set by CLIENT SETNAME; undefined if it is that of the client's options. */
  readonly name: string | undefined;
  /** The flags CLIENT NO-EVICT and NO-TOUCH, with their values. */
  readonly flags: Readonly<Record<string, string>>;
}

/** The parts of an ioredis command that are used here. */
interface Sent {
  readonly name: string;
  readonly args: readonly (Argument | number)[];
  reject: (error: unknown) => void;
}

const NOTHING: Session = { db: 0, credentials: undefined, name: undefined, flags: {} };

/**
 * Tracks the commands that change the connection of a client: SELECT, AUTH, HELLO, CLIENT SETNAME and the like. ioredis
 * keeps only the database, and its `duplicate()` not even that. The state ends with each connection, except for the
 * database, which ioredis selects again.
 */
class SessionWatch {
  readonly #client: IoredisClient;
  #session = NOTHING;
  /** The connection that the state belongs to. */
  #stream: object | undefined;
  /** The options when the credentials were set: if a user changes them later, the options win. */
  #options: Credentials | undefined;

  constructor(client: IoredisClient) {
    this.#client = client;
    const send = client.sendCommand.bind(client);
    // All commands of a client pass here: calls by name, pipelines and transactions too.
    client.sendCommand = (command, stream) => {
      this.#note(command as Sent);
      return send(command, stream);
    };
  }

  /** The current state: the same object as long as it does not change. */
  get current(): Session {
    const { stream, condition } = this.#client;
    if (stream !== this.#stream) {
      this.#stream = stream;
      this.#session = { ...NOTHING, db: condition?.select ?? 0 };
    }
    const { credentials } = this.#session;
    if (credentials !== undefined && !isSame(this.#options, credentialsOf(this.#client))) {
      this.#session = { ...this.#session, credentials: undefined };
    }
    return this.#session;
  }

  #note(command: Sent): void {
    const { name } = command;
    const change = CHANGES.get(name);
    // Queued commands pass here again; before `ready`, ioredis itself applies the options.
    if (change === undefined || this.#client.status !== 'ready') return;
    const before = this.current;
    const now = change(before, command.args.map(String));
    if (now === before) return;
    this.#session = now;
    if (now.credentials !== before.credentials) {
      this.#options = credentialsOf(this.#client);
      forgetUserOf(this.#client);
    }
    const { reject } = command;
    command.reject = (error) => {
      if (this.#session === now) this.#session = before;
      reject(error);
    };
  }
}

/** The states of the connections of all nodes of a client, which are tracked from the start. */
export class Sessions {
  readonly #watches = new WeakMap<IoredisClient, SessionWatch>();

  constructor(nodes: Nodes) {
    nodes.watch((node) => this.#follow(node));
  }

  /** Returns the current state of a node's connection: the same object as long as it does not change. */
  of(node: IoredisClient): Session {
    return this.#follow(node).current;
  }

  #follow(node: IoredisClient): SessionWatch {
    let watch = this.#watches.get(node);
    if (watch === undefined) this.#watches.set(node, (watch = new SessionWatch(node)));
    return watch;
  }
}

type Change = (session: Session, args: readonly string[]) => Session;

const KNOWN: readonly (readonly [string, Change])[] = [
  [
    'select',
    (session: Session, [db = '']: readonly string[]) => {
      return /^\d+$/.test(db) && Number(db) !== session.db ? { ...session, db: Number(db) } : session;
    },
  ],
  ['auth', (session: Session, args: readonly string[]) => ({ ...session, credentials: credentialsIn(args) })],
  ['hello', afterHello],
  ['client', afterClient],
  // RESET authenticates as the default user, if that needs no password.
  ['reset', () => ({ ...NOTHING, credentials: { username: undefined, password: undefined } })],
];

/** The changes by the name of the command, in lower case, as ioredis' own methods send it, and in capitals. */
const CHANGES: ReadonlyMap<string, Change> = new Map(
  KNOWN.flatMap(([name, change]) => [
    [name, change],
    [name.toUpperCase(), change],
  ]),
);

function credentialsIn(args: readonly string[]): Credentials {
  const [first, second] = args;
  return second === undefined ? { username: undefined, password: first } : { username: first, password: second };
}

/** HELLO [version [AUTH username password] [SETNAME name]]. https://redis.io/docs/latest/commands/hello/ */
function afterHello(session: Session, args: readonly string[]): Session {
  let { credentials, name } = session;
  for (let i = 1; i < args.length; i += 1) {
    const word = args[i]?.toLowerCase();
    if (word === 'auth') {
      credentials = credentialsIn(args.slice(i + 1, i + 3));
      i += 2;
    } else if (word === 'setname') {
      name = args[i + 1];
      i += 1;
    }
  }
  return credentials === session.credentials && name === session.name ? session : { ...session, credentials, name };
}

function afterClient(session: Session, [word = '', value = '']: readonly string[]): Session {
  const what = word.toLowerCase();
  if (what === 'setname') return { ...session, name: value };
  return what === 'no-evict' || what === 'no-touch'
    ? { ...session, flags: { ...session.flags, [what]: value } }
    : session;
}

function credentialsOf({ options }: IoredisClient): Credentials {
  return { username: options.username ?? undefined, password: options.password ?? undefined };
}

function isSame(a: Credentials | undefined, b: Credentials): boolean {
  return a?.username === b.username && a?.password === b.password;
}
