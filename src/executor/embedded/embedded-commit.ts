import { isError } from '../../brands.js';
import { type Argument, type Command, CommandKind, type RawReply } from '../../command/command.js';
import * as readers from '../../command/readers.js';
import { digestOf, digestOfItems } from '../../command/commit.js';
import type { Call } from './embedded-commands.js';

/** One step of the script `commit`, parsed from its arguments. */
interface Step {
  readonly name: string;
  readonly key: string;
  readonly number: string;
  readonly args: readonly Argument[];
}

/** Runs a native command as a server would. */
export type RunNative = (command: Command<unknown>) => Promise<RawReply>;

function stepsOf({ keys, args }: Command<unknown>): Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < args.length; ) {
    const [name = '', number = '', count = ''] = args.slice(i, i + 3).map(String);
    const first = i + 3;
    i = first + Number(count);
    steps.push({ name, number, key: keys[Number(number) - 1] ?? '', args: args.slice(first, i) });
  }
  return steps;
}

const digestOfReply = (value: RawReply): string => digestOf((value as Buffer | null) ?? undefined);

const toNumber = (score: unknown): number => Number(String(score).replace(/^([+-]?)inf$/i, '$1Infinity'));

const isScore = (current: RawReply, expected: Argument): boolean =>
  String(expected) === '-' ? current === null : current !== null && toNumber(current) === toNumber(expected);

/** The script `commit` for a client whose Lua has neither bytes nor digests. Nothing else runs meanwhile. */
export class EmbeddedCommit {
  readonly #steps: readonly Step[];
  readonly #call: Call;
  readonly #run: RunNative;

  constructor(command: Command<unknown>, call: Call, run: RunNative) {
    this.#steps = stepsOf(command);
    this.#call = call;
    this.#run = run;
  }

  async reply(): Promise<RawReply> {
    for (const { key, number, args } of this.#named('type')) {
      const actual = String((await this.#call('type', key)) ?? 'string');
      if (actual !== 'none' && actual !== String(args[0])) return this.#texts('type', number);
    }
    const met: boolean[] = [];
    for (const step of this.#steps) met.push(...(await this.#expectationsOf(step)));
    const unmet = met.flatMap((is, i) => (is ? [] : [String(i + 1)]));
    if (unmet.length > 0) return this.#texts('conflicts', ...unmet);
    const failure = await this.#count();
    if (failure !== undefined) return failure;
    const lifetimes = new Map<string, number>();
    for (const { key } of this.#named('keepLifetime')) lifetimes.set(key, Number(await this.#call('pttl', key)));
    for (const step of this.#steps) await this.#write(step);
    for (const [key, lifetime] of lifetimes) {
      if (lifetime >= 0 && Number(await this.#call('pttl', key)) === -1) await this.#call('pexpire', key, lifetime);
    }
    return this.#texts('done');
  }

  async #expectationsOf({ name, key, args }: Step): Promise<boolean[]> {
    switch (name) {
      case 'expectFields':
        return this.#pairs(
          args,
          async (field, is) => digestOfReply(await this.#native('hget', key, field)) === String(is),
        );
      case 'expectMembers':
        return this.#pairs(args, async (one, is) => Number(await this.#native('sismember', key, one)) === Number(is));
      case 'expectScores':
        return this.#pairs(args, async (one, is) => isScore(await this.#native('zscore', key, one), is));
      case 'expectValue':
        return [digestOfReply(await this.#native('get', key)) === String(args[0])];
      case 'expectItems':
        return [digestOfItems((await this.#native('lrange', key, '0', '-1')) as Buffer[]) === String(args[0])];
      default:
        return [];
    }
  }

  /** Adds to counts; after a failure it undoes that and returns the reason. */
  async #count(): Promise<RawReply | undefined> {
    const counted: { key: string; field: Argument; before: RawReply }[] = [];
    for (const { key, number, args } of this.#named('increment')) {
      for (let i = 0; i < args.length; i += 2) {
        const [field = '', amount = ''] = args.slice(i, i + 2);
        const before = await this.#native('hget', key, field);
        try {
          await this.#native('hincrby', key, field, amount);
        } catch (error) {
          for (const { key: other, field: one, before: was } of counted.reverse()) {
            await (was === null ? this.#native('hdel', other, one) : this.#native('hset', other, one, was as Buffer));
          }
          return this.#texts('count', number, isError(error) ? error.message : '');
        }
        counted.push({ key, field, before });
      }
    }
    return undefined;
  }

  async #write({ name, key, args }: Step): Promise<void> {
    if (name === 'call') await this.#native(String(args[0]), key, ...args.slice(1));
    if (name !== 'mergeScores') return;
    for (let i = 0; i < args.length; i += 4) {
      const [member = '', before = '', after = '', added = ''] = args.slice(i, i + 4);
      const current = await this.#native('zscore', key, member);
      const sum = current === null ? 0 : toNumber(current) + toNumber(added);
      if (isScore(current, before) || Number.isNaN(sum)) await this.#native('zadd', key, after, member);
      else await this.#native('zincrby', key, added, member);
    }
  }

  #named(name: string): Step[] {
    return this.#steps.filter((step) => step.name === name);
  }

  async #pairs(
    args: readonly Argument[],
    check: (first: Argument, second: Argument) => Promise<boolean>,
  ): Promise<boolean[]> {
    const met: boolean[] = [];
    for (let i = 0; i < args.length; i += 2) met.push(await check(args[i] ?? '', args[i + 1] ?? ''));
    return met;
  }

  #native(name: string, key: string, ...args: readonly Argument[]): Promise<RawReply> {
    return this.#run(CommandKind.writing(name).of(key, args, readers.nothing));
  }

  #texts(...texts: readonly string[]): RawReply {
    return texts.map((text) => Buffer.from(text));
  }
}
