import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashKey } from '../../src/index.ts';
import { FrequencySketch } from '../../src/policy/sketch.ts';
import { zipf } from '../support/traces.ts';

function count(sketch: FrequencySketch, key: string): boolean {
  const isFull = sketch.increment(hashKey(key));
  if (isFull) sketch.halve();
  return isFull;
}

/** Counts exactly, with the same saturation and halving. */
class ExactCounter {
  readonly counts = new Map<string, number>();
  readonly #window: number;
  total = 0;

  constructor(window: number) {
    this.#window = window;
  }

  increment(key: string): boolean {
    this.counts.set(key, Math.min(15, (this.counts.get(key) ?? 0) + 1));
    if (++this.total < this.#window) return false;
    let odd = 0;
    for (const [other, count] of this.counts) {
      if (count < 15) odd += count & 1;
      this.counts.set(other, count >>> 1);
    }
    this.total = (this.total - odd) / 2;
    return true;
  }
}

describe('FrequencySketch', () => {
  it('counts a few keys exactly, halves them together with the total, and loses the odd ones from both', () => {
    const key = fc.integer({ min: 0, max: 9 }).map((n) => `k${n}`);
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 120 }), fc.array(key, { maxLength: 300, size: 'max' }), (window, keys) => {
        const sketch = new FrequencySketch(4096, window);
        const exact = new ExactCounter(window);
        for (const key of keys) {
          assert.equal(count(sketch, key), exact.increment(key));
          assert.equal(sketch.total, exact.total);
        }
        for (const [key, count] of exact.counts) assert.equal(sketch.estimate(hashKey(key)), count);
      }),
      { numRuns: 50 },
    );
  });

  it('never says less than was counted, nor more than 15', () => {
    const sketch = new FrequencySketch(256, 1e9);
    const counts = new Map<string, number>();
    for (const key of zipf(4_000, 2_000, 0.9, 1)) {
      count(sketch, key);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const [key, count] of counts) {
      expect(sketch.estimate(hashKey(key))).toBeGreaterThanOrEqual(Math.min(15, count));
      expect(sketch.estimate(hashKey(key))).toBeLessThanOrEqual(15);
    }
  });

  it('overestimates as rarely as four rows allow: 1.1 % of keys by more than e / width of the window', () => {
    const width = 4096;
    const requests = 20_000;
    const sketch = new FrequencySketch(width, 1e9);
    for (const key of zipf(requests, 100_000, 0.8, 2)) count(sketch, key);
    const bound = (Math.E / width) * requests;
    let beyond = 0;
    for (let i = 0; i < 10_000; i++) if (sketch.estimate(hashKey(`never asked for ${i}`)) > bound) beyond++;
    expect(beyond / 10_000).toBeLessThan(Math.exp(-4) * 1.1);
  });

  it('keeps every estimate when it is widened, and counts on', () => {
    const keys = [...zipf(2_000, 500, 0.9, 3)];
    const sketch = new FrequencySketch(1024, 1e9);
    for (const key of keys) count(sketch, key);
    const before = keys.map((key) => sketch.estimate(hashKey(key)));
    sketch.widen(10_000, 1e9);
    expect(keys.map((key) => sketch.estimate(hashKey(key)))).toEqual(before);
    for (let i = 0; i < 5; i++) sketch.increment(hashKey('new'));
    expect(sketch.estimate(hashKey('new'))).toBeGreaterThanOrEqual(5);
  });

  it('is no less exact after growing than it would have been from the start', () => {
    const grown = new FrequencySketch(256, 4_000);
    const wide = new FrequencySketch(8192, 4_000);
    let excess = 0;
    for (const [at, key] of [...zipf(20_000, 3_000, 0.9, 4)].entries()) {
      if (at === 1_000) grown.widen(8192, 4_000);
      count(grown, key);
      count(wide, key);
    }
    for (let i = 0; i < 3_000; i++) excess += grown.estimate(hashKey(`k${i}`)) - wide.estimate(hashKey(`k${i}`));
    expect(Math.abs(excess) / 3_000).toBeLessThan(0.25);
  });

  it('never lets the probabilities of distinct keys add up to more than one, nor to much less', () => {
    const sketch = new FrequencySketch(16_384, 500);
    for (const key of zipf(3_333, 50, 0.7, 5)) count(sketch, key);
    let sum = 0;
    for (let i = 0; i < 50; i++) sum += sketch.estimate(hashKey(`k${i}`));
    expect(sum).toBeLessThanOrEqual(sketch.total);
    expect(sum).toBeGreaterThan(sketch.total * 0.7);
  });
});
