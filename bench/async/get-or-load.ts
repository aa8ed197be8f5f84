import { createCache } from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { Cacheable } from 'cacheable';
import type { Bench, Contender } from '../shared/bench.ts';
import { consume, timeAsync } from '../shared/cpu.ts';
import { makeKeys, shuffle } from '../shared/keys.ts';

type GetOrLoad = (key: string) => Promise<unknown>;

const ENTRIES = 1000;
const value = { id: 1, name: 'mead', price: 12.5 };
const load = (): Promise<typeof value> => Promise.resolve(value);

async function contend(getOrLoad: GetOrLoad): Promise<Contender> {
  const keys = makeKeys(ENTRIES);
  const order = shuffle(ENTRIES);
  for (const key of keys) await getOrLoad(key);
  return {
    async measure() {
      const ns = await timeAsync(10 * ENTRIES, async () => {
        for (let pass = 0; pass < 10; pass += 1) for (const at of order) consume(await getOrLoad(keys[at] ?? ''));
      });
      return { ns };
    },
  };
}

function startMap(): GetOrLoad {
  const map = new Map<string, unknown>();
  return async (key) => {
    const found = map.get(key);
    if (found !== undefined) return found;
    const loaded = await load();
    map.set(key, loaded);
    return loaded;
  };
}

function startKvasir(): GetOrLoad {
  const namespace = createCache({ tiers: [memory()], ttl: '1h' }).namespace<typeof value>('bench');
  return (key) => namespace.getOrLoad(key, load);
}

function startCacheable(): GetOrLoad {
  const cache = new Cacheable({ ttl: '1h' });
  return (key) => cache.getOrSet(key, load);
}

function startBentocache(): GetOrLoad {
  const store = bentostore().useL1Layer(memoryDriver({ maxItems: 10_000 }));
  const cache = new BentoCache({ default: 'bench', ttl: '1h', stores: { bench: store } });
  return (key) => cache.getOrSet({ key, factory: load });
}

export const bench: Bench = {
  title: 'A hit through getOrLoad',
  about:
    'Awaiting the value of a key that is in memory and fresh, with a loader at hand that is not needed; 1,000 keys.',
  scenarios: ['hit'],
  contenders: {
    'async function over Map': () => contend(startMap()),
    'kvasir getOrLoad': () => contend(startKvasir()),
    'cacheable getOrSet': () => contend(startCacheable()),
    'bentocache getOrSet': () => contend(startBentocache()),
  },
  packages: ['cacheable', 'bentocache'],
};
