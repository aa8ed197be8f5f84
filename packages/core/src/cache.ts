import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { CacheEvent } from './events.ts';
import type { Leases } from './leases.ts';
import type { CapacityGoal, CapacityPlan, MissRatioCurve } from './model/curve.ts';
import type { Namespace, NamespaceOptions } from './namespace.ts';
import type { LocalStats, LocalStore, RemoteStore } from './store.ts';
import type { Duration } from './units.ts';

/** One local tier, one remote tier, or a local one before a remote one. */
export type Tiers = readonly [LocalStore] | readonly [RemoteStore] | readonly [LocalStore, RemoteStore];

export interface CacheOptions {
  readonly tiers: Tiers;
  /** Tells other processes of deletes and invalidations. Without one, their local tiers learn of them by `maxStampAge` and TTL. */
  readonly bus?: Bus;
  /** One load for many processes. Needs a remote tier. */
  readonly leases?: Leases;
  /** Default '1m'. */
  readonly ttl?: Duration;
  /** Default 0. */
  readonly grace?: Duration;
  /** How long a local copy of a tag's stamp is believed without asking the remote tier. Default '10s' with a bus, '1s' without. */
  readonly maxStampAge?: Duration;
  /** What a remote tier may add to a request before it counts as a miss. Default '50ms'. */
  readonly remoteDeadline?: Duration;
  /** How long a lease holds if its process dies, and how long others wait for it. Default '5s'. */
  readonly leaseTtl?: Duration;
  /** Refresh hot keys before they are stale (XFetch, Vattani et al. 2015): 0 = off, 1 = the optimum. Default 1. */
  readonly refreshAhead?: number;
  readonly clock?: Clock;
  /** 0 to 1, for refresh-ahead. Default Math.random. */
  readonly random?: () => number;
}

export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly stale: number;
  readonly loads: number;
  readonly loadFailures: number;
  readonly joins: number;
  readonly prefetches: number;
  readonly prefetchUsed: number;
  readonly prefetchWasted: number;
  readonly invalidations: number;
  readonly errors: number;
  /** Loads running now. */
  readonly inFlight: number;
  readonly local: LocalStats | undefined;
}

export interface Cache {
  /** The same name may be asked for again with the same codec: both handles share keys and loads. Name: 1 to 64 of `A-Z a-z 0-9 . _ -`. */
  namespace<V>(name: string, options?: NamespaceOptions<V>): Namespace<V>;
  /** Nothing that carries one of these tags and was loaded before now is served again, whatever number of entries that is: O(1) a tag. */
  invalidateTags(...tags: string[]): Promise<void>;
  /** Empties every tier of this cache, in every process on the bus. */
  clear(): Promise<void>;
  /** Returns the function that stops listening. A listener that throws is ignored. Costs nothing when nobody listens. */
  on(listener: (event: CacheEvent) => void): () => void;
  stats(): CacheStats;
  /**
   * What LRU of other sizes would have missed of the latest requests to the local tier. Measured all the time from a sample of 2,048 keys; drawing it
   * takes some ms. undefined before the first request, and when the local tier does not measure or there is none.
   */
  missRatioCurve(): MissRatioCurve | undefined;
  /** The size of the local tier at which LRU would reach a hit ratio, by that curve. Throws INVALID_OPTION. */
  planCapacity(goal: CapacityGoal): CapacityPlan | undefined;
  /**
   * Waits for pending remote writes, then closes the adapters; clients that were passed in stay open. Afterwards reads miss, loads run and are not kept,
   * and a delete or invalidation is an `error` event.
   */
  close(): Promise<void>;
}
