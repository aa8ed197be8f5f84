import type { Bench, Contender, Measurement } from '../shared/bench.ts';
import { cpuMicros } from '../shared/cpu.ts';
import { makeKeys, renew, shuffle } from '../shared/keys.ts';
import { type AsyncCache, startBentocache, startCacheable, startKvasir, startLruCache, startMap } from './caches.ts';

const ENTRIES = 1000;
/** At once, of one key that nobody has. */
const CALLERS = 1000;
/** A round of each. */
const BUDGET_MICROS = 150_000;
const value = { id: 1, name: 'mead' };
const load = (): Promise<typeof value> => Promise.resolve(value);

type Pass = (keys: readonly string[]) => Promise<number>;

/** Each way to ask in a loop of its own, so that no call site has seen another. Returns the hits. */
function waysOf(cache: AsyncCache): Readonly<Record<string, Pass>> {
  return {
    async get(keys) {
      let hits = 0;
      for (const key of keys) if ((await cache.get(key))?.id === value.id) hits += 1;
      return hits;
    },
    async getOrLoad(keys) {
      let hits = 0;
      for (const key of keys) if ((await cache.getOrLoad(key, load))?.id === value.id) hits += 1;
      return hits;
    },
    async getSync(keys) {
      let hits = 0;
      for (const key of keys) if (cache.getSync?.(key)?.id === value.id) hits += 1;
      return hits;
    },
  };
}

async function contend(cache: AsyncCache): Promise<Contender> {
  const own = makeKeys(ENTRIES);
  const order = shuffle(ENTRIES);
  const ways = waysOf(cache);
  let misses = 0;
  for (const key of own) await cache.getOrLoad(key, load);

  async function hit(pass: Pass, isFresh: boolean): Promise<Measurement> {
    const warm = Array.from({ length: 10 * ENTRIES }, (_, i) => own[order[i % ENTRIES] ?? 0] ?? '');
    let spent = 0;
    let done = 0;
    while (spent < BUDGET_MICROS) {
      const keys = isFresh ? renew(warm) : warm;
      const start = cpuMicros();
      const hits = await pass(keys);
      spent += cpuMicros() - start;
      done += keys.length;
      if (hits !== keys.length) throw new Error(`${keys.length - hits} of ${keys.length} were no hits`);
    }
    return { ns: (spent * 1000) / done };
  }

  async function missAtOnce(fails: boolean): Promise<Measurement> {
    let loads = 0;
    let spent = 0;
    let asked = 0;
    let told = 0;
    while (spent < BUDGET_MICROS) {
      const key = `/new/${++misses}`;
      const failure = new Error('the origin is down');
      const loadLater = async (): Promise<typeof value> => {
        loads += 1;
        await new Promise((resolve) => setImmediate(resolve));
        if (fails) throw failure;
        return value;
      };
      const start = cpuMicros();
      const answers = await Promise.allSettled(Array.from({ length: CALLERS }, () => cache.getOrLoad(key, loadLater)));
      spent += cpuMicros() - start;
      for (const answer of answers)
        if (answer.status === 'rejected' ? answer.reason === failure : answer.value?.id === value.id) told += 1;
      asked += 1;
    }
    return { µs: spent / asked, loads: loads / asked, 'callers told what the loader said': told / asked };
  }

  return {
    measure(scenario) {
      if (scenario === 'misses') return missAtOnce(false);
      if (scenario === 'misses, the loader fails') return missAtOnce(true);
      const [way = '', keys] = scenario.split(', ');
      const pass = ways[way];
      if (pass === undefined || (way === 'getSync' && cache.getSync === undefined)) return {};
      return hit(pass, keys === 'fresh keys');
    },
  };
}

const WAYS = ['get', 'getOrLoad', 'getSync'];

export const bench: Bench = {
  title: 'A hit through the asynchronous layer',
  about:
    'Awaiting the value of a key that is in memory and fresh, with a loader at hand that is not needed; 1,000 keys. Warm: the same string objects ' +
    'again and again; fresh: new strings, as in a request. Misses: 1,000 callers ask at once for a key that nobody has.',
  scenarios: [
    ...WAYS.flatMap((way) => [`${way}, warm keys`, `${way}, fresh keys`]),
    'misses',
    'misses, the loader fails',
  ],
  contenders: {
    'async function over Map': () => contend(startMap()),
    'kvasir namespace': () => contend(startKvasir()),
    'lru-cache': () => contend(startLruCache()),
    cacheable: () => contend(startCacheable()),
    bentocache: () => contend(startBentocache()),
  },
  packages: ['lru-cache', 'cacheable', 'bentocache'],
};
