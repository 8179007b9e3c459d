import { describe, expect, it } from 'vitest';
import { type Report, summarize } from '../../tools/summary.js';

function report(counts: Partial<Report>): Report {
  return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [], ...counts };
}

function file(status: 'passed' | 'failed', ...tests: ('passed' | 'failed')[]): Report['testResults'][number] {
  return { name: 'a.test.ts', status, message: 'boom', assertionResults: tests.map((test) => ({ status: test })) };
}

describe('the closing line of npm test', () => {
  it('counts the tests', () => {
    const passed = report({ numPassedTests: 12, testResults: [file('passed', 'passed')] });
    expect(summarize(passed, 0)).toEqual({ line: '12 passed, 0 failed', ok: true, problems: [] });
    const mixed = report({ numPassedTests: 2, numFailedTests: 1, testResults: [file('failed', 'passed', 'failed')] });
    expect(summarize(mixed, 1)).toEqual({ line: '2 passed, 1 failed', ok: false, problems: [] });
  });

  it('tells of skipped tests', () => {
    const skipped = report({ numPassedTests: 2, numPendingTests: 3, numTodoTests: 1 });
    expect(summarize(skipped, 0).line).toBe('2 passed, 0 failed, 4 skipped');
  });

  it('counts a file that did not load', () => {
    const unloaded = report({ numPassedTests: 2, testResults: [file('failed')] });
    expect(summarize(unloaded, 1)).toEqual({ line: '2 passed, 1 failed', ok: false, problems: ['a.test.ts: boom'] });
  });

  it('counts an error outside of the tests', () => {
    expect(summarize(report({ numPassedTests: 2 }), 1)).toMatchObject({ line: '2 passed, 1 failed', ok: false });
    expect(summarize(report({ numPassedTests: 2 }), null)).toMatchObject({ line: '2 passed, 1 failed', ok: false });
  });

  it('fails a run without tests, or without a report', () => {
    expect(summarize(report({}), 0)).toEqual({ line: '0 passed, 1 failed', ok: false, problems: ['no test ran'] });
    expect(summarize(report({ numPendingTests: 2 }), 0)).toMatchObject({ line: '0 passed, 1 failed, 2 skipped' });
    expect(summarize(undefined, 0)).toMatchObject({ line: '0 passed, 1 failed', ok: false });
  });
});
