import type { Bench, Contender, Measurement } from '../shared/bench.ts';
import { consume, cpuMicros } from '../shared/cpu.ts';
import { makeKeys, renew, shuffle } from '../shared/keys.ts';
import {
  type LocalCache,
  startKvasirNamespace,
  startKvasirTier,
  startLruCache,
  startLruCacheTtl,
  startMap,
} from './local-caches.ts';

const SIZES = { '1k': 1000, '100k': 100_000 } as const;
const LOOKUPS = 200_000;

function contend(make: (entries: number) => LocalCache): Contender {
  const caches = new Map<number, { cache: LocalCache; keys: string[]; order: Uint32Array }>();

  async function filled(entries: number): Promise<{ cache: LocalCache; keys: string[]; order: Uint32Array }> {
    let found = caches.get(entries);
    if (found === undefined) {
      const keys = makeKeys(entries);
      const cache = make(entries);
      for (const key of keys) await cache.set(key, { id: key });
      found = { cache, keys, order: shuffle(entries) };
      caches.set(entries, found);
    }
    return found;
  }

  async function hit(entries: number, isFresh: boolean): Promise<Measurement> {
    const { cache, keys, order } = await filled(entries);
    let spent = 0;
    let done = 0;
    while (spent < 150_000) {
      const asked = Array.from({ length: LOOKUPS }, (_, i) => keys[order[i % entries] ?? 0] ?? '');
      const lookups = isFresh ? renew(asked) : asked;
      const start = cpuMicros();
      let found = 0;
      for (const key of lookups) if (cache.get(key) !== undefined) found += 1;
      spent += cpuMicros() - start;
      done += lookups.length;
      if (found !== lookups.length) throw new Error(`${lookups.length - found} of ${lookups.length} were no hits`);
      consume(found);
    }
    return { ns: (spent * 1000) / done };
  }

  /** With values that are shared, so that what is weighed is the cache; its keys are its own. */
  async function weigh(entries: number): Promise<Measurement> {
    const value = {};
    globalThis.gc?.();
    const before = process.memoryUsage();
    const cache = make(entries);
    for (const key of makeKeys(entries)) await cache.set(key, value);
    globalThis.gc?.();
    const after = process.memoryUsage();
    const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    if (cache.get('/articles/000000000?lang=en-GB') === undefined) throw new Error('The first key is gone');
    return { 'bytes an entry': grown / entries };
  }

  return {
    measure(scenario) {
      if (scenario === 'memory 100k') return weigh(SIZES['100k']);
      const [, kind, size] = scenario.split(' ');
      return hit(SIZES[size as keyof typeof SIZES], kind === 'fresh');
    },
  };
}

export const bench: Bench = {
  title: 'A hit in memory',
  about:
    'One synchronous look-up of a key that is there, keys of 31 characters in random order. Warm: the same string objects again and again. ' +
    'Fresh: the key is a new string, as in a request. Memory: keys, tables and metadata, without the values.',
  scenarios: ['hit warm 1k', 'hit fresh 1k', 'hit warm 100k', 'hit fresh 100k', 'memory 100k'],
  contenders: {
    Map: () => contend(startMap),
    'lru-cache': () => contend(startLruCache),
    'lru-cache with ttl': () => contend(startLruCacheTtl),
    'kvasir memory()': () => contend(startKvasirTier),
    'kvasir getSync': () => contend(startKvasirNamespace),
  },
  packages: ['lru-cache'],
};
