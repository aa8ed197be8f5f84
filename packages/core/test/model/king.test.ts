import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { KvasirError, lru, solveLru } from '../../src/index.ts';
import { hitRatio } from '../support/policy-store.ts';
import { randomFrom, zipf } from '../support/traces.ts';

/** The chain itself: states are keys in order of use, newest first; the stationary distribution by stepping until nothing moves. */
function walkChain(probabilities: readonly number[], capacity: number): { states: number; hitRatio: number } {
  const keys = [...probabilities.keys()];
  let states: number[][] = [[]];
  for (let place = 0; place < capacity; place++)
    states = states.flatMap((state) => keys.filter((key) => !state.includes(key)).map((key) => [...state, key]));
  const numberOf = new Map(states.map((state, i) => [state.join(), i]));
  const next = states.map((state) =>
    keys.map((key) => numberOf.get([key, ...state.filter((other) => other !== key)].slice(0, capacity).join()) ?? -1),
  );
  let chances = states.map(() => 1 / states.length);
  for (let step = 0; step < 200; step++) {
    const moved = states.map(() => 0);
    for (const [i, chance] of chances.entries())
      for (const key of keys) {
        const to = next[i]?.[key] ?? -1;
        moved[to] = (moved[to] ?? 0) + chance * (probabilities[key] ?? 0);
      }
    chances = moved;
  }
  const held = (state: readonly number[]): number => state.reduce((sum, key) => sum + (probabilities[key] ?? 0), 0);
  return {
    states: states.length,
    hitRatio: states.reduce((sum, state, i) => sum + held(state) * (chances[i] ?? 0), 0),
  };
}

function zipfProbabilities(keys: number): number[] {
  const weights = Array.from({ length: keys }, (_, i) => 1 / (i + 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

describe('solveLru', () => {
  it('gives what the chain of twelve states settles at: 0.58056 for (.4 .3 .2 .1) and two places', () => {
    const probabilities = [0.4, 0.3, 0.2, 0.1];
    const chain = walkChain(probabilities, 2);
    assert.equal(chain.states, 12);
    assert.ok(Math.abs(chain.hitRatio - 0.58056) < 5e-6);
    assert.ok(Math.abs(solveLru(probabilities, 2) - chain.hitRatio) < 1e-12);
  });

  it('gives 0.6626 for eight keys by Zipf and four places', () => {
    assert.ok(Math.abs(solveLru(zipfProbabilities(8), 4) - 0.6626) < 5e-5);
  });

  it('gives what the chain settles at, for any probabilities', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 0, max: 4 }), (list, capacity) => {
        const sum = list.reduce((total, weight) => total + weight, 0);
        const probabilities = list.map((weight) => weight / sum);
        const places = Math.min(capacity, list.length);
        assert.ok(Math.abs(solveLru(probabilities, capacity) - walkChain(probabilities, places).hitRatio) < 1e-6);
      }),
      { numRuns: 50 },
    );
  });

  it('is what the lru policy hits of independent requests', () => {
    const measured = hitRatio(lru(), 4, zipf(200_000, 8, 1, 11));
    assert.ok(Math.abs(measured - solveLru(zipfProbabilities(8), 4)) < 0.005);
  });

  it('hits capacity / N of N keys asked for alike, and everything when all fit', () => {
    for (const capacity of [0, 7]) assert.ok(Math.abs(solveLru(Array(20).fill(0.05), capacity) - capacity / 20) < 1e-9);
    assert.equal(solveLru([0.5, 0.5], 2), 1);
    assert.equal(solveLru([1], 100), 1);
  });

  it('refuses what is no distribution over 1 to 20 keys', () => {
    const random = randomFrom(1);
    const bad = [
      [],
      [0.5],
      [0.5, 0.6],
      [1, 0],
      [-0.5, 1.5],
      [Number.NaN],
      Array(21).fill(1 / 21),
      [random(), random()],
    ];
    for (const probabilities of bad)
      assert.throws(
        () => solveLru(probabilities, 1),
        (error) => error instanceof KvasirError && error.code === 'INVALID_OPTION',
      );
    assert.throws(() => solveLru([1], -1), KvasirError);
    assert.throws(() => solveLru([1], 0.5), KvasirError);
  });
});
