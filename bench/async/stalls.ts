import { createCache } from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { LRUCache } from 'lru-cache';
import type { Bench, Contender, Measurement } from '../shared/bench.ts';
import { makeKeys } from '../shared/keys.ts';

const ENTRIES = 1_000_000;
const TAG = 'news';
const HOUR_MS = 3_600_000;
/** Of the event loop, after the work is done: what it left behind may run then. */
const TURNS_AFTER = 50;
const value = { id: 1, name: 'mead' };

interface TaggedCache {
  /** Under {@link TAG}. */
  set(key: string): unknown;
  invalidate(): unknown;
  clear(): unknown;
  isHit(key: string): Promise<boolean>;
}

/** The floor: what there is to invalidate is walked through. */
function startMap(): TaggedCache {
  const map = new Map<string, { value: typeof value; tags: readonly string[] }>();
  return {
    set: (key) => map.set(key, { value, tags: [TAG] }),
    invalidate() {
      for (const [key, { tags }] of map) if (tags.includes(TAG)) map.delete(key);
    },
    clear: () => map.clear(),
    isHit: async (key) => map.has(key),
  };
}

function startKvasir(): TaggedCache {
  const cache = createCache({ tiers: [memory({ maxEntries: ENTRIES })], ttl: '1h' });
  const namespace = cache.namespace<typeof value>('bench', { tags: [TAG] });
  return {
    set: (key) => namespace.set(key, value),
    invalidate: () => cache.invalidateTags(TAG),
    clear: () => cache.clear(),
    isHit: async (key) => (await namespace.get(key)) !== undefined,
  };
}

function startLruCache(): TaggedCache {
  const cache = new LRUCache<string, { value: typeof value; tags: readonly string[] }>({ max: ENTRIES, ttl: HOUR_MS });
  return {
    set: (key) => cache.set(key, { value, tags: [TAG] }),
    invalidate() {
      for (const [key, { tags }] of cache.entries()) if (tags.includes(TAG)) cache.delete(key);
    },
    clear: () => cache.clear(),
    isHit: async (key) => cache.has(key),
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The longest that one turn of the event loop took while `work` was done and after. */
async function watch(work: () => unknown): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let isDone = false;
  const turns = (async () => {
    for (let left = TURNS_AFTER; left > 0; left -= isDone ? 1 : 0) {
      await nextTurn();
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
  })();
  await work();
  isDone = true;
  await turns;
  return longest;
}

function contend(cache: TaggedCache): Contender {
  const keys = makeKeys(ENTRIES);
  return {
    async measure(scenario): Promise<Measurement> {
      for (const key of keys) await cache.set(key);
      globalThis.gc?.();
      await nextTurn();
      const longest = await watch(() => (scenario === 'clear' ? cache.clear() : cache.invalidate()));
      for (let at = 0; at < ENTRIES; at += 1000)
        if (await cache.isHit(keys[at] ?? '')) throw new Error(`${keys[at]} is still served`);
      return { 'ms the loop stood still': longest };
    },
  };
}

export const bench: Bench = {
  title: 'Invalidating a million entries at once',
  about:
    '1,000,000 entries in memory under one tag: the longest turn of the event loop while the tag is invalidated, or all is cleared. ' +
    'Who has no tags walks through all entries.',
  scenarios: ['invalidate the tag', 'clear'],
  contenders: {
    'walk over a Map': () => contend(startMap()),
    'kvasir namespace': () => contend(startKvasir()),
    'walk over lru-cache': () => contend(startLruCache()),
  },
  packages: ['lru-cache'],
};
