import assert from 'node:assert/strict';
import { createCache, type Entry, missRatioAt } from '@kvasir/core';
import { ManualClock } from '@kvasir/core/testing';
import { memory } from '@kvasir/memory';
import { describe, it } from 'vitest';

const entry = (expiresAt = Infinity, size = 8): Entry => ({
  value: 1,
  storedAt: 0,
  staleAt: expiresAt,
  expiresAt,
  tags: [],
  stamps: [],
  size,
  cost: 0,
});

describe('the reuse that memory() measures', () => {
  it('tells what LRU of other sizes would hit of the requests of a cache', async () => {
    const cache = createCache({ tiers: [memory({ maxEntries: 5 })] });
    const numbers = cache.namespace<number>('number', { ttl: Infinity });
    for (let request = 0; request < 1000; request++) await numbers.getOrLoad(`${request % 10}`, () => request);
    const points = cache.missRatioCurve()?.points ?? [];
    assert.equal(missRatioAt(points, 9), 1);
    assert.ok(Math.abs(missRatioAt(points, 10) - 0.01) < 1e-9);
    const plan = cache.planCapacity({ targetHitRatio: 0.95 });
    assert.deepEqual([plan?.unit, plan?.capacity, plan?.highestHitRatio], ['entries', 10, 0.99]);
    assert.ok((plan?.localityIndex ?? 0) < -0.1);
    await cache.close();
  });

  it('is in bytes where the tier is bounded in bytes, what an entry takes beside its value included', () => {
    const store = memory({ maxBytes: '1MB' });
    for (let round = 0; round < 4; round++)
      for (const key of ['a', 'b']) if (store.get(key) === undefined) store.set(key, entry(Infinity, 1000));
    const curve = store.reuse?.curve();
    assert.deepEqual([curve?.unit, curve?.footprint], ['bytes', store.stats.bytes]);
    assert.equal(missRatioAt(curve?.points ?? [], store.stats.bytes * 1.1), 0.25);
    assert.equal(missRatioAt(curve?.points ?? [], store.stats.bytes / 2), 1);
  });

  it('counts hits that make no Entry, and peeks and replaced values not', () => {
    const store = memory({ maxEntries: 10 });
    store.set('a', entry());
    for (let i = 0; i < 3; i++) store.getFresh('a');
    store.get('a');
    store.peek('a');
    store.set('a', entry());
    assert.equal(store.reuse?.curve()?.requests, 5);
  });

  it('takes what has expired, was deleted or cleared for a miss at every size', async () => {
    const clock = new ManualClock();
    const store = memory({ maxEntries: 1, clock });
    const ask = (key: string): void => {
      if (store.get(key) === undefined) store.set(key, entry(clock.now() + 100));
    };
    const missed = (): number =>
      (store.reuse?.curve()?.points.at(-1)?.missRatio ?? 1) * (store.reuse?.curve()?.requests ?? 0);
    for (const key of ['a', 'b', 'a']) ask(key);
    assert.equal(Math.round(missed()), 2);
    await clock.advance(100);
    ask('b');
    assert.equal(Math.round(missed()), 3);
    store.delete('a');
    ask('a');
    assert.equal(Math.round(missed()), 4);
    store.clear();
    ask('b');
    assert.equal(Math.round(missed()), 5);
    ask('b');
    assert.equal(Math.round(missed()), 5);
  });
});
