// What stands for `import.meta.url` in the CommonJS build. See tsup.config.ts.
import { pathToFileURL } from 'node:url';

export const importMetaUrl = /* @__PURE__ */ pathToFileURL(__filename).href;
