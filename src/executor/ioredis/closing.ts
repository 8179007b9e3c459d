import { timers } from '../../timers.js';
import type { IoredisClient } from './ioredis-client.js';

/** The callbacks for closing a client. */
export interface Closing {
  /** Sends all calls so far to the client. */
  flush(): void;
  /** Refuses calls from now on. */
  close(): void;
  /** Drops all commands that wait for a connection. */
  drop(): void;
  /** Returns the calls that have not ended yet. */
  unsettled(): readonly Promise<unknown>[];
  /** Returns whether the client is closed already. */
  isEnded(): boolean;
}

type Method = (...args: unknown[]) => unknown;

/**
 * Runs a client's own `quit` and `disconnect` after earlier calls: the client does not know yet of the calls of this
 * tick, nor of those that wait to be sent again.
 *
 * - `quit` waits until those have ended, at their deadlines at the latest, and then quits.
 * - `disconnect` does not wait. The calls of this tick are written first if there is a connection, as ioredis has
 *   written its own by then; calls that wait for one are dropped.
 */
export function closeInOrder(client: IoredisClient, closing: Closing): void {
  const own = client as unknown as Record<'quit' | 'disconnect', Method | undefined>;
  const { quit, disconnect } = own;
  if (typeof quit === 'function') {
    replace(client, 'quit', (...args) => quitInOrder(closing, () => quit.apply(client, args), args));
  }
  if (typeof disconnect === 'function') {
    replace(client, 'disconnect', (...args) => {
      // The client itself calls it with true, to reconnect.
      if (args[0] === true) return disconnect.apply(client, args);
      closing.flush();
      const result = disconnect.apply(client, args);
      // A client between two connections does not emit `end`.
      closing.drop();
      return result;
    });
  }
}

async function quitInOrder(closing: Closing, quit: () => unknown, args: readonly unknown[]): Promise<unknown> {
  if (closing.isEnded()) return quit();
  // Calls that were made in this tick may be about to make others, as a batch does.
  await new Promise<void>((resolve) => timers.atEndOfTick(resolve));
  closing.close();
  for (;;) {
    closing.flush();
    const calls = closing.unsettled();
    if (calls.length === 0) break;
    await Promise.allSettled(calls);
  }
  if (!closing.isEnded()) return quit();
  // The client was closed meanwhile, as requested.
  const callback = args.at(-1);
  if (typeof callback === 'function') (callback as Method)(null, 'OK');
  return 'OK';
}

function replace(client: IoredisClient, name: string, value: Method): void {
  Object.defineProperty(client, name, { value, writable: true, configurable: true });
}
