import type { Bench, Contender, Measurement } from '../shared/bench.ts';
import { consume, cpuMicros } from '../shared/cpu.ts';
import { makeKeys, renew, shuffle } from '../shared/keys.ts';
import { type LocalCache, type StartCache, startKvasirTier, startLruCache, startMap } from './local-caches.ts';
import { makeZipf } from './zipf.ts';

const SIZES: Readonly<Record<string, number>> = { '1k': 1000, '100k': 100_000, '1M': 1_000_000 };
const BATCH = 200_000;
const LEAST_MICROS = 150_000;
/** Requests before anything is timed: for its first 262,144 a kvasir store measures more of them than later. */
const WARM_UP = 400_000;
const VALUE = {};

interface Keys {
  readonly keys: readonly string[];
  /** In which they are asked for. */
  readonly order: Uint32Array;
}

const made = new Map<number, Keys>();

function keysOf(count: number): Keys {
  const known = made.get(count) ?? { keys: makeKeys(count), order: shuffle(count) };
  made.set(count, known);
  return known;
}

/** CPU time a request of `ask`, over keys that `makeBatch` makes outside of it. */
function time(makeBatch: () => readonly string[], ask: (keys: readonly string[]) => void): number {
  let spent = 0;
  let done = 0;
  while (spent < LEAST_MICROS) {
    const keys = makeBatch();
    const start = cpuMicros();
    ask(keys);
    spent += cpuMicros() - start;
    done += keys.length;
  }
  return (spent * 1000) / done;
}

/** Keys that are all held, in random order. */
function measureHits(cache: LocalCache, entries: number, isFresh: boolean): Measurement {
  const { keys, order } = keysOf(entries);
  for (const key of keys) cache.set(key, VALUE);
  const asked = Array.from({ length: BATCH }, (_, i) => keys[order[i % entries] ?? 0] ?? '');
  for (let warm = 0; warm < WARM_UP; warm += BATCH) for (const key of asked) consume(cache.get(key));
  let hits = 0;
  let gets = 0;
  const ns = time(
    () => (isFresh ? renew(asked) : asked),
    (batch) => {
      for (const key of batch) if (cache.get(key) !== undefined) hits += 1;
      gets += batch.length;
    },
  );
  // A policy that admits by frequency may turn down some of the last keys of the fill.
  if (hits < 0.95 * gets) throw new Error(`${gets - hits} of ${gets} were no hits`);
  return { ns };
}

/** Get, and set on a miss, with four times as many keys as there is room for, and a new string for every request. */
function measureZipf(cache: LocalCache, entries: number): Measurement {
  const { keys, order } = keysOf(4 * entries);
  const draw = makeZipf(4 * entries, 0.99, 7);
  let hits = 0;
  let gets = 0;
  const makeBatch = (): string[] => renew(Array.from({ length: BATCH }, () => keys[order[draw()] ?? 0] ?? ''));
  const ask = (batch: readonly string[]): void => {
    for (const key of batch) {
      if (cache.get(key) !== undefined) hits += 1;
      else cache.set(key, VALUE);
    }
    gets += batch.length;
  };
  for (let warm = 0; warm < Math.max(WARM_UP, 4 * entries); warm += BATCH) ask(makeBatch());
  hits = 0;
  gets = 0;
  const ns = time(makeBatch, ask);
  return { ns, 'hits, %': (100 * hits) / gets };
}

/** Every set brings a key that was never there. */
function measureEviction(cache: LocalCache, entries: number): Measurement {
  let next = 0;
  const makeBatch = (): string[] =>
    Array.from({ length: BATCH }, () => `/articles/${String(next++).padStart(9, '0')}?lang=en-GB`);
  const ask = (batch: readonly string[]): void => {
    for (const key of batch) cache.set(key, VALUE);
  };
  for (let warm = 0; warm < Math.max(WARM_UP, 2 * entries); warm += BATCH) ask(renew(makeBatch()));
  return { ns: time(() => renew(makeBatch()), ask) };
}

function contend(start: StartCache): Contender {
  return {
    measure(scenario) {
      const size = scenario.split(' ').at(-1) ?? '';
      const entries = SIZES[size] ?? 0;
      const cache = start(entries);
      if (scenario.startsWith('zipf')) return measureZipf(cache, entries);
      if (scenario.startsWith('set')) return measureEviction(cache, entries);
      return measureHits(cache, entries, scenario.startsWith('hit fresh'));
    },
  };
}

export const bench: Bench = {
  title: 'The local tier',
  about:
    'Synchronous requests with keys of 31 characters; everything has a TTL of an hour. zipf: get, and set on a miss, exponent 0.99, four times ' +
    'as many keys as there is room for. hit: keys that are held, in random order. Fresh: every key is a new string, as in a request. Warm: the ' +
    'same string objects again and again. set: a new key each time; the Map is not bounded and evicts nothing.',
  scenarios: [
    'zipf 1k',
    'zipf 100k',
    'zipf 1M',
    'hit fresh 1k',
    'hit fresh 100k',
    'hit warm 1k',
    'hit warm 100k',
    'set 1k',
    'set 100k',
  ],
  contenders: {
    'lru-cache': () => contend(startLruCache),
    Map: () => contend(startMap),
    'kvasir memory()': () => contend(startKvasirTier),
  },
  packages: ['lru-cache'],
};
