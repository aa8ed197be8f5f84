import { type Entry, freshness } from '@kvasir/core';
import { describe, expect, it } from 'vitest';

describe('freshness', () => {
  it('is fresh before staleAt, stale from there, and expired from expiresAt on', () => {
    const entry = { staleAt: 10, expiresAt: 20 } as Entry;
    expect([9.9, 10, 19.9, 20, Infinity].map((now) => freshness(entry, now))).toEqual([
      'fresh',
      'stale',
      'stale',
      'expired',
      'expired',
    ]);
  });

  it('has no stale time without grace, and no end with Infinity', () => {
    expect(freshness({ staleAt: 10, expiresAt: 10 } as Entry, 10)).toBe('expired');
    expect(freshness({ staleAt: Infinity, expiresAt: Infinity } as Entry, Number.MAX_VALUE)).toBe('fresh');
  });
});
