import assert from 'node:assert/strict';
import { KvasirError } from '@kvasir/core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Job, simulateAll, WORTH_A_PROCESS } from '../src/simulate-all.ts';
import { writeFile } from './support.ts';

// Processes are started as this one was; here it was vitest that made sense of TypeScript.
const before = [...process.execArgv];
beforeAll(() => void process.execArgv.push('--conditions=@kvasir/source', '--import', import.meta.resolve('tsx')));
afterAll(() => void process.execArgv.splice(0, Infinity, ...before));

const jobsFor = (path: string): Job[] =>
  ['lru', 'sieve', 'lfu'].map((policy) => ({
    path,
    policy,
    format: 'keys',
    sizes: [{ label: '9', unit: 'entries', capacity: 9 }],
  }));

describe('simulateAll', () => {
  it('counts the same in processes of their own as in this one, in the order of the jobs', async () => {
    const keys = Array.from({ length: 3000 }, (_, i) => `key ${(i * i) % 31}\n`).join('');
    const jobs = jobsFor(writeFile('squares.txt', keys));
    let most = 0;
    const progress = (bytes: number): void => {
      most = Math.max(most, bytes);
    };
    const here = await simulateAll(jobs, 0, progress);
    assert.equal(most, 3 * keys.length);
    assert.deepEqual(await simulateAll(jobs, WORTH_A_PROCESS, progress), here);
    assert.deepEqual(
      here.map(({ policy, requests }) => [policy, requests]),
      [
        ['lru', 3000],
        ['sieve', 3000],
        ['lfu', 3000],
      ],
    );
    assert.ok(here.every(({ hits }) => hits > 0));
  });

  it('fails with what was wrong in one of the processes', async () => {
    for (const bytes of [0, WORTH_A_PROCESS])
      await assert.rejects(
        simulateAll(jobsFor('missing.txt'), bytes, () => {}),
        (error) => error instanceof KvasirError && error.code === 'INVALID_TRACE' && /no such file/.test(error.message),
      );
  });
});
