import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { approximateLru, KvasirError, lru, solveLru } from '../../src/index.ts';
import { hitRatio } from '../support/policy-store.ts';
import { zipf } from '../support/traces.ts';

const zipfRates = (keys: number, exponent: number): number[] =>
  Array.from({ length: keys }, (_, i) => (i + 1) ** -exponent);

describe('approximateLru', () => {
  it('gives 0.6633 for eight keys by Zipf and four places, where 0.6626 is exact', () => {
    assert.ok(Math.abs(approximateLru(zipfRates(8, 1), 4) - 0.6633) < 5e-5);
  });

  it('is within two points of the exact chain for as few as eight keys, when none is five times another', () => {
    const rates = fc.array(fc.integer({ min: 4, max: 20 }), { minLength: 8, maxLength: 10 });
    fc.assert(
      fc.property(rates, fc.nat(), (list, nat) => {
        const sum = list.reduce((total, rate) => total + rate, 0);
        const capacity = 1 + (nat % (list.length - 1));
        const exact = solveLru(
          list.map((rate) => rate / sum),
          capacity,
        );
        assert.ok(Math.abs(approximateLru(list, capacity) - exact) < 0.02);
      }),
    );
  });

  it('is within half a point of the lru policy on independent requests for many keys', () => {
    for (const capacity of [50, 200, 500]) {
      const measured = hitRatio(lru(), capacity, zipf(300_000, 1000, 0.9, 3));
      assert.ok(Math.abs(measured - approximateLru(zipfRates(1000, 0.9), capacity)) < 0.005);
    }
  });

  it('hits capacity / N of N keys asked for alike, and everything when all fit', () => {
    for (const capacity of [0, 10, 99])
      assert.ok(Math.abs(approximateLru(Array(100).fill(3), capacity) - capacity / 100) < 1e-9);
    assert.equal(approximateLru([1, 2, 0], 2), 1);
  });

  it('refuses rates that are none and capacities below 0', () => {
    for (const rates of [[], [0, 0], [-1, 2], [Number.NaN, 1], [Infinity]])
      assert.throws(
        () => approximateLru(rates, 1),
        (error) => error instanceof KvasirError && error.code === 'INVALID_OPTION',
      );
    for (const capacity of [-1, Number.NaN]) assert.throws(() => approximateLru([1], capacity), KvasirError);
  });
});
