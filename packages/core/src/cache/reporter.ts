import type { CacheStats } from '../cache.ts';
import { KvasirError, type KvasirErrorCode } from '../errors.ts';
import type { CacheEvent } from '../events.ts';
import type { Departure } from '../store.ts';

type Counts = Record<Exclude<keyof CacheStats, 'inFlight' | 'local'>, number>;
/** Events that are a key and nothing more. */
type KeyEvent = 'miss' | 'join' | 'admit' | 'prefetch' | 'prefetch-used' | 'prefetch-wasted' | Departure;

const COUNTED: Partial<Record<KeyEvent, keyof Counts>> = {
  miss: 'misses',
  join: 'joins',
  prefetch: 'prefetches',
  'prefetch-used': 'prefetchUsed',
  'prefetch-wasted': 'prefetchWasted',
};

/** Counts what happens and tells who listens. Events are only made when somebody does. */
export class Reporter {
  readonly counts: Counts = {
    hits: 0,
    misses: 0,
    stale: 0,
    loads: 0,
    loadFailures: 0,
    joins: 0,
    prefetches: 0,
    prefetchUsed: 0,
    prefetchWasted: 0,
    invalidations: 0,
    errors: 0,
  };
  #listeners: readonly ((event: CacheEvent) => unknown)[] = [];

  get isHeard(): boolean {
    return this.#listeners.length > 0;
  }

  on(listener: (event: CacheEvent) => void): () => void {
    // Of its own, so that a function that listens twice can stop listening once.
    const own = (event: CacheEvent): unknown => listener(event);
    this.#listeners = [...this.#listeners, own];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== own);
    };
  }

  served(outcome: 'hit' | 'stale', key: string, tier: string): void {
    if (outcome === 'hit') this.counts.hits++;
    else this.counts.stale++;
    if (this.isHeard) this.tell({ type: outcome, key, tier });
  }

  key(type: KeyEvent, key: string): void {
    const count = COUNTED[type];
    if (count !== undefined) this.counts[count]++;
    if (this.isHeard) this.tell({ type, key });
  }

  loaded(key: string, durationMs: number, ok: boolean): void {
    this.counts.loads++;
    if (!ok) this.counts.loadFailures++;
    if (this.isHeard) this.tell({ type: 'load', key, durationMs, ok });
  }

  invalidated(keys: readonly string[], tags: readonly string[], all: boolean): void {
    this.counts.invalidations += all ? 1 : keys.length + tags.length;
    if (this.isHeard) this.tell({ type: 'invalidate', keys, tags, all });
  }

  /** A KvasirError keeps its own code; anything else gets `code`. */
  failed(code: KvasirErrorCode, error: unknown, key?: string): void {
    this.counts.errors++;
    if (!this.isHeard) return;
    const told = error instanceof KvasirError ? error.code : code;
    this.tell(key === undefined ? { type: 'error', code: told, error } : { type: 'error', code: told, key, error });
  }

  /** A listener's failure, at once or later, is its own: the request that caused the event goes on. */
  tell(event: CacheEvent): void {
    for (const listener of this.#listeners) {
      try {
        const heard = listener(event);
        if (heard instanceof Promise) heard.catch(() => {});
      } catch {}
    }
  }
}
