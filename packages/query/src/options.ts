import {
  type Cache,
  type Clock,
  checkKnown,
  checkMethods,
  createCache,
  type Duration,
  invalidOption,
  parseDuration,
  parseSize,
  type Size,
  systemClock,
} from '@kvasir/core';
import { memory } from '@kvasir/memory';
import type { PgPool, WorkingPool } from './pg-shape.ts';

export interface CachedPoolOptions {
  /** Where results are kept. Pools on one database should share one, so that each hears of the other's writes. Default: one in memory, of its own. */
  readonly cache?: Cache;
  /** How long a result is kept, and so how long a write that this process does not see may stay unseen. Default '1m'. */
  readonly ttl?: Duration;
  /** Larger results are passed on and not kept. Default '1MB', measured as the server wrote it. */
  readonly maxResultBytes?: Size;
  /** How long the schema (views, foreign keys, triggers, functions) is believed without looking again. Changes made through the pool count at once. Default '1m'. */
  readonly maxCatalogAge?: Duration;
  readonly clock?: Clock;
}

/** Of `cachedPool` and `query`. */
export const DEFAULTS = { ttl: '1m', maxResultBytes: '1MB', maxCatalogAge: '1m', readYourWrites: 0 } as const;

export interface Settings {
  readonly cache: Cache;
  readonly ttlMs: number;
  readonly maxResultBytes: number;
  readonly maxCatalogAgeMs: number;
  readonly clock: Clock;
}

export function readOptions(options: CachedPoolOptions): Settings {
  checkKnown('cachedPool()', options, ['cache', 'ttl', 'maxResultBytes', 'maxCatalogAge', 'clock']);
  const { cache, clock = systemClock } = options;
  checkMethods('cachedPool() cache', cache, ['namespace', 'invalidateTags']);
  checkMethods('cachedPool() clock', clock, ['now', 'after']);
  return {
    cache: cache ?? createCache({ tiers: [memory({ clock })], clock }),
    ttlMs: parseDuration('cachedPool() ttl', options.ttl ?? DEFAULTS.ttl),
    maxResultBytes: parseSize('cachedPool() maxResultBytes', options.maxResultBytes ?? DEFAULTS.maxResultBytes),
    maxCatalogAgeMs: parseDuration('cachedPool() maxCatalogAge', options.maxCatalogAge ?? DEFAULTS.maxCatalogAge),
    clock,
  };
}

export function checkPool(pool: PgPool): WorkingPool {
  const methods = ['query', 'connect', 'on', 'prependListener'] as const;
  const shape = pool as unknown as Readonly<Record<string, unknown>> | null | undefined;
  if (!methods.every((method) => typeof shape?.[method] === 'function'))
    throw invalidOption('cachedPool() pool', "a pool like node-postgres's, with query, connect and events", pool);
  return pool as unknown as WorkingPool;
}
