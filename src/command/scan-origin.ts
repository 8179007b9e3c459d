import { ConnectionError } from '../errors.js';

/** The most times that a scan restarts before it gives up. */
const MAX_RESTARTS = 100;

/**
 * The connection from which the cursors of a scan come.
 *
 * A cursor is a position in the hash table of one server process, which seeds its hash function at random. Another
 * process, after a restart, a failover or a slot migration, accepts the cursor but silently skips entries. So a scan
 * whose replies come over another connection than before restarts, and may find elements again.
 *
 * @see https://redis.io/docs/latest/commands/scan/#scan-guarantees
 */
export class ScanOrigin {
  #connection: object | undefined;
  #restarts = 0;

  /** Returns whether a reply over this connection continues the scan. */
  accepts(connection: object): boolean {
    this.#connection ??= connection;
    return this.#connection === connection;
  }

  /**
   * Restarts the scan at cursor 0.
   *
   * @throws {@link ConnectionError} after too many restarts.
   */
  restart(): void {
    this.#restarts += 1;
    if (this.#restarts > MAX_RESTARTS) {
      throw new ConnectionError(`The connection was lost ${this.#restarts} times before all was read`);
    }
    this.#connection = undefined;
  }

  /** Returns a copy for another scan that continues from here. */
  clone(): ScanOrigin {
    const copy = new ScanOrigin();
    copy.#connection = this.#connection;
    return copy;
  }
}

/** A cursor of another connection was used, and the scan has to restart. */
export class StaleCursor extends Error {
  constructor() {
    super('The cursor is of another connection');
    this.name = 'StaleCursor';
  }
}
