import { CodecError } from '../errors.js';
import type { Argument, Command, Family, RawReply } from '../command/command.js';

/** A call that waits for its reply. */
export interface Call {
  readonly command: Command<unknown>;
  /** Milliseconds until it must have ended. */
  readonly deadline: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** One command on its way, and the calls that it answers. */
export interface Batch {
  readonly command: Command<unknown>;
  readonly calls: readonly Call[];
  readonly deadline: number;
  /** Hands each call its part of the reply. */
  settle(raw: RawReply): void;
  fail(error: unknown): void;
}

/** The most arguments that calls are combined into: one HMGET of more gains nothing and blocks the server longer. */
export const MAX_COMBINED_ARGUMENTS = 2_048;

/** About the most bytes of arguments that calls are combined into; a call that has more goes alone. */
export const MAX_COMBINED_BYTES = 1 << 20;

/** Calls that will be sent as one command. */
class OpenBatch {
  readonly calls: Call[];
  arguments: number;
  bytes: number;

  constructor(
    readonly order: number,
    readonly family: Family | null,
    call: Call,
  ) {
    this.calls = [call];
    this.arguments = Math.max(call.command.args.length, 1);
    this.bytes = bytesOf(call.command.args);
  }

  /** Takes the call in if there is room. */
  join(call: Call): boolean {
    // Calls that are less patient than others are not made to share their deadline.
    if (call.deadline !== (this.calls[0] as Call).deadline) return false;
    const { args } = call.command;
    const bytes = bytesOf(args);
    if (this.arguments + Math.max(args.length, 1) > MAX_COMBINED_ARGUMENTS || this.bytes + bytes > MAX_COMBINED_BYTES)
      return false;
    this.calls.push(call);
    this.arguments += Math.max(args.length, 1);
    this.bytes += bytes;
    return true;
  }
}

/** About how many bytes arguments have; text is counted by its UTF-16 units. */
function bytesOf(args: readonly Argument[]): number {
  let bytes = 0;
  for (let i = 0; i < args.length; i += 1) bytes += (args[i] as Argument).length;
  return bytes;
}

/** Where each part of a key was last touched, as orders of batches; -1 for never. */
class Touches {
  #wholeRead = -1;
  #wholeWrite = -1;
  #anyRead = -1;
  #anyWrite = -1;
  readonly #fieldReads = new Map<string, number>();
  readonly #fieldWrites = new Map<string, number>();

  /** The latest batch that has to stay before a command. */
  latestBefore(command: Command<unknown>): number {
    const { family, access } = command;
    if (family === null || family.scope === 'whole') {
      return access === 'write' ? Math.max(this.#anyRead, this.#anyWrite) : this.#anyWrite;
    }
    let latest = access === 'write' ? Math.max(this.#wholeRead, this.#wholeWrite) : this.#wholeWrite;
    for (let i = 0; i < command.args.length; i += family.stride) {
      const field = command.args[i] as string;
      latest = Math.max(latest, this.#fieldWrites.get(field) ?? -1);
      if (access === 'write') latest = Math.max(latest, this.#fieldReads.get(field) ?? -1);
    }
    return latest;
  }

  /** Notes that a command runs in the batch of this order. */
  note(command: Command<unknown>, order: number): void {
    const { family, access } = command;
    if (access === 'write') this.#anyWrite = Math.max(this.#anyWrite, order);
    else this.#anyRead = Math.max(this.#anyRead, order);
    if (family === null || family.scope === 'whole') {
      if (access === 'write') this.#wholeWrite = Math.max(this.#wholeWrite, order);
      else this.#wholeRead = Math.max(this.#wholeRead, order);
      return;
    }
    const fields = access === 'write' ? this.#fieldWrites : this.#fieldReads;
    for (let i = 0; i < command.args.length; i += family.stride) {
      const field = command.args[i] as string;
      const known = fields.get(field);
      if (known === undefined || known < order) fields.set(field, order);
    }
  }
}

/** What waits for one key in this tick. */
class KeyQueue {
  readonly batches: OpenBatch[] = [];
  /** Undefined while all calls are of one family: then each may join the last batch without a look at its fields. */
  touches: Touches | undefined;

  /** The last batch of a family, which may still take calls in. */
  open(family: Family): OpenBatch | undefined {
    for (let i = this.batches.length - 1; i >= 0; i -= 1) {
      const batch = this.batches[i] as OpenBatch;
      if (batch.family === family) return batch;
    }
    return undefined;
  }

  track(): Touches {
    if (this.touches === undefined) {
      this.touches = new Touches();
      for (const { calls, order } of this.batches) for (const { command } of calls) this.touches.note(command, order);
    }
    return this.touches;
  }
}

/**
 * Gathers the calls of one tick and makes few commands of them.
 *
 * A call joins the last batch of its family on its key, unless something that it must come after (a write of the
 * same field, say) is in a later batch; then it opens a new one. Batches are sent in the order in which they were
 * opened, at the end of the tick in which their first call was made: a lone call is not delayed beyond its own tick.
 */
export class Coalescer {
  readonly #send: (batches: readonly Batch[]) => void;
  readonly #schedule: (flush: () => void) => void;
  readonly #queues = new Map<string, KeyQueue>();
  #batches: OpenBatch[] = [];

  /** @param schedule When to send; by default at the end of the tick. */
  constructor(send: (batches: readonly Batch[]) => void, schedule: (flush: () => void) => void = atEndOfTick) {
    this.#send = send;
    this.#schedule = schedule;
  }

  add(call: Call): void {
    if (this.#batches.length === 0) this.#schedule(this.#flush);
    const { keys } = call.command;
    if (keys.length === 1) this.#place(call, this.#queue(keys[0]));
    else this.#placeLast(call, keys);
  }

  #queue(key: string): KeyQueue {
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = new KeyQueue();
      this.#queues.set(key, queue);
    }
    return queue;
  }

  #place(call: Call, queue: KeyQueue): void {
    const { command } = call;
    const { family } = command;
    const candidate = family === null ? undefined : queue.open(family);
    if (queue.touches === undefined && queue.batches.length > 0 && candidate === undefined) queue.track();
    if (candidate !== undefined) {
      const free = queue.touches === undefined || queue.touches.latestBefore(command) <= candidate.order;
      if (free && candidate.join(call)) {
        queue.touches?.note(command, candidate.order);
        return;
      }
    }
    this.#open(call, [queue]);
  }

  /** A command on several keys joins nothing and stays behind all that was called before on any of them. */
  #placeLast(call: Call, keys: readonly string[]): void {
    const queues = keys.map((key) => this.#queue(key));
    for (const queue of queues) queue.track();
    this.#open(call, queues);
  }

  #open(call: Call, queues: readonly KeyQueue[]): void {
    const batch = new OpenBatch(this.#batches.length, call.command.family, call);
    this.#batches.push(batch);
    for (const queue of queues) {
      queue.batches.push(batch);
      queue.touches?.note(call.command, batch.order);
    }
  }

  readonly #flush = (): void => {
    const batches = this.#batches;
    this.#batches = [];
    this.#queues.clear();
    this.#send(batches.map(closeBatch));
  };
}

/**
 * nextTick runs after all promise callbacks that are due, so that the calls of code which awaits gather too. A promise
 * costs less than `queueMicrotask`, which keeps track of contexts.
 */
function atEndOfTick(flush: () => void): void {
  void Promise.resolve().then(() => process.nextTick(flush));
}

/** As few commands as the order of the calls allows, made at once instead of sent. */
export function combine(calls: readonly Call[]): readonly Batch[] {
  let combined: readonly Batch[] = [];
  let flush = (): void => {};
  const coalescer = new Coalescer(
    (batches) => {
      combined = batches;
    },
    (now) => {
      flush = now;
    },
  );
  for (const call of calls) coalescer.add(call);
  flush();
  return combined;
}

/** One call that goes by itself. */
class LoneBatch implements Batch {
  readonly calls: readonly [Call];

  constructor(call: Call) {
    this.calls = [call];
  }

  get command(): Command<unknown> {
    return this.calls[0].command;
  }

  get deadline(): number {
    return this.calls[0].deadline;
  }

  settle(raw: RawReply): void {
    settleCall(this.calls[0], raw);
  }

  fail(error: unknown): void {
    this.calls[0].reject(error);
  }
}

/** Several calls that go as one command of their family. */
class CombinedBatch implements Batch {
  readonly calls: readonly Call[];
  readonly command: Command<unknown>;
  readonly deadline: number;
  readonly #family: Family;
  readonly #members: readonly Command<unknown>[];

  constructor(calls: readonly [Call, ...Call[]], family: Family) {
    this.calls = calls;
    this.deadline = calls[0].deadline;
    this.#family = family;
    this.#members = calls.map((call) => call.command);
    this.command = family.combine(this.#members);
  }

  settle(raw: RawReply): void {
    const { calls } = this;
    const raws = this.#family.distribute(raw, this.#members);
    // A reply that is too short must not look like entries that are missing.
    if (raws.length !== calls.length) throw new Error(`${raws.length} replies came for ${calls.length} calls`);
    for (let i = 0; i < calls.length; i += 1) settleCall(calls[i] as Call, raws[i] ?? null);
  }

  fail(error: unknown): void {
    for (const call of this.calls) call.reject(error);
  }
}

function closeBatch({ calls, family }: OpenBatch): Batch {
  const all = calls as [Call, ...Call[]];
  return all.length === 1 || family === null ? new LoneBatch(all[0]) : new CombinedBatch(all, family);
}

/** A reply that cannot be read is the error of the one call that asked for it. */
function settleCall(call: Call, raw: RawReply): void {
  let value: unknown;
  try {
    value = call.command.reply(raw);
  } catch (error) {
    call.reject(error instanceof CodecError ? error.at(call.command.keys[0]) : error);
    return;
  }
  call.resolve(value);
}
