/** The kind of an error, as a stable string: the name of its class in capitals, without `Error`. */
export type ErrorCode =
  | 'NAMESPACE'
  | 'IDENTITY_TAKEN'
  | 'CODEC'
  | 'WRONG_TYPE'
  | 'CONFLICT'
  | 'SCOPE_ENDED'
  | 'LEASE_LOST'
  | 'LEASE_TAKEN'
  | 'SUBSCRIBER_OVERFLOW'
  | 'READONLY'
  | 'OVERFLOW'
  | 'CONNECTION'
  | 'BACKPRESSURE'
  | 'UNKNOWN_OUTCOME'
  | 'SERVER'
  | 'UNSUPPORTED'
  | 'STREAM_GAP'
  | 'GRAPH'
  | 'OP';

/** The details that an error may carry beside its message. */
export interface ErrorDetails {
  /** The Redis key concerned. */
  readonly key?: string | undefined;
  /** The error that caused this one, stripped of values and credentials. */
  readonly cause?: unknown;
}

/** Marks the errors of every version of this package. */
const BRAND = Symbol.for('redimap.error');

/**
 * The base of every error this library makes. It carries a `code` to branch on and, where there is one,
 * the `key`; never a stored value or a credential.
 *
 * @example
 * ```ts
 * try { await images.set('cspad', frame); }
 * catch (error) { if (error instanceof RedimapError && error.code === 'WRONG_TYPE') console.error(error.key); }
 * ```
 */
export abstract class RedimapError extends Error {
  /** The kind of the error, to branch on: the name of the class in capitals, without `Error`. */
  abstract readonly code: ErrorCode;
  /** The Redis key concerned, where one is known. */
  readonly key?: string;

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  /** Counts an error of another installed version of this package as an instance of the class with its code. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    if (typeof value !== 'object' || value === null || !(BRAND in value)) return false;
    return this === RedimapError || codeOf(this) === (value as unknown as RedimapError).code;
  }

  constructor(message: string, details: ErrorDetails = {}) {
    super(
      details.key === undefined ? message : `${message} (key ${JSON.stringify(details.key)})`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = NAMES.get(new.target) ?? new.target.name;
    if (details.key !== undefined) this.key = details.key;
  }
}

/** A host name, process type, id, collection name or client that cannot make well-formed keys. */
export class NamespaceError extends RedimapError {
  readonly code = 'NAMESPACE';
}

/** The process that has claimed an identity. */
export interface IdentityHolder {
  /** The name of the computer on which it runs. */
  readonly hostname: string;
  /** The number of the process there. */
  readonly pid: number;
  /** When it claimed the identity, by the clock of that computer. */
  readonly since: Date;
  /** Whether it claimed it for `reap`, to remove what a dead process has left. */
  readonly reaping: boolean;
}

/**
 * Another live process has the identity: see `announce` and `reap` of a namespace. It is free when that process stops
 * its presence, or the TTL is over in which it did not renew it.
 *
 * @example
 * ```ts
 * catch (error) { if (error instanceof IdentityTakenError) console.error(`process ${error.holder?.pid} has it`); }
 * ```
 */
export class IdentityTakenError extends RedimapError {
  readonly code = 'IDENTITY_TAKEN';
  /** The process that has claimed it, where that is known. */
  readonly holder: IdentityHolder | undefined;

  constructor(
    message: string,
    { holder, ...details }: ErrorDetails & { readonly holder?: IdentityHolder | undefined },
  ) {
    super(message, details);
    this.holder = holder;
  }
}

/** A value or key that a codec cannot carry, or bytes that it cannot read. Nothing was written. */
export class CodecError extends RedimapError {
  readonly code = 'CODEC';
  /** The id of the stream's entry concerned, where there is one. */
  readonly entry?: string;

  constructor(message: string, { entry, ...details }: ErrorDetails & { readonly entry?: string | undefined } = {}) {
    super(entry === undefined ? message : `entry ${entry}: ${message}`, details);
    if (entry !== undefined) this.entry = entry;
  }

  /** Returns the same error with the key at which it happened. */
  at(key: string): CodecError {
    return this.key === undefined ? new CodecError(this.message, { key, cause: this.cause }) : this;
  }
}

/** Entries of a stream that were added and can no longer be read. */
export interface StreamGap {
  /**
   * - `trimmed`: the stream was trimmed before they were read;
   * - `deleted`: they, or some of them, were deleted by their ids;
   * - `replaced`: the stream was removed and made anew, or went back to an earlier state, as after a failover. What was
   *   added before that and not read is lost, and ids may be smaller than before.
   */
  readonly reason: 'trimmed' | 'deleted' | 'replaced';
  /** The id after which they were missed: that of the last entry that was read. */
  readonly from: string;
  /** The id of the first entry that is left after it; undefined where there is none yet. */
  readonly firstLeft: string | undefined;
  /** How many were missed, where that is known. */
  readonly missed: number | undefined;
}

/** Entries of a followed stream were removed before they could be read: see {@link StreamGap}. */
export class StreamGapError extends RedimapError implements StreamGap {
  readonly code = 'STREAM_GAP';
  readonly reason: StreamGap['reason'];
  readonly from: string;
  readonly firstLeft: string | undefined;
  readonly missed: number | undefined;

  constructor({ reason, from, firstLeft, missed }: StreamGap, details: ErrorDetails = {}) {
    super(`${missed ?? 'Some'} entries after ${from} were ${reason} before they were read`, details);
    this.reason = reason;
    this.from = from;
    this.firstLeft = firstLeft;
    this.missed = missed;
  }
}

/** The key holds another Redis type than the collection needs. Nothing was written. */
export class WrongTypeError extends RedimapError {
  readonly code = 'WRONG_TYPE';
}

/** An entry of a collection that was changed here and elsewhere. */
export interface Conflict {
  /** The Redis key of the collection. */
  readonly key: string;
  /** The key of a map's entry, the member of a set; absent where the collection is one whole, as a list is. */
  readonly entry?: unknown;
}

/** An operation or a scope gave up because others changed, or kept changing, its data. Nothing was written. */
export class ConflictError extends RedimapError {
  readonly code = 'CONFLICT';
  /** The entries that were changed elsewhere; known in sync scopes only. */
  readonly conflicts: readonly Conflict[];

  constructor(
    message: string,
    { conflicts = [], ...details }: ErrorDetails & { readonly conflicts?: readonly Conflict[] } = {},
  ) {
    super(message, details);
    this.conflicts = Object.freeze([...conflicts]);
  }
}

/** The scope was discarded or has ended, and writes nothing any more. Open another one. */
export class ScopeEndedError extends RedimapError {
  readonly code = 'SCOPE_ENDED';
}

/**
 * A lease or an item is held no longer: it was not renewed in time, or others have it. The reason with which the
 * signal of the holder aborts.
 */
export class LeaseLostError extends RedimapError {
  readonly code = 'LEASE_LOST';
}

/** A write to a collection of another process. Nothing was sent. */
export class ReadonlyError extends RedimapError {
  readonly code = 'READONLY';
}

/** A count beyond the range of Redis (64 bits), or beyond what a JavaScript number holds exactly (53). */
export class OverflowError extends RedimapError {
  readonly code = 'OVERFLOW';
}

/** The server could not be reached, or did not answer, before the deadline. The operation changed nothing. */
export class ConnectionError extends RedimapError {
  readonly code = 'CONNECTION';
}

/**
 * Too many bytes wait for the server already: see the option `maxPendingBytes`. Nothing was sent. Try again when some
 * calls are answered, make fewer at once, or let them wait (`onFull: 'wait'`).
 *
 * @example
 * ```ts
 * catch (error) { if (error instanceof BackpressureError) dropped += 1; }
 * ```
 */
export class BackpressureError extends RedimapError {
  readonly code = 'BACKPRESSURE';
}

/**
 * A write was sent, but its reply never came, or what came cannot be its reply: the server may or may not have run it.
 * It was not sent again, because running it twice would differ from running it once.
 */
export class UnknownOutcomeError extends RedimapError {
  readonly code = 'UNKNOWN_OUTCOME';
}

/**
 * The server refused a command for a reason of its own, such as missing permissions or no memory left; or its reply to
 * a read has a shape that this command never replies, and `serverCode` is `PROTOCOL`.
 */
export class ServerError extends RedimapError {
  readonly code = 'SERVER';
  /** The first word of the server's reply, such as `NOPERM` or `OOM`; `PROTOCOL` for a reply of another shape. */
  readonly serverCode: string;

  constructor(message: string, serverCode: string, details: ErrorDetails = {}) {
    super(message, details);
    this.serverCode = serverCode;
  }
}

/** Something the connected client cannot do, such as a blocking read on the embedded client. Nothing was sent. */
export class UnsupportedError extends RedimapError {
  readonly code = 'UNSUPPORTED';
}

/** Messages came faster than a subscriber read them, which had said that none is to be dropped. Some were missed. */
export class SubscriberOverflowError extends RedimapError {
  readonly code = 'SUBSCRIBER_OVERFLOW';
}

/** A lease belongs to another one, and the time to wait for it has passed. Nothing was granted. */
export class LeaseTakenError extends RedimapError {
  readonly code = 'LEASE_TAKEN';
}

/** One thing that is wrong with a computation graph. */
export interface GraphFault {
  /**
   * - `cycle`: nodes that need each other; `path` has them in order;
   * - `missing-input`: a node needs a value that neither an event nor another node gives;
   * - `duplicate-output`: two nodes make a value of the same name, or a node makes one that events give;
   * - `unknown-op`: the registry has no op of that name;
   * - `inputs`, `outputs`: their number differs from that of the op;
   * - `parameters`: the op's schema refuses them;
   * - `memory`: the nodes up to this one take more memory than the graph may;
   * - `type`: a value has another type than the op takes;
   * - `stage`: a node takes values of one event together with results of reductions;
   * - `build`: no graph can have this name or node;
   * - `event`, `run`, `state`: at run time, an event is not as declared, a node failed, or a state does not belong to
   *   the graph.
   */
  readonly kind:
    | 'cycle'
    | 'missing-input'
    | 'duplicate-output'
    | 'unknown-op'
    | 'inputs'
    | 'outputs'
    | 'parameters'
    | 'memory'
    | 'type'
    | 'stage'
    | 'build'
    | 'event'
    | 'run'
    | 'state';
  /** The name of the node, or of the graph's input. */
  readonly node: string;
  /** A message for people. It holds names and types, never a value of an event. */
  readonly message: string;
  /** The nodes of a cycle in the order of the flow; the last flows into the first. */
  readonly path?: readonly string[];
}

const LISTED_FAULTS = 5;

/** A computation graph that is invalid, or of which a node failed on an event. */
export class GraphError extends RedimapError {
  readonly code = 'GRAPH';
  /** All faults that were found. */
  readonly faults: readonly GraphFault[];

  constructor(faults: readonly GraphFault[], details: ErrorDetails = {}) {
    const listed = faults.slice(0, LISTED_FAULTS).map(({ node, message }) => `${JSON.stringify(node)}: ${message}`);
    const more = faults.length > LISTED_FAULTS ? `; and ${faults.length - LISTED_FAULTS} more` : '';
    super(`graph: ${listed.join('; ')}${more}`, details);
    this.faults = Object.freeze([...faults]);
  }
}

/**
 * The error that an op throws for values that it cannot work on. Unlike that of other errors of an op, its message is
 * passed on, so it must not quote values of the event.
 *
 * @example
 * ```ts
 * if (trace.data.length === 0) throw new OpError('an empty array has no peak');
 * ```
 */
export class OpError extends RedimapError {
  readonly code = 'OP';
}

/** The names of the classes. They are properties, because a bundler may rename a class but not a property. */
const NAMES: ReadonlyMap<unknown, string> = new Map(
  Object.entries({
    BackpressureError,
    CodecError,
    ConflictError,
    ConnectionError,
    GraphError,
    IdentityTakenError,
    LeaseLostError,
    LeaseTakenError,
    NamespaceError,
    OpError,
    OverflowError,
    ReadonlyError,
    ScopeEndedError,
    ServerError,
    StreamGapError,
    SubscriberOverflowError,
    UnknownOutcomeError,
    UnsupportedError,
    WrongTypeError,
  }).map(([name, type]) => [type, name]),
);

/** Returns the code of the errors of a class: its name in capitals, without `Error`. */
function codeOf(type: unknown): string | undefined {
  return NAMES.get(type)
    ?.slice(0, -'Error'.length)
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toUpperCase();
}
