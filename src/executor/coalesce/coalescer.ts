/*
 * Combining: which calls of a tick become one command?
 *
 * In come commands, one for each call, and out go combined calls in the order in which they have to run, at the end of the
 * tick. The executor puts calls in, and hands what comes out to `deliver/`.
 */
import type { Argument, Command, Family } from '../../command/command.js';
import { timers } from '../../timers.js';
import { Backlog, sizeOf } from './backlog.js';
import { CombinedCall } from './combined-call.js';

/**
 * The last combined call, by its order, that read or wrote each part of a key; -1 for none. Parts are those of the type
 * noted first: for commands on parts of another type the key is a whole.
 */
class Touches {
  #parts: Family['scope'] | undefined;
  #wholeRead = -1;
  #wholeWrite = -1;
  #anyRead = -1;
  #anyWrite = -1;
  readonly #fieldReads = new Map<string, number>();
  readonly #fieldWrites = new Map<string, number>();

  /** Returns the latest combined call that must run before a command. */
  latestBefore(command: Command<unknown>): number {
    const { family, access } = command;
    const stride = this.#strideOf(family);
    if (stride === 0) {
      return access === 'write' ? Math.max(this.#anyRead, this.#anyWrite) : this.#anyWrite;
    }
    let latest = access === 'write' ? Math.max(this.#wholeRead, this.#wholeWrite) : this.#wholeWrite;
    for (let i = 0; i < command.args.length; i += stride) {
      const field = command.args[i] as string;
      latest = Math.max(latest, this.#fieldWrites.get(field) ?? -1);
      if (access === 'write') latest = Math.max(latest, this.#fieldReads.get(field) ?? -1);
    }
    return latest;
  }

  /** Notes that one or more commands of a family, with all their arguments, run in the combined call of this order. */
  note({ family, access, args }: Noted, order: number): void {
    if (access === 'write') this.#anyWrite = Math.max(this.#anyWrite, order);
    else this.#anyRead = Math.max(this.#anyRead, order);
    if (family !== null && family.scope !== 'whole') this.#parts ??= family.scope;
    const stride = this.#strideOf(family);
    if (stride === 0) {
      if (access === 'write') this.#wholeWrite = Math.max(this.#wholeWrite, order);
      else this.#wholeRead = Math.max(this.#wholeRead, order);
      return;
    }
    const fields = access === 'write' ? this.#fieldWrites : this.#fieldReads;
    for (let i = 0; i < args.length; i += stride) {
      const field = args[i] as string;
      const known = fields.get(field);
      if (known === undefined || known < order) fields.set(field, order);
    }
  }

  /** Returns the stride of arguments that name parts; 0 for a command on the whole key. */
  #strideOf(family: Family | null): number {
    if (family === null || family.scope === 'whole') return 0;
    return this.#parts === undefined || family.scope === this.#parts ? family.stride : 0;
  }
}

/** The parts of one or more commands that tell what they touch. */
interface Noted {
  readonly family: Family | null;
  readonly access: 'read' | 'write';
  readonly args: readonly Argument[];
}

/** The combined calls of one key in this tick. */
class KeyQueue {
  readonly combinedCalls: CombinedCall[] = [];
  /** Undefined while all calls are of one family: then each may join the last combined call unchecked. */
  touches: Touches | undefined;

  constructor(readonly key: string) {}

  /** Returns the last combined call of a family, which may still accept calls. */
  open(family: Family): CombinedCall | undefined {
    for (let i = this.combinedCalls.length - 1; i >= 0; i -= 1) {
      const combined = this.combinedCalls[i] as CombinedCall;
      if (combined.family === family) return combined;
    }
    return undefined;
  }

  track(): Touches {
    if (this.touches === undefined) {
      this.touches = new Touches();
      for (const combined of this.combinedCalls) this.touches.note(combined, combined.order);
    }
    return this.touches;
  }
}

/**
 * Combines the calls of one tick to few commands.
 *
 * A call joins the last combined call of its family on its key, unless something that it must come after (a write of the
 * same field, say) is in a later one; then it opens a new one. Combined calls are sent in the order in which they were
 * opened, at the end of the tick in which their first call was made: a lone call is not delayed beyond its own tick.
 */
export class Coalescer {
  readonly #send: (combinedCalls: readonly CombinedCall[]) => void;
  readonly #schedule: (flush: () => void) => void;
  /** The queue of the first key of this tick, which is often the only one. */
  #first: KeyQueue | undefined;
  readonly #others = new Map<string, KeyQueue>();
  #combinedCalls: CombinedCall[] = [];
  readonly #backlog: Backlog;

  /**
   * @param schedule Decides when to send; by default at the end of the tick.
   * @param backlog Counts calls until they are answered.
   */
  constructor(
    send: (combinedCalls: readonly CombinedCall[]) => void,
    schedule: (flush: () => void) => void = atEndOfTick,
    backlog = new Backlog(),
  ) {
    this.#send = send;
    this.#schedule = schedule;
    this.#backlog = backlog;
  }

  /**
   * Adds a call, and returns the reply to its command.
   *
   * @param deadline Milliseconds until the deadline of the call.
   * @param bytes Its size by `sizeOf`.
   */
  add(command: Command<unknown>, deadline: number, bytes = sizeOf(command)): Promise<unknown> {
    if (this.#combinedCalls.length === 0) this.#schedule(this.flush);
    const { keys } = command;
    return keys.length === 1
      ? this.#place(command, deadline, bytes, this.#queue(keys[0]))
      : this.#placeLast(command, deadline, bytes, keys);
  }

  #queue(key: string): KeyQueue {
    if (this.#first === undefined) return (this.#first = new KeyQueue(key));
    if (this.#first.key === key) return this.#first;
    let queue = this.#others.get(key);
    if (queue === undefined) {
      queue = new KeyQueue(key);
      this.#others.set(key, queue);
    }
    return queue;
  }

  #place(command: Command<unknown>, deadline: number, bytes: number, queue: KeyQueue): Promise<unknown> {
    const { family } = command;
    const candidate = family === null ? undefined : queue.open(family);
    if (queue.touches === undefined && queue.combinedCalls.length > 0 && candidate === undefined) queue.track();
    if (candidate !== undefined) {
      const free = queue.touches === undefined || queue.touches.latestBefore(command) <= candidate.order;
      if (free && candidate.add(command, deadline, bytes)) {
        queue.touches?.note(command, candidate.order);
        return candidate.reply();
      }
    }
    return this.#open(command, deadline, bytes, [queue]);
  }

  /** Adds a command on several keys, which is not combined and runs after all earlier calls on any of them. */
  #placeLast(command: Command<unknown>, deadline: number, bytes: number, keys: readonly string[]): Promise<unknown> {
    const queues = keys.map((key) => this.#queue(key));
    for (const queue of queues) queue.track();
    return this.#open(command, deadline, bytes, queues);
  }

  #open(command: Command<unknown>, deadline: number, bytes: number, queues: readonly KeyQueue[]): Promise<unknown> {
    const combined = new CombinedCall(this.#combinedCalls.length, command, deadline, bytes, this.#backlog);
    this.#combinedCalls.push(combined);
    for (const queue of queues) {
      queue.combinedCalls.push(combined);
      queue.touches?.note(command, combined.order);
    }
    return combined.reply();
  }

  /** Sends the calls so far. */
  readonly flush = (): void => {
    const combinedCalls = this.#combinedCalls;
    // They were sent before the end of the tick.
    if (combinedCalls.length === 0) return;
    this.#combinedCalls = [];
    this.#first = undefined;
    if (this.#others.size > 0) this.#others.clear();
    let failed: CombinedCall[] | undefined;
    for (const combined of combinedCalls) if (!closed(combined)) (failed ??= []).push(combined);
    this.#send(failed === undefined ? combinedCalls : combinedCalls.filter((combined) => !failed.includes(combined)));
  };
}

/** Closes a combined call. One that cannot become a command fails by itself, so that no caller is left waiting. */
function closed(combined: CombinedCall): boolean {
  try {
    combined.close();
    return true;
  } catch (error) {
    combined.fail(error);
    combined.release();
    return false;
  }
}

/** Runs `flush` after all promise callbacks that are due, so that calls of awaiting code gather too. */
function atEndOfTick(flush: () => void): void {
  timers.atEndOfTick(flush);
}

/** Combines commands to as few as their order allows, without sending them, and returns the reply to each. */
export function combine(commands: readonly Command<unknown>[]): {
  readonly combinedCalls: readonly CombinedCall[];
  readonly replies: readonly Promise<unknown>[];
} {
  let combinedCalls: readonly CombinedCall[] = [];
  let flush = (): void => {};
  const coalescer = new Coalescer(
    (made) => {
      combinedCalls = made;
    },
    (now) => {
      flush = now;
    },
  );
  const replies = commands.map((command) => coalescer.add(command, 0));
  flush();
  return { combinedCalls, replies };
}
