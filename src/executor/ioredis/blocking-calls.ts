import type { Command } from '../../command/command.js';
import type { Blocking } from '../executor.js';

/** Runs commands that block. */
export interface BlockingCalls {
  /** See {@link Executor.block}. */
  block<R>(
    key: string,
    build: (milliseconds: number | undefined) => Command<R | undefined>,
    how: Blocking & Arrival,
  ): Promise<R | undefined>;
  /** Ends all waiting calls, because the client was closed. */
  end(): void;
}

/** Finding a connection for a blocking call. */
export interface Arrival {
  readonly deadline: number;
  /** Called when there is a connection. */
  readonly arrived: () => void;
}
