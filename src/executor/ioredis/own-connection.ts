import type { IoredisClient } from './ioredis-client.js';
import { callOn } from './ioredis-client.js';
import type { Session } from './session.js';

/** Milliseconds of silence before TCP keep-alive probes. */
const KEEP_ALIVE = 30_000;

/**
 * Makes a connection of its own to the server of a client, which is not opened yet. It ends with the first error: it
 * neither connects again nor repeats anything.
 *
 * @param session The state of the client's connection, of which this applies the user and the name.
 */
export function ownConnection(node: IoredisClient, session: Session, options: object = {}): IoredisClient {
  const { credentials, name } = session;
  return node.duplicate({
    lazyConnect: true,
    retryStrategy: null,
    autoResendUnfulfilledCommands: false,
    enableAutoPipelining: false,
    commandTimeout: undefined,
    socketTimeout: undefined,
    // ioredis would report a timeout while the server goes on, and pops an item.
    blockingTimeout: undefined,
    readOnly: false,
    // `applySession` selects the database, because ioredis ignores a failure.
    db: 0,
    ...(credentials ?? {}),
    ...(name === undefined ? {} : { connectionName: name }),
    // An unlimited wait would never notice a dead machine.
    keepAlive: node.options.keepAlive || KEEP_ALIVE,
    ...options,
  });
}

/** Applies the rest of the state. A refused flag is ignored. */
export async function applySession(client: IoredisClient, { db, flags }: Session): Promise<void> {
  const told = Object.entries(flags).map(([flag, value]) => callOn(client, 'client', [flag, value]));
  const selected = db === 0 ? Promise.resolve(null) : callOn(client, 'select', [String(db)]);
  await Promise.all([selected, Promise.allSettled(told)]);
}
