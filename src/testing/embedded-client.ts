import { createRequire as requireFrom } from 'node:module';
import type { Redis } from 'ioredis';
import { UnsupportedError } from '../errors.js';

/** Which data an embedded client sees. */
export interface EmbeddedClientOptions {
  /** Clients of one name share their data. Default: a name of its own. */
  readonly name?: string | undefined;
}

/** The class of ioredis-mock; its data lives with the class, by host and port. */
type RedisMock = new (options: { readonly host: string }) => Redis;

/** What the file beside this one holds. */
export interface MockModule {
  readonly RedisMock: RedisMock;
}

let unnamed = 0;
let mock: MockModule | undefined;

/**
 * A client without a server: the store is in this process. It comes with the package (ioredis-mock, with what that
 * needs of ioredis 5), whatever ioredis is installed. For unit tests, and for trying things out; it is slow, and
 * blocks for nobody. The same as `connect('memory:')` or `connect('memory:NAME')`.
 *
 * @throws {@link UnsupportedError} in a bundle that lacks `redimap/testing`.
 * @example
 * ```ts
 * const me = new Namespace(createEmbeddedClient(), { processType: 'test' });
 * ```
 */
export function createEmbeddedClient(options: EmbeddedClientOptions = {}): Redis {
  mock ??= loadMock();
  unnamed += 1;
  const host = options.name === undefined ? `memory-${process.pid}-${unnamed}` : `memory-name-${options.name}`;
  return new mock.RedisMock({ host });
}

/** Hands in what would else be loaded from a file. */
export function provideMock(module: MockModule): void {
  mock ??= module;
}

function loadMock(): MockModule {
  try {
    // Loaded only now, because most users never need it; by require, because connect() does not wait.
    return requireFrom(import.meta.url)('./ioredis-mock.cjs') as MockModule;
  } catch (cause) {
    throw new UnsupportedError(
      "The embedded client cannot be loaded. A program that is bundled into other files has it if it imports 'redimap/testing'",
      { cause },
    );
  }
}
