import { ConnectionError } from '../errors.js';

/** So often a scan begins again before it gives up. */
const MOST_RESTARTS = 100;

/**
 * Where the cursors of one scan come from.
 *
 * A cursor is a place in the hash table of one server process, which seeds its hash function at random. Another one,
 * after a restart, a failover or a move of the slot, takes it all the same, and skips entries without a word. So a scan
 * whose replies come over another connection than before begins again, and may find what it has found before.
 *
 * @see https://redis.io/docs/latest/commands/scan/#scan-guarantees
 */
export class ScanOrigin {
  #connection: object | undefined;
  #restarts = 0;

  /** Whether a reply over a connection goes on from the ones before it. */
  accepts(connection: object): boolean {
    this.#connection ??= connection;
    return this.#connection === connection;
  }

  /**
   * The scan begins again at cursor 0.
   *
   * @throws {@link ConnectionError} when it has done so too often.
   */
  restart(): void {
    this.#restarts += 1;
    if (this.#restarts > MOST_RESTARTS) {
      throw new ConnectionError(`The connection was lost ${this.#restarts} times before all was read`);
    }
    this.#connection = undefined;
  }

  /** The same for another scan that goes on from here. */
  clone(): ScanOrigin {
    const copy = new ScanOrigin();
    copy.#connection = this.#connection;
    return copy;
  }
}

/** A cursor of another connection was used: the scan has to begin again. */
export class StaleCursor extends Error {
  constructor() {
    super('The cursor is of another connection');
    this.name = 'StaleCursor';
  }
}
