import type { Entry } from '@kvasir/core';
import { memory } from '@kvasir/memory';

/** An entry without end that weighs `size`; its value does not matter. */
export function makeEntry(size: number): Entry {
  return { value: true, storedAt: 0, staleAt: Infinity, expiresAt: Infinity, tags: [], stamps: [], size, cost: 0 };
}

/** What a tier bounded in bytes takes for an entry beside its value, asked of the tier itself. */
export function measureOverhead(): (key: string) => number {
  const weigh = (key: string): number => {
    const store = memory({ maxBytes: '1MB' });
    store.set(key, makeEntry(0));
    return store.stats.bytes;
  };
  const bare = weigh('k');
  const each = (weigh('k'.repeat(101)) - bare) / 100;
  return (key) => bare + (key.length - 1) * each;
}

/** The same characters in a string of its own: a part of a line keeps the whole line in memory. */
export function detach(key: string): string {
  return Buffer.from(key, 'utf16le').toString('utf16le');
}
