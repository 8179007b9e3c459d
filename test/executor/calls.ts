import type { CombinedCall } from '../../src/executor/coalesce/combined-call.js';
import { Coalescer } from '../../src/executor/coalesce/coalescer.js';
import type { Command, RawReply } from '../../src/command/command.js';

/** What became of a call, in a form that can be compared. */
export type Outcome = { readonly value: unknown } | { readonly error: string };

/** Batches as they were sent, tick by tick. */
export class Recorder {
  readonly ticks: (readonly CombinedCall[])[] = [];
  readonly coalescer: Coalescer;

  constructor(onCombined: (combinedCalls: readonly CombinedCall[]) => void = () => {}) {
    this.coalescer = new Coalescer((combinedCalls) => {
      this.ticks.push(combinedCalls);
      onCombined(combinedCalls);
    });
  }

  get combinedCalls(): CombinedCall[] {
    return this.ticks.flat();
  }

  get commands(): Command<unknown>[] {
    return this.combinedCalls.map((combined) => combined.command);
  }

  /** A call, as the executor makes it. */
  call<R>(command: Command<R>, deadline = 1_000): Promise<R> {
    return this.coalescer.add(command, deadline) as Promise<R>;
  }
}

/** Executes combined calls as a server would, one after the other. */
export function execute(combinedCalls: readonly CombinedCall[], run: (command: Command<unknown>) => RawReply): void {
  for (const combined of combinedCalls) {
    let raw: RawReply;
    try {
      raw = run(combined.command);
    } catch (error) {
      combined.fail(error);
      continue;
    }
    combined.settle(raw);
  }
}

/** After everything that is due in this tick. */
export function nextMacrotask(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  return call.then(
    (value) => ({ value: comparable(value) }),
    (error: unknown) => ({ error: String(error) }),
  );
}

/** The same for a command that runs at once. */
export function outcomeNow(command: Command<unknown>, run: (command: Command<unknown>) => RawReply): Outcome {
  try {
    return { value: comparable(command.reply(run(command))) };
  } catch (error) {
    return { error: String(error) };
  }
}

function comparable(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString();
  if (Array.isArray(value)) return value.map(comparable);
  return value === undefined ? null : value;
}

/** A command whose reply cannot be read. */
export function unreadable<R>(command: Command<R>, error: Error): Command<R> {
  return command.map(() => {
    throw error;
  });
}
