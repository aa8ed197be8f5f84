import { type Entry, KvasirError, lru } from '@kvasir/core';
import { describe, expect, it } from 'vitest';
import { memory } from '../src/index.ts';

const sound: Entry = {
  value: 'v',
  storedAt: 0,
  staleAt: Infinity,
  expiresAt: Infinity,
  tags: [],
  stamps: [],
  size: 1,
  cost: 0,
};

describe('an entry that cannot be accounted for', () => {
  it.each<[string, Partial<Entry>, string]>([
    ['size', { size: Number.NaN }, 'NaN'],
    ['size', { size: -1 }, '-1'],
    ['size', { size: Infinity }, 'Infinity'],
    ['cost', { cost: Number.NaN }, 'NaN'],
    ['cost', { cost: -0.5 }, '-0.5'],
    ['storedAt', { storedAt: Number.NaN }, 'NaN'],
    ['staleAt', { staleAt: Number.NaN }, 'NaN'],
    ['expiresAt', { expiresAt: Number.NaN }, 'NaN'],
  ])('is refused for its %s, and nothing that was kept is lost: %j', (field, wrong, shown) => {
    const store = memory({ policy: lru() });
    store.set('k', sound);
    const before = store.stats;
    const write = (): void => store.set('k', { ...sound, value: 'new', ...wrong });
    expect(write).toThrow(KvasirError);
    expect(write).toThrow(expect.objectContaining({ code: 'INVALID_ENTRY' }));
    expect(write).toThrow(new RegExp(`^${field}: expected .*, got ${shown}$`));
    expect(store.peek('k')?.value).toBe('v');
    expect(store.stats).toEqual(before);
  });

  it.each([-1, 0.5, 65_536, Number.NaN])('is refused in space %d, where no look-up would find it', (space) => {
    const store = memory({ policy: lru() });
    expect(() => store.set('k', sound, space)).toThrow('space: expected an integer from 0 to 65535');
    expect(store.get('k', space)).toBeUndefined();
    expect(store.delete('k', space)).toBe(false);
  });

  it('is not one with an endless or negative instant, an endless cost or a size in fractions', () => {
    const store = memory({ policy: lru(), clock: { now: () => -20, after: () => () => {} } });
    const odd = { ...sound, storedAt: -Infinity, expiresAt: -10, staleAt: -15, cost: Infinity, size: 0.5 };
    store.set('k', odd);
    expect(store.get('k')).toEqual(odd);
    expect(store.stats.bytes % 1).toBe(0);
  });
});
