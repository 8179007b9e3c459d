import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { apiReport, ENTRIES, reportFile } from '../../tools/api-report.js';
import { buildIfStale } from './pack.js';

// The public API, as the reports that are checked in list it.

beforeAll(() => {
  buildIfStale();
}, 600_000);

it.each(ENTRIES)('is what etc/ says of %s (npm run api renews it)', { timeout: 120_000 }, (entry) => {
  expect(apiReport(entry)).toBe(readFileSync(reportFile(entry), 'utf8'));
});
