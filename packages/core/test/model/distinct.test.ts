import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { hashKey } from '../../src/index.ts';
import { DistinctCounter } from '../../src/model/distinct.ts';

describe('DistinctCounter', () => {
  it.each([0, 1, 10, 1000, 20_000, 50_000, 300_000])('counts %i different keys within 2.5 %', (keys) => {
    const counter = new DistinctCounter();
    for (let key = 0; key < keys; key++) counter.add(hashKey(`key ${key}`, 7));
    // Three standard deviations of 0.8 %.
    assert.ok(Math.abs(counter.estimate() - keys) <= Math.max(0.5, keys * 0.025), `${counter.estimate()}`);
  });

  it('does not count a key twice', () => {
    const counter = new DistinctCounter();
    for (let round = 0; round < 3; round++) for (let key = 0; key < 1000; key++) counter.add(hashKey(`${key}`));
    const once = new DistinctCounter();
    for (let key = 0; key < 1000; key++) once.add(hashKey(`${key}`));
    assert.equal(counter.estimate(), once.estimate());
  });
});
