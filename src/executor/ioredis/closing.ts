import { timers } from '../../timers.js';
import type { IoredisClient } from './ioredis-client.js';

/** What has to be done before a client is closed. */
export interface Closing {
  /** Hands over to the client what was called for so far. */
  flush(): void;
  /** From now on, calls are refused. */
  close(): void;
  /** What waits for a connection will never have one. */
  drop(): void;
  /** What was called for, and has not ended yet. */
  unsettled(): readonly Promise<unknown>[];
  /** Whether the client was closed already. */
  isEnded(): boolean;
}

type Method = (...args: unknown[]) => unknown;

/**
 * Puts a client's own `quit` and `disconnect` behind what was called before: the client knows nothing yet of the calls
 * of this tick, nor of those that wait to be sent again.
 *
 * - `quit` waits until those have ended, at their deadlines at the latest, and then quits.
 * - `disconnect` waits for nothing. The calls of this tick are written first where there is a connection, as ioredis has
 *   written its own by then; what waits for one is dropped.
 */
export function closeInOrder(client: IoredisClient, closing: Closing): void {
  const own = client as unknown as Record<'quit' | 'disconnect', Method | undefined>;
  const { quit, disconnect } = own;
  if (typeof quit === 'function') {
    replace(client, 'quit', (...args) => quitInOrder(closing, () => quit.apply(client, args), args));
  }
  if (typeof disconnect === 'function') {
    replace(client, 'disconnect', (...args) => {
      // The client itself calls it with true, to connect anew.
      if (args[0] === true) return disconnect.apply(client, args);
      closing.flush();
      const result = disconnect.apply(client, args);
      // A client that is between two connections tells nobody that it has ended.
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
  // It was closed meanwhile, as it was to be.
  const callback = args.at(-1);
  if (typeof callback === 'function') (callback as Method)(null, 'OK');
  return 'OK';
}

function replace(client: IoredisClient, name: string, value: Method): void {
  Object.defineProperty(client, name, { value, writable: true, configurable: true });
}
