import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History, step } from '../support/history.ts';

const SEED = 20_261_124;

describe('random histories of two processes', () => {
  it.each([
    ['beside the remote store', 0],
    ['3 ms away from it and from each other', 3],
  ])('%s never serve what was deleted, overwritten or invalidated before they were asked', async (_, latencyMs) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const history = await History.start({ ttl: '10s', grace: '20s' }, latencyMs);
        await history.run(steps);
        expect(history.violations).toEqual([]);
      }),
      { numRuns: 400, seed: SEED },
    );
  });
});
