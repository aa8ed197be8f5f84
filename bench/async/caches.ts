import { createCache } from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { Cacheable } from 'cacheable';
import { LRUCache } from 'lru-cache';

export interface Value {
  readonly id: number;
  readonly name: string;
}

export type Load = () => Promise<Value>;

/** What a cache calls its own ways to ask; who has no synchronous one leaves it out. */
export interface AsyncCache {
  get(key: string): Promise<Value | null | undefined>;
  getOrLoad(key: string, load: Load): Promise<Value | undefined>;
  getSync?(key: string): Value | undefined;
}

const ENTRIES = 10_000;
const HOUR_MS = 3_600_000;

/** The floor: what an asynchronous function over a Map costs. It joins no loads. */
export function startMap(): AsyncCache {
  const map = new Map<string, Value>();
  return {
    get: async (key) => map.get(key),
    async getOrLoad(key, load) {
      const found = map.get(key);
      if (found !== undefined) return found;
      const loaded = await load();
      map.set(key, loaded);
      return loaded;
    },
    getSync: (key) => map.get(key),
  };
}

export function startKvasir(): AsyncCache {
  return createCache({ tiers: [memory()], ttl: '1h' }).namespace<Value>('bench');
}

export function startLruCache(): AsyncCache {
  const cache = new LRUCache<string, Value, Load>({
    max: ENTRIES,
    ttl: HOUR_MS,
    fetchMethod: (_key, _stale, { context }) => context(),
  });
  return {
    get: async (key) => cache.get(key),
    getOrLoad: (key, load) => cache.fetch(key, { context: load }),
    getSync: (key) => cache.get(key),
  };
}

export function startCacheable(): AsyncCache {
  const cache = new Cacheable({ ttl: HOUR_MS });
  return {
    get: (key) => cache.get<Value>(key),
    getOrLoad: (key, load) => cache.getOrSet(key, load),
  };
}

export function startBentocache(): AsyncCache {
  const store = bentostore().useL1Layer(memoryDriver({ maxItems: ENTRIES }));
  const cache = new BentoCache({ default: 'bench', ttl: '1h', stores: { bench: store } });
  return {
    get: (key) => cache.get<Value>({ key }),
    getOrLoad: (key, load) => cache.getOrSet({ key, factory: load }),
  };
}
