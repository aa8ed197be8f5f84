import { createCache, lru, prefetcher } from '@kvasir/core';
import { ManualClock } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { memory } from '../src/index.ts';

const PAGES = 60;
const ROUNDS = 6;

/** Hits of readers who each walk the same chapters in order, over a store that holds half of them. */
async function readThrough(ahead: { depth: number } | undefined): Promise<{ hits: number; loads: number }> {
  const clock = new ManualClock();
  const cache = createCache({ tiers: [memory({ maxEntries: PAGES / 2, policy: lru(), clock })], ttl: Infinity, clock });
  const namespace = cache.namespace<string>('chapter');
  const load = async ({ key }: { key: string }): Promise<string> => `text of ${key}`;
  const fetcher = ahead && prefetcher({ namespace, load, clock, ...ahead });
  for (let round = 0; round < ROUNDS; round++) {
    for (let page = 0; page < PAGES; page++) {
      await namespace.getOrLoad(`p${page}`, load);
      fetcher?.observe(`p${page}`, `reader ${round}`);
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(0);
    }
  }
  const { hits, loads } = cache.stats();
  return { hits, loads };
}

describe('prefetching into memory', () => {
  it('turns a loop that lru always misses into hits, without loading more than without it', async () => {
    const alone = await readThrough(undefined);
    expect(alone).toEqual({ hits: 0, loads: PAGES * ROUNDS });
    const ahead = await readThrough({ depth: 2 });
    expect(ahead.hits).toBeGreaterThanOrEqual(PAGES * (ROUNDS - 1) - 30);
    expect(ahead.loads).toBeLessThanOrEqual(PAGES * ROUNDS + 2 * ROUNDS);
  });

  it('leaves no trace on the policy where there is nothing to fetch', async () => {
    const clock = new ManualClock();
    const cache = createCache({ tiers: [memory({ maxEntries: 2, policy: lru(), clock })], clock });
    const namespace = cache.namespace<string>('page');
    await namespace.set('a', 'a');
    await namespace.set('b', 'b');
    expect(namespace.prefetch(['a'], () => 'again')).toBe(0);
    await namespace.set('c', 'c');
    expect(namespace.getSync('a')).toBeUndefined();
    expect(namespace.getSync('b')).toBe('b');
  });

  it('has what is fresh here or being loaded, and nothing else', async () => {
    const clock = new ManualClock();
    const cache = createCache({
      tiers: [memory({ maxEntries: 2, policy: lru(), clock })],
      ttl: 1_000,
      grace: 1_000,
      clock,
    });
    const namespace = cache.namespace<string>('page');
    expect(namespace.has('a')).toBe(false);
    namespace.prefetch(['a'], () => 'a');
    expect(namespace.has('a')).toBe(true);
    await clock.advance(0);
    expect(namespace.has('a')).toBe(true);
    await namespace.set('b', 'b');
    expect(namespace.has('a')).toBe(true);
    await namespace.set('c', 'c');
    expect(namespace.has('a')).toBe(false);
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 0, prefetchUsed: 0 });
    await clock.advance(1_000);
    expect(namespace.has('b')).toBe(false);
  });
});
