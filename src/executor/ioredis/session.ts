import type { Argument } from '../../command/command.js';
import type { IoredisClient } from './ioredis-client.js';
import { forgetUserOf } from './send.js';

/** Who a connection is to the server. */
interface Credentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** What the commands that a client has sent made of its connection, and do not make of the next one. */
export interface Session {
  /** The database. */
  readonly db: number;
  /** By AUTH, HELLO or RESET; undefined where the client's options say it. */
  readonly credentials: Credentials | undefined;
  /** By CLIENT SETNAME; undefined where the client's options say it. */
  readonly name: string | undefined;
  /** CLIENT NO-EVICT and NO-TOUCH, with what they set. */
  readonly flags: Readonly<Record<string, string>>;
}

/** A command of ioredis, as far as it is looked at here. */
interface Sent {
  readonly name: string;
  readonly args: readonly (Argument | number)[];
  reject: (error: unknown) => void;
}

const NOTHING: Session = { db: 0, credentials: undefined, name: undefined, flags: {} };

/**
 * Follows what a client is told about its own connection: SELECT, AUTH, HELLO, CLIENT SETNAME and their like. ioredis
 * keeps nothing of that but the database, and its `duplicate()` not even that. What holds for the connections of a
 * client ends with each of them, but for the database, which ioredis selects again.
 */
export class SessionWatch {
  readonly #client: IoredisClient;
  #session = NOTHING;
  /** The connection that it is about. */
  #stream: object | undefined;
  /** What the options were when the credentials were given: whoever changes them later means those. */
  #options: Credentials | undefined;

  constructor(client: IoredisClient) {
    this.#client = client;
    const send = client.sendCommand.bind(client);
    // Everything a client sends comes past here: calls by name, pipelines and transactions too.
    client.sendCommand = (command, stream) => {
      this.#note(command as Sent);
      return send(command, stream);
    };
  }

  /** What holds now: the same object as long as it does. */
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
    // What is queued comes past here again; before, ioredis itself does what the options say.
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
  // To a user without a password, if there is one.
  ['reset', () => ({ ...NOTHING, credentials: { username: undefined, password: undefined } })],
];

/** By their names in lower case, as ioredis' own methods send them, and in capitals. */
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
