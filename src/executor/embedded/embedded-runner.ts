import type { Argument, Command, RawReply } from '../../command/command.js';
import { commit } from '../../command/commit.gen.js';
import * as scripts from '../../command/scripts.gen.js';
import * as groupScripts from '../../command/stream-group.gen.js';
import { UnsupportedError } from '../../errors.js';
import type { IoredisClient } from '../ioredis/ioredis-client.js';
import { wireArguments } from '../ioredis/wire.js';
import { type Call, WrongType } from './embedded-commands.js';
import { EmbeddedCommit } from './embedded-commit.js';
import { countAnswerOf } from './embedded-counts.js';
import { groupAnswerOf } from './embedded-groups.js';
import { leaseAnswerOf } from './embedded-leases.js';
import { answerOf, dropIfEmpty } from './embedded-sets.js';
import { EmbeddedStreams, type StreamAnswer, streamAnswerOf } from './embedded-streams.js';

/**
 * Runs commands on ioredis-mock, made to answer as a server does where it would not: whole transactions at a time, and
 * with WRONGTYPE errors. It is loaded with the first command that an embedded client is sent.
 */
export class EmbeddedRunner {
  readonly #client: IoredisClient;
  readonly #streams: EmbeddedStreams;

  constructor(client: IoredisClient) {
    this.#client = client;
    this.#streams = new EmbeddedStreams(client);
  }

  run(command: Command<unknown>): Promise<RawReply> {
    return command.parts === null ? this.#run(command) : this.#runAll(command.parts);
  }

  async #runAll(parts: readonly Command<unknown>[]): Promise<RawReply> {
    const replies: RawReply[] = [];
    let failure: unknown;
    // As in a MULTI, one refused command does not keep the others from running.
    for (const part of parts) {
      try {
        replies.push(await this.#run(part));
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return replies;
  }

  async #run(command: Command<unknown>): Promise<RawReply> {
    if (command.source === commit.source) {
      return new EmbeddedCommit(command, this.#call, (part) => this.#run(part)).reply();
    }
    await this.#expectType(command);
    const streamAnswer = streamAnswerOf(command) ?? groupAnswerOf(command);
    if (streamAnswer !== undefined) return this.#answerOnStream(streamAnswer, command);
    const answer =
      countAnswerOf(command) ??
      leaseAnswerOf(command) ??
      answerOf(command) ??
      ((call) => call(command.name, ...argumentsOf(command)));
    const reply = await answer(this.#call, command);
    if (command.access === 'write') for (const key of command.keys) await dropIfEmpty(this.#call, key);
    // It leaves an empty list behind.
    if (command.name === 'ltrim' && Number(await this.#call('llen', command.keys[0])) === 0) {
      await this.#call('del', command.keys[0]);
    }
    return reply;
  }

  async #expectType(command: Command<unknown>): Promise<void> {
    const wanted = wantedType(command);
    if (wanted === undefined) return;
    for (const key of command.keys) {
      // It does not know the type of bytes.
      const actual = String((await this.#call('type', key)) ?? 'string');
      if (actual !== 'none' && actual !== wanted) {
        throw new WrongType();
      }
    }
  }

  async #answerOnStream(answer: StreamAnswer, command: Command<unknown>): Promise<RawReply> {
    const reply = answer(this.#streams, command);
    const ttl = command.source === scripts.streamAdd.source ? Number(command.args[2]) : 0;
    if (ttl > 0) await this.#call('pexpire', command.keys[0], ttl);
    return reply;
  }

  readonly #call: Call = async (name, ...args) => {
    if (name === 'type' && this.#streams.at(String(args[0])) !== undefined) return 'stream';
    const method = (this.#client as unknown as Record<string, MockMethod | undefined>)[`${name}Buffer`];
    if (method === undefined) {
      throw new UnsupportedError(`The embedded client cannot do ${name.toUpperCase()}: use a Redis server`);
    }
    // It would keep the Buffer itself, whose memory is used again.
    return method.call(this.#client, ...args.map((arg) => (typeof arg === 'object' ? Buffer.from(arg) : arg)));
  };
}

type MockMethod = (...args: readonly (Argument | number)[]) => Promise<RawReply>;

/** Which type of value a command works on, by how its name begins. */
const TYPES: readonly (readonly [RegExp, string])[] = [
  [/^h/, 'hash'],
  [/^(bl|l|r)(?!ename)/, 'list'],
  [/^s(?!et$|can$)/, 'set'],
  [/^z/, 'zset'],
  [/^x/, 'stream'],
  [/^get/, 'string'],
];

/** Which type of value a script works on, by the beginning of its name. */
const KEY_TYPES: readonly (readonly [prefix: string, type: string])[] = [
  ['hash-', 'hash'],
  ['list-', 'list'],
  ['set-', 'set'],
  ['sorted-set-', 'zset'],
  ['stream-', 'stream'],
  ['string-', 'string'],
];

const SCRIPT_TYPES: ReadonlyMap<string, string | undefined> = new Map(
  [...Object.values(scripts), ...Object.values(groupScripts)].map(({ signature, source }) => [
    source,
    KEY_TYPES.find(([prefix]) => signature.name.startsWith(prefix))?.[1],
  ]),
);

/** The type of value that all keys of a command must have, if they exist; undefined when any will do. */
function wantedType({ name, args, source }: Command<unknown>): string | undefined {
  if (source === scripts.each.source) return typeOfCommand(String(args[0]));
  if (source === scripts.create.source) return String(args[0]);
  // This one cleans up before it minds the type.
  if (source === scripts.stringPut.source) return undefined;
  if (source !== null) return SCRIPT_TYPES.get(source);
  // SET minds the type only where it replies what was there.
  return name === 'set' && args.includes('GET') ? 'string' : typeOfCommand(name);
}

function typeOfCommand(name: string): string | undefined {
  return TYPES.find(([pattern]) => pattern.test(name))?.[1];
}

/** It keeps text as text and bytes as bytes, and compares one with the other as different: values are always bytes. */
function argumentsOf(command: Command<unknown>): (Argument | number)[] {
  const args = wireArguments(command);
  if (command.name !== 'hset') return args;
  return args.map((arg, i) => (i > 0 && i % 2 === 0 && typeof arg === 'string' ? Buffer.from(arg) : arg));
}
