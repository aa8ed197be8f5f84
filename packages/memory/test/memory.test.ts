import { admitAbove, type Clock, type Entry, KvasirError, lru } from '@kvasir/core';
import { describe, expect, it, vi } from 'vitest';
import { type MemoryOptions, memory } from '../src/index.ts';

function entry(value: unknown, over: Partial<Entry> = {}): Entry {
  const never = Number.POSITIVE_INFINITY;
  return { value, storedAt: 0, staleAt: never, expiresAt: never, tags: [], stamps: [], size: 100, cost: 0, ...over };
}

function clockAt(time: { now: number }): Clock {
  return { now: () => time.now, after: () => () => {} };
}

describe('memory', () => {
  it('hands out the very value that was stored, with what was said of it', () => {
    const store = memory({ policy: lru() });
    const kept = entry({ a: 1 }, { storedAt: 5, tags: ['t'], stamps: ['s'], cost: 7 });
    store.set('k', kept);
    for (const found of [store.get('k'), store.peek('k')]) {
      expect(found).toEqual(kept);
      expect(found?.value).toBe(kept.value);
    }
    expect(store.get('other')).toBeUndefined();
  });

  it('evicts the least recently used entry when it is full, and says so after it has left', () => {
    const store = memory({ maxEntries: 2, policy: lru() });
    const left: [string, string, boolean][] = [];
    store.onDeparture = (key, reason) => left.push([key, reason, store.peek(key) === undefined]);
    store.set('a', entry(1));
    store.set('b', entry(2));
    store.get('a');
    store.set('c', entry(3));
    expect(left).toEqual([['b', 'evict', true]]);
    expect(store.stats).toMatchObject({ entries: 2, evictions: 1, expirations: 0, rejections: 0 });
  });

  it('leaves no trace on the policy when it peeks', () => {
    const store = memory({ maxEntries: 2, policy: lru() });
    store.set('a', entry(1));
    store.set('b', entry(2));
    store.peek('a');
    store.set('c', entry(3));
    expect(store.peek('a')).toBeUndefined();
  });

  it('returns stale entries, never expired ones, and drops those without anyone asking for them', () => {
    const time = { now: 0 };
    const store = memory({ maxEntries: 100, policy: lru(), clock: clockAt(time) });
    const left: string[] = [];
    store.onDeparture = (key, reason) => left.push(`${key} ${reason}`);
    for (let i = 0; i < 10; i++) store.set(`short ${i}`, entry(i, { staleAt: 5, expiresAt: 10 }));
    time.now = 7;
    expect(store.get('short 0')?.value).toBe(0);
    time.now = 10;
    expect(store.get('short 0')).toBeUndefined();
    expect(store.peek('short 1')).toBeUndefined();
    expect(left).toEqual(['short 0 expire']);
    for (let i = 0; i < 10; i++) store.set(`long ${i}`, entry(i));
    expect(left).toHaveLength(10);
    expect(store.stats).toMatchObject({ entries: 10, expirations: 10 });
  });

  it('does not keep what has expired already, nor what was there under its key', () => {
    const store = memory({ maxEntries: 5, policy: lru(), clock: clockAt({ now: 10 }) });
    store.set('k', entry(1));
    store.set('k', entry(2, { expiresAt: 10 }));
    expect(store.peek('k')).toBeUndefined();
    expect(store.stats).toMatchObject({ entries: 0, bytes: 0, expirations: 1 });
  });

  it('says that the policy did not want an entry, also when there is room', () => {
    const store = memory({ maxEntries: 100, policy: admitAbove(0.009, lru()) });
    const left: string[] = [];
    store.onDeparture = (key, reason) => left.push(`${key} ${reason}`);
    store.set('once', entry(1));
    expect(store.peek('once')).toBeUndefined();
    for (let i = 0; i < 6; i++) store.set('often', entry(i));
    expect(store.get('often')?.value).toBe(5);
    expect(left).toEqual(['once reject', ...Array.from({ length: 5 }, () => 'often reject')]);
    expect(store.stats).toMatchObject({ entries: 1, rejections: 6, evictions: 0 });
  });

  it('warns of a threshold that can never fill it, when it counts entries', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    memory({ maxBytes: '1MB', policy: admitAbove(0.1, lru()) });
    expect(warn).not.toHaveBeenCalled();
    memory({ maxEntries: 100, policy: admitAbove(0.1, lru()) }).clear();
    expect(warn).toHaveBeenCalledOnce();
  });

  it('counts the bytes of what it holds and nothing of what has left', () => {
    const store = memory({ maxBytes: '4KB', policy: lru() });
    store.set('a', entry(1, { size: 1000 }));
    const one = store.stats.bytes;
    expect(one).toBeGreaterThan(1000);
    store.set('a', entry(1, { size: 2000 }));
    expect(store.stats.bytes).toBe(one + 1000);
    for (let i = 0; i < 50; i++) store.set(`k${i}`, entry(i, { size: 10 * i }));
    expect(store.stats.bytes).toBeLessThanOrEqual(4096);
    store.clear();
    expect(store.stats).toMatchObject({ entries: 0, bytes: 0 });
  });

  it('evicts an entry whose value is replaced by one for which there is no more room beside the others', () => {
    const store = memory({ maxBytes: '4KB', policy: lru() });
    const left: string[] = [];
    store.onDeparture = (key, reason) => left.push(`${key} ${reason}`);
    store.set('a', entry(1, { size: 1_500 }));
    store.set('b', entry(2, { size: 1_500 }));
    store.set('a', entry(3, { size: 3_500 }));
    expect(left).toEqual(['a evict']);
    expect([store.peek('a'), store.peek('b')?.value]).toEqual([undefined, 2]);
  });

  it('takes a replaced value for no request', () => {
    const store = memory({ maxEntries: 2, policy: lru() });
    store.set('a', entry(1));
    store.set('b', entry(2));
    store.set('a', entry(3));
    store.set('c', entry(4));
    expect([store.peek('a'), store.peek('b')?.value]).toEqual([undefined, 2]);
  });

  it('rejects an entry larger than the whole store and forgets what was there under its key', () => {
    const store = memory({ maxBytes: '4KB', policy: lru() });
    const left: string[] = [];
    store.onDeparture = (key, reason) => left.push(`${key} ${reason}`);
    store.set('other', entry(0));
    store.set('k', entry(1));
    store.set('k', entry(2, { size: 5000 }));
    expect(store.get('k')).toBeUndefined();
    expect(store.get('other')?.value).toBe(0);
    expect(left).toEqual(['k reject']);
  });

  it.each<MemoryOptions>([{ maxBytes: 0 }, { maxEntries: 0 }])('keeps nothing with %j', (options) => {
    const store = memory({ ...options, policy: lru() });
    store.set('k', entry(1));
    expect(store.get('k')).toBeUndefined();
    expect(store.stats).toMatchObject({ entries: 0, bytes: 0, rejections: 1 });
  });

  it('works with room for one entry', () => {
    const store = memory({ maxEntries: 1, policy: lru() });
    for (const key of ['a', 'b', 'a', 'c']) store.set(key, entry(key));
    expect(store.get('c')?.value).toBe('c');
    expect(store.stats).toMatchObject({ entries: 1, evictions: 3 });
  });

  it('deletes, clears and reuses what is free', () => {
    const store = memory({ maxEntries: 3, policy: lru() });
    store.set('', entry('empty key'));
    store.set('__proto__', entry('proto'));
    expect(store.get('')?.value).toBe('empty key');
    expect(store.delete('')).toBe(true);
    expect(store.delete('')).toBe(false);
    expect(store.get('__proto__')?.value).toBe('proto');
    store.clear();
    expect(store.get('__proto__')).toBeUndefined();
    for (let i = 0; i < 5; i++) store.set(`k${i}`, entry(i));
    expect(store.stats).toMatchObject({ entries: 3, evictions: 2 });
  });

  it('survives a listener that writes into the store', () => {
    const store = memory({ maxEntries: 2, policy: lru() });
    let writes = 0;
    store.onDeparture = (key) => {
      if (writes++ < 3) store.set(key, entry('again'));
    };
    for (const key of ['a', 'b', 'c', 'd']) store.set(key, entry(key));
    expect(store.stats.entries).toBe(2);
  });

  it.each([
    [{ maxBytes: '1XB' }, 'maxBytes'],
    [{ maxEntries: 1.5 }, 'maxEntries'],
    [{ maxEntries: -1 }, 'maxEntries'],
    [{ maxEntries: 1, maxBytes: 1 }, 'maxEntries'],
    [{ policy: 'lru' }, 'policy'],
    [{ clock: 5 }, 'clock'],
    [{ max: 5 }, 'max'],
    [5, 'options'],
  ])('refuses %j at construction', (options, named) => {
    const make = (): unknown => memory(options as MemoryOptions);
    expect(make).toThrow(KvasirError);
    expect(make).toThrow(named);
  });
});
