import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { BUCKETS, bucketOf, edgeOf } from '../../src/model/distance-histogram.ts';

describe('the buckets of distances', () => {
  it('hold each distance between the edge of the one before and their own', () => {
    fc.assert(
      fc.property(fc.double({ min: Number.MIN_VALUE, max: 2 ** 41, noNaN: true }), (distance) => {
        const bucket = bucketOf(distance);
        assert.ok(edgeOf(bucket - 1) < distance || edgeOf(bucket - 1) < Math.ceil(distance));
        assert.ok(distance <= edgeOf(bucket));
      }),
    );
  });

  it('are single distances up to 32 and at most a sixteenth wide above', () => {
    for (let distance = 1; distance <= 32; distance++) assert.equal(edgeOf(bucketOf(distance)), distance);
    for (let bucket = 33; bucket < BUCKETS; bucket++) {
      const [low, high] = [edgeOf(bucket - 1), edgeOf(bucket)];
      assert.ok(high > low && high <= low * (1 + 1 / 16));
      assert.equal(bucketOf(high), bucket);
      assert.equal(bucketOf(low + 0.5), bucket);
    }
  });

  it('put what is beyond all into the last', () => {
    for (const distance of [2 ** 41 + 1, 2 ** 60, Number.MAX_VALUE]) assert.equal(bucketOf(distance), BUCKETS - 1);
  });
});
