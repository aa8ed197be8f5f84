import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { adviseThreshold, KvasirError } from '../../src/index.ts';

describe('adviseThreshold', () => {
  it('lets nine of a hundred places be used at θ = 0.1, as with N keys asked for alike only N < 10 pass', () => {
    assert.deepEqual(adviseThreshold(0.1, 100), { mostAdmitted: 9, mustBeBelow: 0.01, canFill: false });
    for (let keys = 1; keys <= 100; keys++) assert.equal(1 / keys > 0.1, keys < 10);
  });

  it('names as many keys as can be above the threshold at once, and not one more', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 0.999, noNaN: true }), (threshold) => {
        const { mostAdmitted } = adviseThreshold(threshold, 10);
        // Alike they are as many as can be.
        assert.ok(mostAdmitted === 0 || 1 / mostAdmitted > threshold);
        assert.ok(1 / (mostAdmitted + 1) <= threshold * (1 + 1e-6));
      }),
    );
  });

  it('can fill a cache exactly when the threshold is below the bound that it names', () => {
    assert.equal(adviseThreshold(0.0099, 100).canFill, true);
    assert.equal(adviseThreshold(0.01, 100).canFill, false);
    assert.equal(adviseThreshold(1 / 49, 49).canFill, false);
    assert.deepEqual(adviseThreshold(0.5, 0), { mostAdmitted: 1, mustBeBelow: Infinity, canFill: true });
  });

  it.each([
    [0, 10],
    [1, 10],
    [Number.NaN, 10],
    [-0.1, 10],
    [0.1, -1],
    [0.1, Number.NaN],
  ])('refuses θ = %d with a capacity of %d', (threshold, capacity) => {
    assert.throws(
      () => adviseThreshold(threshold, capacity),
      (error) => error instanceof KvasirError && error.code === 'INVALID_OPTION',
    );
  });
});
