import { type Entry, hashKey, lru, type PolicyFactory } from '@kvasir/core';
import { ManualClock } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { MemoryStore, type MemoryStoreSettings } from '../src/memory-store.ts';

const never = Number.POSITIVE_INFINITY;
const times = { storedAt: 0, staleAt: never, expiresAt: never };
const entry = (value: unknown): Entry => ({ value, ...times, tags: [], stamps: [], size: 1, cost: 0 });

function open(over: Partial<MemoryStoreSettings> = {}): MemoryStore {
  return new MemoryStore({ capacity: 1_000, unit: 'entries', policy: lru(), clock: new ManualClock(), ...over });
}

describe('MemoryStore', () => {
  it('bounds what keys chosen for one hash can take, and keeps the others', () => {
    const hash = (key: string, seed: number): number => (key.startsWith('chosen') ? 0x9abcdef0 : hashKey(key, seed));
    const store = open({ hash });
    let evicted = 0;
    store.onDeparture = (key, reason) => {
      expect(reason).toBe('evict');
      if (key.startsWith('chosen')) evicted++;
      store.check();
    };
    for (let i = 0; i < 400; i++) store.set(`k${i}`, entry(i));
    for (let i = 0; i < 500; i++) store.set(`chosen ${i}`, entry(i));
    expect(evicted).toBeGreaterThanOrEqual(500 - 63);
    expect(store.get('chosen 499')?.value).toBe(499);
    let kept = 0;
    for (let i = 0; i < 400; i++) if (store.get(`k${i}`) !== undefined) kept++;
    expect(kept).toBeGreaterThan(400 - 63);
  });

  it('grows from page to page and finds everything, in every space', () => {
    const store = open({ capacity: 200_000 });
    for (let i = 0; i < 70_000; i++) store.set(`k${i >> 1}`, entry(i), i & 1);
    expect(store.stats.entries).toBe(70_000);
    for (let i = 0; i < 70_000; i += 7) expect(store.getFresh(`k${i >> 1}`, i & 1)).toBe(i);
    store.check();
    store.clear();
    expect(store.stats).toMatchObject({ entries: 0, bytes: 0 });
    expect(store.get('k1')).toBeUndefined();
    store.set('k1', entry('again'));
    expect(store.get('k1')?.value).toBe('again');
  });

  it('lends the policy the hashes that it inserted slots with, and makes a new policy when it is cleared', () => {
    const made: string[] = [];
    const inserted = new Map<number, number>();
    const policy: PolicyFactory = (capacity, unit, hashOf) => {
      made.push(`${capacity} ${unit}`);
      const inner = lru()(capacity, unit);
      return {
        name: 'watched',
        insert(slot, hash, weight) {
          inserted.set(slot, hash);
          expect(hashOf?.(slot)).toBe(hash);
          inner.insert(slot, hash, weight);
        },
        touch: (slot) => inner.touch(slot),
        resize: (slot, weight) => inner.resize(slot, weight),
        remove(slot) {
          expect(hashOf?.(slot)).toBe(inserted.get(slot));
          inner.remove(slot);
        },
        evict: (roomNeeded) => inner.evict(roomNeeded),
      };
    };
    const store = open({ policy, capacity: 10 });
    for (let i = 0; i < 30; i++) store.set(`k${i % 17}`, entry(i), i % 3);
    store.delete('k16');
    store.clear();
    for (let i = 0; i < 5; i++) store.set(`k${i}`, entry(i));
    expect(made).toEqual(['10 entries', '10 entries']);
    expect(store.stats.entries).toBe(5);
  });

  it('tells what a value weighs and cost, also when it is replaced', () => {
    const told: unknown[] = [];
    const policy: PolicyFactory = (capacity) => {
      const inner = lru()(capacity);
      return {
        ...inner,
        name: 'watched',
        insert: (slot, _hash, weight, cost) => void told.push(['insert', slot, weight, cost]),
        resize: (slot, weight, cost) => void told.push(['resize', slot, weight, cost]),
        evict: () => -1,
      };
    };
    const store = open({ policy, capacity: 10_000, unit: 'bytes' });
    store.set('key', { ...entry(1), size: 100, cost: 3 });
    store.set('key', { ...entry(1), size: 150.5, cost: 4 });
    const weight = store.stats.bytes;
    expect(told).toEqual([
      ['insert', 0, weight - 51, 3],
      ['resize', 0, weight, 4],
    ]);
  });
});
