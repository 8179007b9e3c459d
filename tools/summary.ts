/** The part of vitest's JSON report that the closing line is made from. */
export interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** The outcome of a run: the closing line, whether to exit with 0, and problems that the counts do not show. */
export interface Summary {
  readonly line: string;
  readonly ok: boolean;
  readonly problems: readonly string[];
}

/** The closing line of a run that failed before its tests. */
export const NO_TESTS_RAN: Summary = { line: '0 passed, 1 failed', ok: false, problems: [] };

/**
 * Counts a run. A file that did not load, an error outside of any test and a run without tests have no failed test:
 * each counts as one, so that the line never looks better than the exit code.
 */
export function summarize(report: Report | undefined, exitCode: number | null): Summary {
  if (report === undefined) return { ...NO_TESTS_RAN, problems: ['vitest left no report'] };
  const problems: string[] = [];
  for (const file of report.testResults) {
    const failed = file.assertionResults.some((test) => test.status === 'failed');
    if (file.status === 'failed' && !failed)
      problems.push(`${file.name}: ${file.message || 'failed outside its tests'}`);
  }
  const skipped = report.numPendingTests + report.numTodoTests;
  if (report.numPassedTests + report.numFailedTests === 0 && problems.length === 0) problems.push('no test ran');
  if (exitCode !== 0 && report.numFailedTests === 0 && problems.length === 0) {
    problems.push(`vitest ended with exit code ${exitCode ?? 'none'} though no test failed`);
  }
  const failed = report.numFailedTests + problems.length;
  const line = `${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { line, ok: failed === 0, problems };
}
