import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from './architecture/repository.ts';

const folder = mkdtempSync(join(tmpdir(), 'kvasir-summary-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Counts {
  readonly passed: number;
  readonly failed?: number;
  readonly skipped?: number;
  /** Files that could not be loaded. */
  readonly broken?: number;
}

function summarise({ passed, failed = 0, skipped = 0, broken = 0 }: Counts): { said: string; status: number | null } {
  const testResults = [
    { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ...Array.from({ length: failed }, () => ({ status: 'failed', assertionResults: [{ status: 'failed' }] })),
    ...Array.from({ length: broken }, () => ({ status: 'failed', assertionResults: [] })),
  ];
  const counts = { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, numTodoTests: 0 };
  const report = join(folder, 'report.json');
  writeFileSync(report, JSON.stringify({ ...counts, testResults }));
  return runSummary(report);
}

function runSummary(report: string): { said: string; status: number | null } {
  const { stdout, status } = spawnSync(process.execPath, [join(root, '.ci/summary.mjs'), report], { encoding: 'utf8' });
  return { said: stdout, status };
}

describe('the last line of .ci/run', () => {
  it.each<[Counts, string, number]>([
    [{ passed: 7 }, '7 passed, 0 failed\n', 0],
    [{ passed: 7, skipped: 2 }, '7 passed, 0 failed, 2 skipped\n', 0],
    [{ passed: 7, failed: 1 }, '7 passed, 1 failed\n', 1],
    [{ passed: 7, broken: 1 }, '7 passed, 1 failed\n', 1],
    [{ passed: 0 }, '0 passed, 0 failed\n', 1],
  ])('counts %o', (counts, said, status) => {
    expect(summarise(counts)).toEqual({ said, status });
  });

  it('is not there when no test was run', () => {
    const { said, status } = runSummary(join(folder, 'absent.json'));
    expect(said).toBe('');
    expect(status).not.toBe(0);
  });
});
