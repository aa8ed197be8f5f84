import { type Entry, lru } from '@kvasir/core';
import { ManualClock } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../src/memory-store.ts';

function open(): { clock: ManualClock; store: MemoryStore; add: (key: string, lifeMs: number) => void } {
  const clock = new ManualClock();
  const store = new MemoryStore({ capacity: 100_000, unit: 'entries', policy: lru(), clock });
  const add = (key: string, lifeMs: number): void => {
    const [storedAt, end] = [clock.now(), clock.now() + lifeMs];
    const entry: Entry = { value: key, storedAt, staleAt: end, expiresAt: end, tags: [], stamps: [], size: 1, cost: 0 };
    store.set(key, entry);
  };
  return { clock, store, add };
}

describe('what is over', () => {
  it('leaves within a second or so when nobody reads or writes', async () => {
    const { clock, store, add } = open();
    for (let i = 0; i < 500; i++) add(`short ${i}`, 5_000);
    for (let i = 0; i < 500; i++) add(`long ${i}`, 60_000);
    add('endless', Infinity);
    await clock.advance(4_999);
    expect(store.stats.entries).toBe(1_001);
    await clock.advance(1_001);
    expect(store.stats).toMatchObject({ entries: 501, expirations: 500 });
    store.check();
    await clock.advance(55_001);
    expect(store.stats).toMatchObject({ entries: 1, expirations: 1_000 });
  });

  it('leaves in slices when there is much of it', async () => {
    const { clock, store, add } = open();
    for (let i = 0; i < 3_000; i++) add(`k${i}`, 2_000);
    await clock.advance(2_000);
    const afterOne = store.stats.expirations;
    expect(afterOne).toBeGreaterThanOrEqual(1_000);
    expect(afterOne).toBeLessThan(1_100);
    await clock.advance(10);
    expect(store.stats.expirations).toBe(3_000);
  });

  it('leaves early when it was written after what ends later', async () => {
    const { clock, store, add } = open();
    add('long', 3_600_000);
    add('short', 10_000);
    await clock.advance(11_000);
    expect(store.stats).toMatchObject({ entries: 1, expirations: 1 });
  });

  it('leaves as others are written, after a 64th as many writes as there are slots', () => {
    const { clock, store, add } = open();
    let now = clock.now();
    clock.now = () => now;
    for (let i = 0; i < 6_400; i++) add(`k${i}`, i % 2 === 0 ? 1_000 : 60_000);
    now += 1_000;
    for (let i = 0; i < 100; i++) add(`k${2 * i + 1}`, 60_000);
    expect(store.stats).toMatchObject({ entries: 3_200, expirations: 3_200 });
  });

  it('has no timer while nothing can be over, nor after a clear', async () => {
    const { clock, store, add } = open();
    const timers = new Set<() => void>();
    const after = clock.after.bind(clock);
    clock.after = (ms, run) => {
      const cancel = after(ms, () => {
        timers.delete(run);
        run();
      });
      timers.add(run);
      return () => {
        timers.delete(run);
        cancel();
      };
    };
    add('endless', Infinity);
    expect(timers.size).toBe(0);
    add('k', 1_000);
    expect(timers.size).toBe(1);
    await clock.advance(3_000);
    expect([timers.size, store.stats.entries]).toEqual([0, 1]);
    add('k', 1_000);
    store.clear();
    expect(timers.size).toBe(0);
  });

  it('may be written, deleted and cleared by who is told of it', async () => {
    const { clock, store, add } = open();
    let told = 0;
    store.onDeparture = (key) => {
      told++;
      if (key === 'k1') add('again', 5_000);
      if (key === 'k2') store.delete('k3');
      if (key === 'k4') store.clear();
      store.check();
    };
    for (let i = 0; i < 10; i++) add(`k${i}`, 1_000);
    await clock.advance(2_000);
    expect([told, store.stats.entries]).toEqual([4, 0]);
  });
});
