import type { Bench, Contender, Measurement } from '../shared/bench.ts';
import { type LocalCache, type StartCache, startKvasirTier, startLruCache, startMap } from './local-caches.ts';

const SIZES: Readonly<Record<string, number>> = { '1M': 1_000_000, '10M': 10_000_000, '20M': 20_000_000 };
const STEP = 1000;
const VALUE = {};

function keyOf(i: number): string {
  // Flat, as a key that was read from a socket is.
  return Buffer.from(`/articles/${String(i).padStart(9, '0')}?lang=en-GB`, 'latin1').toString('latin1');
}

/** Buffers that a collection found unused are only counted as gone by the next one. */
function heldBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A string of 31 one-byte characters: header of 16 bytes, rounded up to 8. */
const KEY_BYTES = 48;

function fill(start: StartCache, entries: number): { cache: LocalCache; found: Measurement } {
  const before = heldBytes();
  const cache = start(entries);
  let worst = 0;
  let total = 0;
  for (let i = 0; i < entries; i += STEP) {
    const keys = Array.from({ length: STEP }, (_, j) => keyOf(i + j));
    const begun = performance.now();
    for (const key of keys) void cache.set(key, VALUE);
    const took = performance.now() - begun;
    total += took;
    worst = Math.max(worst, took);
  }
  const bytes = (heldBytes() - before) / entries - KEY_BYTES;
  const found = { 'worst 1,000 sets, ms': worst, 'ns a set': (total * 1e6) / entries, 'bytes an entry': bytes };
  return { cache, found };
}

function measureClear(cache: LocalCache): Measurement {
  const begun = performance.now();
  cache.clear();
  return { 'clear, ms': performance.now() - begun };
}

function contend(start: StartCache, mostEntries: number): Contender {
  return {
    measure(scenario) {
      const entries = SIZES[scenario.split(' ').at(-1) ?? ''] ?? 0;
      if (entries > mostEntries) return {};
      const { cache, found } = fill(start, entries);
      return { ...found, ...measureClear(cache) };
    },
  };
}

export const bench: Bench = {
  title: 'Filling the local tier',
  about:
    'An empty cache is filled with new keys of 31 characters that share one value, with a TTL of an hour, up to its bound. Wall time of the worst ' +
    '1,000 sets in a row; heap and array buffers an entry after a collection, less the key; then everything is cleared. A Map ends at 2^24 entries.',
  scenarios: ['fill to 1M', 'fill to 10M', 'fill to 20M'],
  contenders: {
    'lru-cache': () => contend(startLruCache, 2 ** 24),
    Map: () => contend(startMap, 2 ** 24),
    'kvasir memory()': () => contend(startKvasirTier, Infinity),
  },
  packages: ['lru-cache'],
};
