import type { AnySyncOptions, ConflictPolicy } from './scope-options.js';
import * as keys from '../command/key.js';
import * as readers from '../command/readers.js';
import * as string from '../command/string.js';
import type { LocalValue } from './local/local-value.js';
import { expectValue } from '../command/commit.js';
import { type Changes, type Load, policyOf, type Tracker, type AnyCodec, type Source } from './tracker.js';

/** The source of a scope over a string. */
export interface ValueSource<L> extends Source {
  readonly value: AnyCodec<Buffer>;
  readonly create: () => L;
}

/** Tracks one value in a scope. */
export class ValueTracker<L extends object> implements Tracker<L> {
  readonly source: ValueSource<L>;
  readonly local: L;
  readonly #policy: ConflictPolicy;
  readonly #value: LocalValue<unknown>;
  #base: Buffer | undefined;

  constructor(source: ValueSource<L>, options: AnySyncOptions) {
    this.source = source;
    this.#policy = policyOf(source, options);
    this.local = source.create();
    this.#value = this.local as unknown as LocalValue<unknown>;
  }

  load(): Load {
    return string.get(this.source.key, (raw) => {
      this.#base = readers.copy(raw);
      if (this.#base !== undefined) this.#value.set(this.source.value.decode(this.#base));
      return undefined;
    });
  }

  changes(): Changes | undefined {
    const { source } = this;
    const { key, ttl } = source;
    const base = this.#base;
    const next = this.#value.exists() ? source.value.encode(this.#value.get() as never) : undefined;
    if (next === undefined ? base === undefined : base !== undefined && this.#isSame(base, next)) return undefined;
    return {
      source,
      expectations: this.#policy === 'throw' ? [expectValue(key, base)] : [],
      expected: [undefined],
      steps: [],
      commands: [next === undefined ? keys.clear(key) : string.set(key, next, ttl)],
      succeeded: () => {
        this.#base = next;
      },
      failed: () => {},
    };
  }

  /** Compares values by bytes. Bytes that others wrote may differ from those that the codec makes of the same value. */
  #isSame(base: Buffer, next: Buffer): boolean {
    const { encode, decode } = this.source.value;
    return base.equals(next) || encode(decode(base) as never).equals(next);
  }
}
