import { provideMock } from './embedded-client.js';
import mock from './ioredis-mock.cjs';

export type { EmbeddedClientOptions } from './embedded-client.js';
export { createEmbeddedClient } from './embedded-client.js';

// A bundler follows this import. The other way, a file that is read when it is needed, leads out of the bundle.
provideMock(mock);
