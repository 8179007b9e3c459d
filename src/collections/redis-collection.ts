import { nameOf } from '../codec/name.js';
import type { Command } from '../command/command.js';
import * as keys from '../command/key.js';
import { NamespaceError, ReadonlyError, UnsupportedError } from '../errors.js';
import { sizeOf } from '../executor/coalesce/backlog.js';
import type { Executor } from '../executor/executor.js';
import { oneLine, showAs } from '../inspect.js';
import { fix } from '../fixed.js';
import { expireIfType } from '../command/key.js';
import { type CollectionContext, type CollectionHome, CONTEXT, contextOf, WITH_EXECUTOR } from './context.js';
import { creation, type IfExists } from './creation.js';
import { type Codecs, KIND, type Kind } from './kinds.js';
import { expectTtl, thenExpire } from './lifetime.js';
import { reclaiming } from './sent-memory.js';
import { open, runIn } from '../sync/sync.js';
import type { AnySyncOptions, Synced } from '../sync/scope-options.js';
import { TARGET, type Target } from '../sync/target.js';
import type { Source, SyncSource } from '../sync/tracker.js';

/** Options of every collection. */
export interface CollectionOptions {
  /** Milliseconds that the collection lives after each write. Default: its lifetime does not change. */
  readonly ttl?: number | undefined;
}

/** @throws TypeError for anything but a function or options: it would open a scope that nobody ends. */
function expectOptions(given: unknown): void {
  if (given === undefined || (typeof given === 'object' && given !== null)) return;
  throw new TypeError('sync takes a function, or options');
}

const ROLES = ['key', 'value', 'member'] as const satisfies readonly (keyof Codecs)[];

/** Returns the library's class of a collection: a subclass of the user's may have another constructor. */
function classOf(collection: object): unknown {
  return Object.hasOwn(collection, KIND)
    ? collection.constructor
    : classOf(Object.getPrototypeOf(collection) as object);
}

function either(a: boolean, b: boolean): boolean {
  return a || b;
}

type Build<R> = (first: never, second: never) => Command<R>;

/** The base of all collections: a name, a key, a lifetime. */
export abstract class RedisCollection {
  static {
    showAs<RedisCollection>(this.prototype, (shown) => {
      const { codecs } = shown[KIND];
      const names = ROLES.flatMap((role) => {
        const codec = shown.#codecs[role] ?? codecs[role];
        return codec === undefined ? [] : [[role, nameOf(codec)] as const];
      });
      return oneLine(shown, shown.key, Object.fromEntries(names));
    });
  }

  /** The name of the collection. */
  declare readonly name: string;
  /** The whole Redis key, `HOSTNAME:PROCESS_TYPE:ID:NAME`: for redis-cli, never needed in code. */
  declare readonly key: string;
  readonly #context: CollectionContext;
  readonly #ttl: number | undefined;
  readonly #codecs: Codecs;
  readonly #given: object;
  #creation: Promise<void> | undefined;

  /** @param given The user's options, if the subclass passes other ones to this class. */
  constructor(home: CollectionHome, name: string, options: CollectionOptions & Codecs = {}, given: object = options) {
    this.#context = contextOf(home);
    fix<RedisCollection>(this, { name, key: this.#context.keyOf(name) });
    this.#ttl = options.ttl === undefined ? undefined : expectTtl(options.ttl);
    this.#codecs = { key: options.key, value: options.value, member: options.member };
    // Initial data may be long and is written once, so it is not kept.
    this.#given = { ...given, data: undefined };
  }

  /**
   * Settles when the initial data (the option `data`) is written; at once without any. Earlier calls wait for that by
   * themselves, and reject with its error if it failed.
   *
   * @throws {@link ConflictError} when the collection existed, under `ifExists: 'fail'`.
   */
  get ready(): Promise<void> {
    return this.#creation ?? Promise.resolve();
  }

  /** Milliseconds that the collection lives after each write. */
  protected get lifetime(): number | undefined {
    return this.#ttl;
  }

  /** @internal */
  abstract get [KIND](): Kind;

  /** All keys that the collection may have, of one slot. They share its lifetime. */
  protected get allKeys(): readonly [string, ...string[]] {
    return [this.key];
  }

  /** The context of the home of the collection. */
  protected get context(): CollectionContext {
    return this.#context;
  }

  /**
   * Sends the command that `build` makes. It rejects if `build` throws, or for a write to a peer's collection.
   *
   * @param first An argument of `build`, which so can be one function for thousands of calls.
   * @param second Another argument of `build`.
   */
  protected run<R>(build: () => Command<R>): Promise<R>;
  protected run<R, A>(build: (first: A) => Command<R>, first: A): Promise<R>;
  protected run<R, A, B>(build: (first: A, second: B) => Command<R>, first: A, second: B): Promise<R>;
  protected run<R>(build: Build<R>, first?: unknown, second?: unknown): Promise<R> {
    return this.#run(build, this.#ttl, first, second);
  }

  /** Does the same for a command that handles lifetimes itself. */
  protected runAsIs<R>(build: () => Command<R>): Promise<R> {
    return this.#run(build, undefined);
  }

  /** The command that renews the lifetime of the collection, after a write that cannot do so in the same step. */
  protected get renewal(): Command<unknown> | undefined {
    return this.#ttl === undefined ? undefined : expireIfType(this.key, this[KIND].redisType, this.#ttl);
  }

  /** The creation with initial data, while that is in flight. */
  protected get creating(): Promise<void> | undefined {
    return this.#creation;
  }

  #run<R>(build: Build<R>, ttl: number | undefined, first?: unknown, second?: unknown): Promise<R> {
    const { executor, writable, deadline } = this.#context;
    const creation = this.#creation;
    let command: Command<R>;
    try {
      executor.expectRoom(this.key);
      command = build(first as never, second as never);
      if (command.access === 'write') {
        if (!writable) this.refuseWrite();
        if (ttl !== undefined) command = thenExpire(command, this.allKeys, this[KIND].redisType, ttl);
      }
    } catch (error) {
      return Promise.reject(error);
    }
    const reply =
      creation === undefined
        ? executor.run(command, deadline)
        : executor.runAfter(creation, () => executor.run(command, deadline), sizeOf(command));
    return command.access === 'write' ? reclaiming(command, reply) : reply;
  }

  /** Makes a call after the initial data of another collection, which it reads, is written. */
  protected after<R>(other: RedisCollection, call: () => Promise<R>): Promise<R> {
    return other.#creation === undefined ? call() : this.#context.executor.runAfter(other.#creation, call);
  }

  /** Returns whether both are on one server, and on a cluster in one slot, so that one command may use both. */
  protected isTogetherWith(other: RedisCollection): boolean {
    const { executor } = this.#context;
    return other.#context.executor === executor && executor.sharesSlot(this.key, other.key);
  }

  /** @throws {@link NamespaceError} unless one command may use both; the message ends with `consequence`. */
  protected expectTogether(other: RedisCollection, consequence: string): void {
    if (this.isTogetherWith(other)) return;
    const where =
      other.#context.executor === this.#context.executor ? 'different slots of a cluster' : 'different clients';
    throw new NamespaceError(
      `This collection and that at ${JSON.stringify(other.key)} are in ${where}: ${consequence}`,
      {
        key: this.key,
      },
    );
  }

  /** Writes initial data; every later call waits for that. */
  protected create(ifExists: IfExists | undefined, add: () => Command<unknown> | undefined): void {
    const made = this.#run(
      () => creation(this.allKeys, this[KIND].redisType, add(), ifExists ?? 'fail', this.#ttl),
      undefined,
    );
    this.#creation = made.then(() => {
      this.#creation = undefined;
    });
    // Later calls reject with the error.
    this.#creation.catch(() => {});
  }

  /** @internal */
  get [TARGET](): Target {
    const { key } = this;
    const { executor, deadline } = this.#context;
    const expectWritable = (): void => this.expectWritable();
    return { key, keys: this.allKeys, executor, deadline, expectWritable, ready: () => this.ready };
  }

  /** Returns the part of a sync scope's source that all collections share. */
  protected sourceBase(ttl = this.#ttl): Source {
    const { redisType: type, scope } = this[KIND];
    if (scope === undefined) throw new UnsupportedError('There are no scopes over this kind', { key: this.key });
    return { ...this[TARGET], type, scope, ttl };
  }

  /** Opens a sync scope, or runs a function in one. */
  protected async enterScope<L extends object, R>(
    source: SyncSource<L>,
    workOrOptions: ((local: Synced<L>) => R | PromiseLike<R>) | AnySyncOptions | undefined,
    options: AnySyncOptions | undefined,
  ): Promise<R | Synced<L>> {
    this.expectWritable();
    if (typeof workOrOptions !== 'function') expectOptions(workOrOptions);
    return typeof workOrOptions === 'function'
      ? runIn(source, workOrOptions, options ?? {})
      : open(source, workOrOptions ?? {});
  }

  /** Throws if this process may not write here. */
  protected expectWritable(): void {
    if (!this.#context.writable) this.refuseWrite();
  }

  private refuseWrite(): never {
    throw new ReadonlyError('This collection belongs to another process, and only that process writes it', {
      key: this.key,
    });
  }

  /**
   * Returns the same collection over another executor, with the same key, codecs and options.
   *
   * @internal
   */
  [WITH_EXECUTOR](executor: Executor): this {
    const ofKind = classOf(this) as new (home: CollectionHome, name: string, options: object) => this;
    return new ofKind({ [CONTEXT]: { ...this.#context, executor } }, this.name, this.#given);
  }

  /** Returns what JSON.stringify shows: the key, not the content, which is asynchronous. */
  toJSON(): { readonly key: string } {
    return { key: this.key };
  }

  /**
   * Sets the time to live of the whole collection.
   *
   * Cost: O(1), one PEXPIRE. Atomic; idempotent.
   *
   * @param milliseconds The time from now, at most 2^53. 0 or less removes the collection at once.
   * @returns false when the collection is empty, since an empty one does not exist.
   */
  expire(milliseconds: number): Promise<boolean> {
    return this.#run(() => {
      if (!Number.isSafeInteger(milliseconds)) throw new RangeError('A time to live must be a whole number of ms');
      return keys.onAll(this.allKeys, (key) => keys.expire(key, milliseconds), either);
    }, undefined);
  }

  /**
   * Returns the remaining time to live in milliseconds: null for no limit, undefined when the collection is empty.
   *
   * Cost: O(1), one PTTL. Atomic.
   */
  ttl(): Promise<number | null | undefined> {
    return this.run(() => keys.onAll(this.allKeys, keys.ttl, (a, b) => (a === undefined ? b : a)));
  }

  /**
   * Removes the time to live of the collection.
   *
   * Cost: O(1), one PERSIST. Atomic.
   *
   * @returns false when it had no time to live.
   */
  persist(): Promise<boolean> {
    return this.#run(() => keys.onAll(this.allKeys, keys.persist, either), undefined);
  }
}
