import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { hashKey } from '../../src/index.ts';
import { DistinctCounter } from '../../src/model/distinct.ts';

describe('DistinctCounter', () => {
  it.each([0, 1, 10, 1000, 20_000, 50_000, 300_000])('counts and weighs %i different keys within 2.5 %', (keys) => {
    const counter = new DistinctCounter();
    for (let key = 0; key < keys; key++) counter.add(hashKey(`key ${key}`, 7), 1 + (key % 3));
    // Three and a half standard deviations of 0.7 %.
    assert.ok(Math.abs(counter.count - keys) <= keys * 0.025, `${counter.count}`);
    assert.ok(Math.abs(counter.weight - 2 * keys) <= Math.max(1, 2 * keys * 0.025), `${counter.weight}`);
  });

  it('counts and weighs a key once, however often it comes', () => {
    const once = new DistinctCounter();
    const often = new DistinctCounter();
    for (let key = 0; key < 1000; key++) once.add(hashKey(`${key}`), key);
    for (let round = 1; round <= 3; round++)
      for (let key = 0; key < 1000; key++) often.add(hashKey(`${key}`), round * key);
    assert.deepEqual([often.count, often.weight], [once.count, once.weight]);
  });
});
