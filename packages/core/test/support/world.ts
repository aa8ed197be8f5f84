import { type Cache, type CacheEvent, type CacheOptions, createCache, type Tiers } from '@kvasir/core';
import {
  type FailingStore,
  failingStore,
  ManualClock,
  type MemoryBus,
  type MemoryRemote,
  memoryBus,
  memoryRemote,
} from '@kvasir/core/testing';
import { farBus, farStore } from './far.ts';
import { type MapStore, mapStore } from './map-store.ts';

/** One process: a cache, its own wire to the shared remote store, and what it said. */
export interface Process {
  readonly cache: Cache;
  readonly local: MapStore;
  /** This process's wire to what all processes share. */
  readonly remote: FailingStore;
  readonly events: CacheEvent[];
}

/** What processes share. */
export interface World {
  readonly clock: ManualClock;
  readonly shared: MemoryRemote;
  readonly bus: MemoryBus;
  /** A process on the bus, its subscription confirmed, with a local tier before the remote one unless `options` says otherwise. */
  start(
    options?: Partial<CacheOptions> & { readonly isAlone?: boolean; readonly maxEntries?: number },
  ): Promise<Process>;
  /** Lets everything that needs no time happen. */
  settle(): Promise<void>;
}

/** `latencyMs`: how long a call takes to the shared store, an answer back from it, and news from one process to another. */
export function makeWorld({ latencyMs = 0 } = {}): World {
  const clock = new ManualClock();
  const shared = memoryRemote({ clock });
  const bus = memoryBus();
  return {
    clock,
    shared,
    bus,
    async start({ isAlone = false, maxEntries, ...options } = {}) {
      const local = mapStore(clock, maxEntries);
      const remote = failingStore(latencyMs > 0 ? farStore(shared, clock, latencyMs) : shared, { clock });
      const tiers: Tiers = [local, remote];
      const line = latencyMs > 0 ? farBus(bus, clock, latencyMs) : bus;
      const cache = createCache({ tiers, clock, random: () => 1, ...(isAlone ? {} : { bus: line }), ...options });
      await clock.advance(0);
      return { cache, local, remote, events: listen(cache) };
    },
    settle: () => clock.advance(0),
  };
}

/** A cache of a local tier alone. */
export function startLocal(
  options: Partial<CacheOptions> & { readonly maxEntries?: number } = {},
): Omit<Process, 'remote'> & { readonly clock: ManualClock } {
  const { maxEntries, ...rest } = options;
  const clock = new ManualClock();
  const local = mapStore(clock, maxEntries);
  const cache = createCache({ tiers: [local], clock, random: () => 1, ...rest });
  return { cache, local, clock, events: listen(cache) };
}

/** Everything `cache` says from now on. */
export function listen(cache: Cache): CacheEvent[] {
  const events: CacheEvent[] = [];
  cache.on((event) => events.push(event));
  return events;
}

/** The codes of the `error` events. */
export function codesOf(events: readonly CacheEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'error' ? [event.code] : []));
}

/** How often an event of this type was heard. */
export function count(events: readonly CacheEvent[], type: CacheEvent['type']): number {
  return events.filter((event) => event.type === type).length;
}

/** A promise and what settles it. */
export interface Gate<T> {
  readonly promise: Promise<T>;
  readonly open: (value: T) => void;
  readonly fail: (error: unknown) => void;
}

export function gate<T = void>(): Gate<T> {
  let open: (value: T) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}
