import assert from 'node:assert/strict';
import { admitAbove, type Entry, lfu, lru, type PolicyFactory, wTinyLfu } from '@kvasir/core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { type MemoryOptions, memory } from '../src/index.ts';

const policies: Record<string, PolicyFactory> = {
  lru: lru(),
  lfu: lfu(),
  wTinyLfu: wTinyLfu(),
  'admitAbove(0.05)': admitAbove(0.05, lru()),
  "admitAbove('auto')": admitAbove('auto', wTinyLfu()),
};
const bounds: MemoryOptions[] = [{ maxEntries: 5 }, { maxBytes: 4_000 }];

const step = fc.record({
  what: fc.constantFrom('set', 'set', 'set', 'get', 'get', 'delete', 'wait', 'clear'),
  key: fc.integer({ min: 0, max: 12 }).map((n) => `k${n}`),
  size: fc.integer({ min: 0, max: 1_500 }),
  lifeMs: fc.constantFrom(5, 20, Number.POSITIVE_INFINITY),
});

describe.each(Object.entries(policies))('memory with %s', (_, policy) => {
  it.each(bounds)('%j hands out what was set last and has not left, and accounts for every entry', (bound) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        let now = 1_000;
        const store = memory({ ...bound, policy, clock: { now: () => now, after: () => () => {} } });
        const present = new Map<string, Entry>();
        const left = { evict: 0, expire: 0, reject: 0 };
        let replaced: string | undefined;
        store.onDeparture = (key, reason) => {
          if (key === replaced && reason === 'expire') replaced = undefined;
          else assert.ok(present.delete(key), `${key} left, but was not there`);
          left[reason]++;
        };
        for (const { what, key, size, lifeMs } of steps) {
          if (what === 'set') {
            const end = now + lifeMs;
            const entry = {
              value: {},
              storedAt: now,
              staleAt: end,
              expiresAt: end,
              tags: [],
              stamps: [],
              size,
              cost: 0,
            };
            replaced = present.has(key) ? key : undefined;
            present.set(key, entry);
            store.set(key, entry);
            replaced = undefined;
          } else if (what === 'get') {
            const entry = present.get(key);
            assert.equal(store.get(key), entry !== undefined && now < entry.expiresAt ? entry : undefined);
          } else if (what === 'delete') {
            assert.equal(store.delete(key), present.delete(key));
          } else if (what === 'clear') {
            store.clear();
            present.clear();
          } else now += 5;
          for (const [other, entry] of present)
            assert.equal(store.peek(other), now < entry.expiresAt ? entry : undefined);
          const { entries, bytes, evictions, expirations, rejections } = store.stats;
          assert.equal(entries, present.size);
          assert.deepEqual({ evict: evictions, expire: expirations, reject: rejections }, left);
          assert.ok(entries <= (bound.maxEntries ?? entries) && bytes <= Number(bound.maxBytes ?? bytes));
        }
        store.clear();
        assert.equal(store.stats.bytes, 0);
      }),
      { numRuns: 30 },
    );
  });
});
