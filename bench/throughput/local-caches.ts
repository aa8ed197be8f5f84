import type { Entry } from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { LRUCache } from 'lru-cache';

/** What is compared: a synchronous cache that holds `entries` at least. */
export interface LocalCache {
  get(key: string): unknown;
  set(key: string, value: object): unknown;
  clear(): void;
}

export type StartCache = (entries: number) => LocalCache;

const HOUR = 3_600_000;
const NONE: readonly string[] = [];

export function startMap(): LocalCache {
  return new Map<string, object>();
}

export function startLruCache(entries: number): LocalCache {
  return new LRUCache<string, object>({ max: entries, ttl: HOUR });
}

/** The tier alone, given an Entry a value and asked for bare values, as a cache does. */
export function startKvasirTier(entries: number): LocalCache {
  const store = memory({ maxEntries: entries });
  return {
    get: (key) => store.getFresh(key),
    set(key, value) {
      const storedAt = Date.now();
      const times = { storedAt, staleAt: storedAt + HOUR, expiresAt: storedAt + HOUR };
      const entry: Entry = { value, ...times, tags: NONE, stamps: NONE, size: 64, cost: 1 };
      store.set(key, entry);
    },
    clear: () => store.clear(),
  };
}
