import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { hashKey, KvasirError, lru, type MissRatioCurve, missRatioAt, ReuseSampler } from '../../src/index.ts';
import { missRatioOfLru } from '../support/exact-curve.ts';
import { hitRatio } from '../support/policy-store.ts';
import { loop, withScans, zipf } from '../support/traces.ts';

/** Feeds `keys` as a store does in which everything fits. */
function feed(
  sampler: ReuseSampler,
  keys: Iterable<string>,
  seed = 1,
  weightOf: (key: string) => number = () => 1,
): void {
  const seen = new Set<string>();
  for (const key of keys) {
    const hash = hashKey(key, seed);
    if (!seen.has(key)) sampler.insert(hash, weightOf(key));
    else if (sampler.hit(hash)) sampler.note(hash, weightOf(key));
    seen.add(key);
  }
}

function draw(sampler: ReuseSampler): MissRatioCurve {
  const curve = sampler.curve();
  assert.ok(curve !== undefined);
  return curve;
}

const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9;

describe('ReuseSampler', () => {
  it('draws the exact curve of LRU while all keys are in the sample, in entries and in bytes', () => {
    const request = fc.record({
      key: fc.constantFrom(...Array.from('abcdefghijkl')),
      weight: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 150, size: 'max' }), fc.boolean(), (list, inBytes) => {
        const requests = list.map(({ key, weight }) => ({ key, weight: inBytes ? weight : 1 }));
        const sampler = new ReuseSampler(inBytes ? 'bytes' : 'entries');
        const seen = new Set<string>();
        for (const { key, weight } of requests) {
          if (!seen.has(key)) sampler.insert(hashKey(key), weight);
          else if (sampler.hit(hashKey(key))) sampler.note(hashKey(key), weight);
          seen.add(key);
        }
        const { points, requests: counted, keys, unit } = draw(sampler);
        assert.deepEqual([unit, counted, keys], [inBytes ? 'bytes' : 'entries', requests.length, seen.size]);
        for (let size = 0; size <= 26; size++)
          assert.ok(close(missRatioAt(points, size), missRatioOfLru(requests, size)));
      }),
    );
  });

  it.each([
    ['independent requests', () => zipf(200_000, 30_000, 0.9, 1), [1000, 10_000, 20_000]],
    ['scans among them', () => withScans(zipf(100_000, 5000, 1, 2), 5000, 4000), [100, 1000, 4000, 8000]],
    ['a loop', () => loop(100_000, 20_000), [10_000, 19_000, 21_000]],
  ] as const)('is within three points of what lru misses of %s, from 2,048 keys of many', (_what, trace, sizes) => {
    const sampler = new ReuseSampler('entries');
    feed(sampler, trace(), 2);
    const { points } = draw(sampler);
    for (const size of sizes)
      assert.ok(Math.abs(missRatioAt(points, size) - (1 - hitRatio(lru(), size, trace()))) < 0.03, `${size}`);
  });

  it('knows what a cache for everything would hit to half a point, whichever popular keys are in the sample', () => {
    const trace = [...zipf(100_000, 20_000, 1, 4)];
    const exact = new Set(trace).size / trace.length;
    for (let seed = 1; seed <= 5; seed++) {
      const sampler = new ReuseSampler('entries');
      feed(sampler, trace, seed);
      assert.ok(Math.abs(missRatioAt(draw(sampler).points, 20_000) - exact) < 0.005, `${seed}`);
    }
  });

  it('tells how many different keys there were within three percent', () => {
    const sampler = new ReuseSampler('entries');
    feed(sampler, loop(120_000, 60_000));
    assert.ok(Math.abs(draw(sampler).keys - 60_000) < 1800);
  });

  it('finds the same by popularity as by measurement when requests are independent, and less when they are not', () => {
    const independent = new ReuseSampler('entries');
    feed(independent, zipf(100_000, 1000, 0.8, 5));
    for (const size of [10, 100, 500]) {
      const { points, byPopularity } = draw(independent);
      assert.ok(Math.abs(missRatioAt(points, size) - missRatioAt(byPopularity, size)) < 0.02);
    }
    const local = new ReuseSampler('entries');
    feed(
      local,
      [...zipf(50_000, 5000, 0.1, 5)].flatMap((key) => [key, key]),
    );
    assert.ok(missRatioAt(draw(local).points, 10) < 0.51);
    assert.ok(missRatioAt(draw(local).byPopularity, 10) > 0.9);
  });

  it('counts a request for what was deleted or has expired as a miss at every size', () => {
    const sampler = new ReuseSampler('entries');
    sampler.insert(1, 1, 100, 0);
    sampler.insert(2, 1, 100, 0);
    sampler.insert(3, 1, 100, 0);
    sampler.forget(1);
    sampler.insert(1, 1, 100, 50);
    sampler.insert(2, 1, 300, 100);
    sampler.insert(3, 1, 300, 99);
    assert.equal(missRatioAt(draw(sampler).points, 1000), 5 / 6);
    sampler.forgetAll();
    for (const hash of [1, 2, 3]) sampler.insert(hash, 1, 300, 100);
    assert.equal(missRatioAt(draw(sampler).points, 1000), 8 / 9);
  });

  it('follows a stream that changes: what is three generations ago is forgotten', () => {
    const sampler = new ReuseSampler('entries', { generation: 10_000 });
    feed(sampler, loop(30_000, 1000));
    assert.equal(missRatioAt(draw(sampler).points, 500), 1);
    feed(sampler, loop(30_000, 100));
    assert.ok(missRatioAt(draw(sampler).points, 500) < 0.02);
    assert.ok(draw(sampler).requests <= 20_000);
  });

  it('looks at one key in sixteen after 2^18 requests, and then still knows the curve', () => {
    const sampler = new ReuseSampler('entries');
    feed(sampler, loop(2 ** 18 + 2000, 1000));
    let noted = 0;
    for (const key of loop(1000, 1000)) if (sampler.hit(hashKey(key, 1))) noted++;
    assert.ok(noted > 30 && noted < 110);
    assert.ok(missRatioAt(draw(sampler).points, 950) > 0.98);
    assert.ok(missRatioAt(draw(sampler).points, 1050) < 0.02);
  });

  it('takes at most 128 KB, whatever comes', () => {
    const before = process.memoryUsage().arrayBuffers;
    const samplers = Array.from({ length: 50 }, () => new ReuseSampler('bytes'));
    const each = (process.memoryUsage().arrayBuffers - before) / samplers.length;
    assert.ok(each <= 128 * 1024, `${each}`);
  });

  it('draws nothing before the first request, and a flat line when nothing came twice', () => {
    const sampler = new ReuseSampler('entries');
    assert.equal(sampler.curve(), undefined);
    feed(sampler, ['a', 'b', 'c']);
    for (const size of [0, 1, 100]) assert.equal(missRatioAt(draw(sampler).points, size), 1);
  });

  it('refuses a generation of no requests and a rate that is none', () => {
    for (const options of [
      { generation: 0 },
      { generation: Number.NaN },
      { rate: 0 },
      { rate: 1.1 },
      { rate: Number.NaN },
    ])
      assert.throws(() => new ReuseSampler('entries', options), KvasirError);
  });
});
