import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { createCache, hashKey, KvasirError, type LocalStore, ReuseSampler } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { mapStore } from '../support/map-store.ts';

/** A local tier that measures, as `memory()` does. */
function measuringStore(): LocalStore {
  const store = mapStore(new ManualClock());
  const reuse = new ReuseSampler('entries');
  const hit = (key: string): void => {
    if (reuse.hit(hashKey(key))) reuse.note(hashKey(key), 1);
  };
  return {
    ...store,
    stats: store.stats,
    reuse,
    getFresh(key, space, margin) {
      const value = store.getFresh(key, space, margin);
      if (value !== undefined) hit(key);
      return value;
    },
    set(key, entry, space) {
      reuse.insert(hashKey(key), 1);
      store.set(key, entry, space);
    },
  };
}

describe('cache.missRatioCurve and planCapacity', () => {
  it('speak of the requests that the local tier saw', async () => {
    const cache = createCache({ tiers: [measuringStore()], clock: new ManualClock() });
    assert.equal(cache.missRatioCurve(), undefined);
    assert.equal(cache.planCapacity({ targetHitRatio: 0.5 }), undefined);
    const numbers = cache.namespace<string>('number');
    for (let round = 0; round < 10; round++)
      for (const key of ['a', 'b', 'c', 'd']) await numbers.getOrLoad(key, () => key);
    assert.equal(cache.missRatioCurve()?.requests, 40);
    assert.equal(cache.missRatioCurve()?.keys, 4);
    const plan = cache.planCapacity({ targetHitRatio: 0.8 });
    assert.equal(plan?.capacity, 4);
    assert.equal(plan?.highestHitRatio, 0.9);
    await cache.close();
  });

  it('are undefined for a tier that does not measure, and for bad goals throw all the same', async () => {
    const clock = new ManualClock();
    const cache = createCache({ tiers: [mapStore(clock)], clock });
    await cache.namespace('number').getOrLoad('1', () => 1);
    assert.equal(cache.missRatioCurve(), undefined);
    assert.equal(cache.planCapacity({ targetHitRatio: 0.9 }), undefined);
    assert.throws(() => cache.planCapacity({ targetHitRatio: 90 }), KvasirError);
    await cache.close();
  });
});
