import {
  type Clock,
  type Entry,
  type LoadContext,
  type LocalStore,
  lru,
  type Predictor,
  type PrefetcherStats,
  prefetcher,
} from '@kvasir/core';
import { memory } from '@kvasir/memory';

/** A workload: a key and a stream a request, as indices into the names. */
export interface Requests {
  readonly keys: readonly string[];
  readonly streams: readonly string[];
  readonly keyAt: Uint32Array;
  readonly streamAt: Uint32Array;
}

export type PolicyName = 'lru' | 'default';

export interface Counted {
  /** Present when asked. */
  readonly hits: number;
  /** Not present, but being prefetched: the request joins that load. */
  readonly joined: number;
  /** Loads, of requests and of prefetches. */
  readonly fetches: number;
}

export interface Foreseen extends Counted {
  readonly stats: PrefetcherStats;
}

const ENTRY: Entry = {
  value: true,
  storedAt: 0,
  staleAt: Number.POSITIVE_INFINITY,
  expiresAt: Number.POSITIVE_INFINITY,
  tags: [],
  stamps: [],
  size: 1,
  cost: 0,
};

export function replayAlone(requests: Requests, capacity: number, policy: PolicyName): Counted {
  const store = openStore(capacity, policy, { now: () => 0, after: () => () => {} });
  let hits = 0;
  for (const at of requests.keyAt) {
    const key = requests.keys[at] ?? '';
    if (store.get(key) !== undefined) hits++;
    else store.set(key, ENTRY);
  }
  return { hits, joined: 0, fetches: requests.keyAt.length - hits };
}

/**
 * One request a millisecond. A load of a request arrives at once; a prefetch arrives `arrival` requests after the one that it was predicted at: when
 * that one has been served, so that the next finds it.
 */
export async function replayAhead(
  requests: Requests,
  capacity: number,
  policy: PolicyName,
  arrival: number,
  predictor: Predictor | readonly Predictor[],
): Promise<Foreseen> {
  const { keys, streams, keyAt, streamAt } = requests;
  let now = 0;
  const clock: Clock = { now: () => now, after: () => () => {} };
  const store = openStore(capacity, policy, clock);
  const flights = new Flights(store, () => now + arrival);
  const ahead = prefetcher({ namespace: flights, load: flights.load, predictor, clock });
  let hits = 0;
  let misses = 0;
  let joined = 0;
  let predictions = 0;
  for (; now < keyAt.length; now++) {
    const key = keys[keyAt[now] as number] ?? '';
    if (store.get(key) !== undefined) hits++;
    else {
      misses++;
      if (flights.join(key)) joined++;
      store.set(key, ENTRY);
    }
    ahead.observe(key, streams[streamAt[now] as number] ?? '');
    const predicted = ahead.stats.predictions;
    if (predicted > predictions) await nextTurn();
    predictions = predicted;
    if (flights.land(now) > 0) await nextTurn();
  }
  return { hits, joined, fetches: misses - joined + flights.begun, stats: ahead.stats };
}

function openStore(maxEntries: number, policy: PolicyName, clock: Clock): LocalStore {
  return policy === 'lru' ? memory({ maxEntries, policy: lru(), clock }) : memory({ maxEntries, clock });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface Flight {
  readonly key: string;
  readonly dueAt: number;
  readonly arrive: (value: boolean) => void;
}

/** Stands for the cache: what is in the store or in flight is there, and what is prefetched arrives when it is due. */
class Flights {
  begun = 0;
  readonly #store: LocalStore;
  readonly #dueAt: () => number;
  readonly #flying = new Set<string>();
  #queue: Flight[] = [];

  constructor(store: LocalStore, dueAt: () => number) {
    this.#store = store;
    this.#dueAt = dueAt;
  }

  has(key: string): boolean {
    return this.#flying.has(key) || this.#store.peek(key) !== undefined;
  }

  prefetch(keys: readonly string[], load: (context: LoadContext<boolean>) => boolean | Promise<boolean>): number {
    let started = 0;
    for (const key of keys) {
      if (this.has(key)) continue;
      this.#flying.add(key);
      void load({ key, signal: new AbortController().signal, stale: undefined });
      started++;
    }
    this.begun += started;
    return started;
  }

  readonly load = ({ key }: LoadContext<boolean>): Promise<boolean> =>
    new Promise((arrive) => this.#queue.push({ key, dueAt: this.#dueAt(), arrive }));

  /** Whether the key is in flight: it is the request's now. */
  join(key: string): boolean {
    return this.#flying.delete(key);
  }

  land(now: number): number {
    let landed = 0;
    for (; (this.#queue[landed]?.dueAt ?? Number.POSITIVE_INFINITY) <= now; landed++) {
      const flight = this.#queue[landed] as Flight;
      if (this.#flying.delete(flight.key)) this.#store.set(flight.key, ENTRY);
      flight.arrive(true);
    }
    if (landed > 0) this.#queue = this.#queue.slice(landed);
    return landed;
  }
}
