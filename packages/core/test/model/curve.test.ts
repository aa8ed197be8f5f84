import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { KvasirError, type MissRatioCurve, missRatioAt, planCapacity } from '../../src/index.ts';

const curve: MissRatioCurve = {
  unit: 'entries',
  requests: 1000,
  keys: 400,
  footprint: 400,
  points: [
    { size: 0, missRatio: 1 },
    { size: 100, missRatio: 0.5 },
    { size: 300, missRatio: 0.25 },
  ],
  byPopularity: [
    { size: 0, missRatio: 1 },
    { size: 400, missRatio: 0.2 },
  ],
};

describe('missRatioAt', () => {
  it('is a straight line between points and flat after the last', () => {
    const sizes = [0, 50, 100, 200, 300, 10_000];
    assert.deepEqual(
      sizes.map((size) => missRatioAt(curve.points, size)),
      [1, 0.75, 0.5, 0.375, 0.25, 0.25],
    );
    assert.equal(missRatioAt([], 5), 1);
  });
});

describe('planCapacity', () => {
  it('names the least size that reaches the target, by measurement and by popularity, and the difference there', () => {
    assert.deepEqual(planCapacity(curve, { targetHitRatio: 0.625 }), {
      unit: 'entries',
      targetHitRatio: 0.625,
      capacity: 200,
      capacityByPopularity: 313,
      highestHitRatio: 0.75,
      localityIndex: 0.6 - 0.375,
      thresholdBelow: 1 / 200,
    });
  });

  it('names no size for what no size reaches, but the highest hit ratio there is', () => {
    const plan = planCapacity(curve, { targetHitRatio: 0.78 });
    assert.equal(plan.capacity, undefined);
    assert.equal(plan.highestHitRatio, 0.75);
    assert.equal(plan.capacityByPopularity, 390);
    assert.equal(plan.thresholdBelow, undefined);
    assert.ok(plan.localityIndex > 0);
  });

  it('knows no threshold for a size in bytes', () => {
    assert.equal(planCapacity({ ...curve, unit: 'bytes' }, { targetHitRatio: 0.5 }).thresholdBelow, undefined);
  });

  it.each([0, 1, -1, 1.5, Number.NaN, '0.9', undefined])('refuses %j as a target', (targetHitRatio) => {
    assert.throws(
      () => planCapacity(curve, { targetHitRatio: targetHitRatio as number }),
      (error) => error instanceof KvasirError && /targetHitRatio/.test(error.message),
    );
  });

  it('refuses options that it does not know', () => {
    assert.throws(() => planCapacity(curve, { target: 0.9 } as never), KvasirError);
  });
});
