import type { Clock, Departure, Entry, LocalStats, LocalStore } from '@kvasir/core';

export interface MapStore extends LocalStore {
  /** What is held, expired or not, in order of writing. */
  readonly held: ReadonlyMap<string, Entry>;
}

/** A local tier over a Map, first in first out above `maxEntries`. */
export function mapStore(clock: Clock, maxEntries = Infinity): MapStore {
  const held = new Map<string, Entry>();
  const counts = { evictions: 0, expirations: 0, rejections: 0 };
  const store = {
    kind: 'local' as const,
    name: 'map',
    held,
    onDeparture: undefined as ((key: string, reason: Departure, space: number) => void) | undefined,
    get stats(): LocalStats {
      return { entries: held.size, bytes: 0, ...counts };
    },
    get(key: string): Entry | undefined {
      const entry = held.get(key);
      if (entry === undefined || clock.now() < entry.expiresAt) return entry;
      held.delete(key);
      counts.expirations += 1;
      store.onDeparture?.(key, 'expire', 0);
      return undefined;
    },
    getFresh(key: string, _space = 0, margin = 0): unknown {
      const entry = store.peek(key);
      const isFresh = entry !== undefined && clock.now() + margin * entry.cost < entry.staleAt;
      return isFresh && entry.tags.length === 0 ? store.get(key)?.value : undefined;
    },
    peek(key: string): Entry | undefined {
      const entry = held.get(key);
      return entry === undefined || clock.now() < entry.expiresAt ? entry : undefined;
    },
    set(key: string, entry: Entry): void {
      held.delete(key);
      if (maxEntries === 0) {
        counts.rejections += 1;
        store.onDeparture?.(key, 'reject', 0);
        return;
      }
      held.set(key, entry);
      const [oldest] = held.keys();
      if (held.size <= maxEntries || oldest === undefined) return;
      held.delete(oldest);
      counts.evictions += 1;
      store.onDeparture?.(oldest, 'evict', 0);
    },
    delete: (key: string): boolean => held.delete(key),
    clear: (): void => held.clear(),
  };
  return store;
}
