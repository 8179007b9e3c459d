import { createRequire } from 'node:module';
import type { Redis } from 'ioredis';
import { UnsupportedError } from '../errors.js';

/** Which data an embedded client sees. */
export interface EmbeddedClientOptions {
  /** Clients of one name share their data. Default: a name of its own. */
  readonly name?: string | undefined;
}

let unnamed = 0;

/**
 * A client without a server: ioredis-mock, whose data lives in this process. For unit tests, and for trying things
 * out; it is slow, and blocks for nobody. The same as `connect('memory:')` or `connect('memory:NAME')`.
 *
 * @throws {@link UnsupportedError} when the package ioredis-mock is not installed.
 * @example
 * ```ts
 * const me = new Namespace(createEmbeddedClient(), { processType: 'test' });
 * ```
 */
export function createEmbeddedClient(options: EmbeddedClientOptions = {}): Redis {
  const RedisMock = loadMock();
  // The mock keeps data by host and port.
  unnamed += 1;
  const host = options.name === undefined ? `memory-${process.pid}-${unnamed}` : `memory-name-${options.name}`;
  return new RedisMock({ host });
}

function loadMock(): new (options: { host: string }) => Redis {
  try {
    // Loaded only now, because most users never need it; by require, because connect() does not wait.
    return createRequire(import.meta.url)('ioredis-mock') as new (options: {
      host: string;
    }) => Redis;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw cause;
    throw new UnsupportedError('The embedded client needs the package ioredis-mock: npm install ioredis-mock', {
      cause,
    });
  }
}
