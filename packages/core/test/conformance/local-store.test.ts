import { type LocalStoreSetup, localStoreConformance } from '@kvasir/core/conformance';
import { describe, expect, it } from 'vitest';
import type { Entry, LocalStore } from '../../src/index.ts';
import { mapStore, nameIn } from '../support/map-store.ts';

/** What a first-in-first-out store without a sweep is not. */
const BEYOND = [
  'takes a bare value that it hands out for a request, and one that it does not for none',
  'holds no more entries than it may, evicts the least recently used, and tells after it has left',
  'lets expired entries go as others are set, without being asked for them',
];

/** The checks that fail beyond those that the plain store fails. */
async function failures(change: (sound: LocalStore, setup: LocalStoreSetup) => Partial<LocalStore>): Promise<string[]> {
  const failed: string[] = [];
  const checks = localStoreConformance((setup) => {
    const sound = mapStore(setup.clock, setup.maxEntries);
    return Object.defineProperties(sound, Object.getOwnPropertyDescriptors(change({ ...sound }, setup)));
  });
  for (const { name, check } of checks) {
    try {
      await check();
    } catch {
      failed.push(name);
    }
  }
  return failed.filter((name) => !BEYOND.includes(name));
}

describe('localStoreConformance', () => {
  it('finds no fault with a plain store but that it is first in, first out, and does not sweep', async () => {
    expect(await failures(() => ({}))).toEqual([]);
    const all: string[] = [];
    for (const { name, check } of localStoreConformance(({ clock, maxEntries }) => mapStore(clock, maxEntries)))
      await Promise.resolve()
        .then(check)
        .catch(() => all.push(name));
    expect(all).toEqual(BEYOND);
  });

  it.each<[string, (sound: LocalStore, setup: LocalStoreSetup) => Partial<LocalStore>]>([
    ['copies entries', (sound) => ({ get: (key) => structuredClone(sound.get(key)) })],
    ['tells a wrong cost', (sound) => ({ get: (key, space) => ({ ...(sound.get(key, space) as Entry), cost: 3 }) })],
    ['takes all spaces for one', (sound) => ({ get: (key) => sound.get(key) })],
    ['does not look at the space', (sound) => ({ set: (key, entry) => sound.set(key, entry) })],
    ['hands out bare values that are stale', (sound) => ({ getFresh: (key, space) => sound.get(key, space)?.value })],
    ['hands out bare values within the margin', (sound) => ({ getFresh: (key, space) => sound.getFresh(key, space) })],
    ["returns another key's entry", (sound) => ({ get: (key) => sound.get(key === 'b' ? 'a' : key) })],
    [
      'mixes up keys',
      (sound) => ({ set: (key, entry) => sound.set(key.normalize(), entry), get: (key) => sound.get(key.normalize()) }),
    ],
    [
      'returns what has expired',
      (sound) => ({ peek: (key) => (sound as ReturnType<typeof mapStore>).held.get(nameIn(0, key)) }),
    ],
    ['forgets nothing on clear', () => ({ clear() {} })],
    ['says that nothing was deleted', (sound) => ({ delete: (key) => sound.delete(key) && false })],
    ['does not delete', () => ({ delete: () => true })],
    [
      'says nothing of an entry that it has no room for',
      (sound, { maxEntries }) => ({
        set(key, entry) {
          if (maxEntries > 0) sound.set(key, entry);
        },
      }),
    ],
  ])('finds the store that %s', async (_, change) => {
    expect(await failures(change)).not.toEqual([]);
  });
});
