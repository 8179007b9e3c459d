/** The items of the consumers. */
export interface Scene {
  readonly port: number;
  readonly hostname: string;
  /** The name of the stream. */
  readonly stream: string;
  /** The key of a list, to which each delivery is added: process, id, value, number of deliveries. */
  readonly log: string;
}

export const GROUP = 'workers';

/** An item that no consumer can handle. */
export const POISON = 'poison';

/** After which it is a dead letter. */
export const DELIVERIES = 5;

/** The most items that a consumer holds. */
export const HELD = 8;

/** Milliseconds: longer than a busy machine keeps a process waiting. */
export const LEASE = 2_500;
