import type { Clock, Departure, Entry, LocalStats, LocalStore, Space } from '@kvasir/core';

export interface MapStore extends LocalStore {
  /** What is held, expired or not, in order of writing, by {@link nameIn}. */
  readonly held: ReadonlyMap<string, Entry>;
}

export function nameIn(space: Space, key: string): string {
  return `${space} ${key}`;
}

/** A local tier over a Map, first in first out above `maxEntries`. */
export function mapStore(clock: Clock, maxEntries = Infinity): MapStore {
  const held = new Map<string, Entry>();
  const counts = { evictions: 0, expirations: 0, rejections: 0 };
  const store = {
    kind: 'local' as const,
    name: 'map',
    held,
    onDeparture: undefined as ((key: string, reason: Departure, space: Space) => void) | undefined,
    get stats(): LocalStats {
      return { entries: held.size, bytes: 0, ...counts };
    },
    get(key: string, space = 0): Entry | undefined {
      const entry = held.get(nameIn(space, key));
      if (entry === undefined || clock.now() < entry.expiresAt) return entry;
      held.delete(nameIn(space, key));
      counts.expirations += 1;
      store.onDeparture?.(key, 'expire', space);
      return undefined;
    },
    getFresh(key: string, space = 0, margin = 0): unknown {
      const entry = store.peek(key, space);
      const isFresh = entry !== undefined && clock.now() + margin * entry.cost < entry.staleAt;
      return isFresh && entry.tags.length === 0 ? store.get(key, space)?.value : undefined;
    },
    peek(key: string, space = 0): Entry | undefined {
      const entry = held.get(nameIn(space, key));
      return entry === undefined || clock.now() < entry.expiresAt ? entry : undefined;
    },
    set(key: string, entry: Entry, space = 0): void {
      held.delete(nameIn(space, key));
      if (maxEntries === 0) {
        counts.rejections += 1;
        store.onDeparture?.(key, 'reject', space);
        return;
      }
      held.set(nameIn(space, key), entry);
      const [oldest] = held.keys();
      if (held.size <= maxEntries || oldest === undefined) return;
      held.delete(oldest);
      counts.evictions += 1;
      const end = oldest.indexOf(' ');
      store.onDeparture?.(oldest.slice(end + 1), 'evict', Number(oldest.slice(0, end)));
    },
    delete: (key: string, space = 0): boolean => held.delete(nameIn(space, key)),
    clear: (): void => held.clear(),
  };
  return store;
}
