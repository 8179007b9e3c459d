import type { MockModule } from './embedded-client.js' with { 'resolution-mode': 'import' };

declare const mock: MockModule;
export = mock;
