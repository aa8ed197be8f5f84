import assert from 'node:assert/strict';
import type { Clock } from '../clock.ts';
import type { Entry } from '../entry.ts';
import type { Departure, LocalStore } from '../store.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import type { Check } from './check.ts';

/** What the store under test is made with: at most `maxEntries` entries, evicting the least recently used, time from `clock`. */
export interface LocalStoreSetup {
  readonly maxEntries: number;
  readonly clock: Clock;
}

const NEVER = Number.POSITIVE_INFINITY;

function entry(value: unknown, expiresAt = NEVER): Entry {
  return { value, storedAt: 0, staleAt: expiresAt, expiresAt, tags: [], stamps: [], size: 8, cost: 0 };
}

/** What every {@link LocalStore} must do. `make` returns a new, empty store each time. */
export function localStoreConformance(make: (setup: LocalStoreSetup) => LocalStore): readonly Check[] {
  const open = (maxEntries = 100): { store: LocalStore; clock: ManualClock; left: [string, Departure][] } => {
    const clock = new ManualClock();
    const store = make({ maxEntries, clock });
    const left: [string, Departure][] = [];
    store.onDeparture = (key, reason) => left.push([key, reason]);
    return { store, clock, left };
  };
  return [
    {
      name: 'returns the very entry that was set, and undefined for any other key',
      check() {
        const { store } = open();
        const kept = entry({ deep: [1] });
        store.set('a', kept);
        assert.equal(store.get('a'), kept);
        assert.equal(store.peek('a'), kept);
        assert.equal(store.get('b'), undefined);
        assert.equal(store.peek('b'), undefined);
      },
    },
    {
      name: 'takes any string for a key and keeps keys apart',
      check() {
        const { store } = open();
        const keys = ['', ' ', '__proto__', 'constructor', '\0', '\ud800', '*?[a]', 'é', 'e\u0301', 'x'.repeat(10_000)];
        for (const key of keys) store.set(key, entry(key));
        for (const key of keys) assert.equal(store.get(key)?.value, key);
        assert.equal(store.stats.entries, keys.length);
      },
    },
    {
      name: 'keeps values of any kind, undefined and null too',
      check() {
        const { store } = open();
        for (const value of [undefined, null, 0, '', false, Number.NaN]) {
          store.set('k', entry(value));
          assert.ok(Object.is(store.get('k')?.value, value));
        }
      },
    },
    {
      name: 'replaces what was under a key without counting it twice or calling it a departure',
      check() {
        const { store, left } = open();
        store.set('k', entry(1));
        const bytes = store.stats.bytes;
        store.set('k', entry(2));
        assert.equal(store.get('k')?.value, 2);
        assert.equal(store.stats.entries, 1);
        assert.equal(store.stats.bytes, bytes);
        assert.deepEqual(left, []);
      },
    },
    {
      name: 'holds no more entries than it may, evicts the least recently used, and tells after it has left',
      check() {
        const { store } = open(3);
        const left: string[] = [];
        store.onDeparture = (key, reason) => {
          assert.equal(store.peek(key), undefined);
          left.push(`${key} ${reason}`);
        };
        for (const key of ['a', 'b', 'c']) store.set(key, entry(key));
        store.get('a');
        store.set('d', entry('d'));
        assert.deepEqual(left, ['b evict']);
        assert.equal(store.stats.entries, 3);
        assert.equal(store.stats.evictions, 1);
      },
    },
    {
      name: 'leaves no trace when it peeks',
      check() {
        const { store } = open(2);
        store.set('a', entry(1));
        store.set('b', entry(2));
        store.peek('a');
        store.set('c', entry(3));
        assert.equal(store.peek('a'), undefined);
        assert.equal(store.peek('b')?.value, 2);
      },
    },
    {
      name: 'returns an entry until it expires, and never at or after that instant',
      async check() {
        const { store, clock } = open();
        const end = clock.now() + 10;
        store.set('k', { ...entry(1, end), staleAt: clock.now() });
        await clock.advance(9);
        assert.equal(store.get('k')?.value, 1);
        await clock.advance(1);
        assert.equal(store.peek('k'), undefined);
        assert.equal(store.get('k'), undefined);
      },
    },
    {
      name: 'lets expired entries go as others are set, without being asked for them',
      async check() {
        const { store, clock, left } = open();
        const end = clock.now() + 10;
        for (let i = 0; i < 20; i++) store.set(`old ${i}`, entry(i, end));
        await clock.advance(10);
        for (let i = 0; i < 60; i++) store.set(`new ${i}`, entry(i));
        assert.equal(store.stats.entries, 60);
        assert.equal(store.stats.expirations, 20);
        assert.ok(left.every(([key, reason]) => key.startsWith('old') && reason === 'expire'));
      },
    },
    {
      name: 'keeps nothing when it has no room, and says that it was rejected',
      check() {
        const { store, left } = open(0);
        store.set('k', entry(1));
        assert.equal(store.get('k'), undefined);
        assert.deepEqual(left, [['k', 'reject']]);
        assert.deepEqual({ ...store.stats }, { entries: 0, bytes: 0, evictions: 0, expirations: 0, rejections: 1 });
      },
    },
    {
      name: 'deletes one key, tells whether it was there, and calls it no departure',
      check() {
        const { store, left } = open();
        store.set('a', entry(1));
        store.set('b', entry(2));
        assert.equal(store.delete('a'), true);
        assert.equal(store.delete('a'), false);
        assert.equal(store.get('a'), undefined);
        assert.equal(store.get('b')?.value, 2);
        assert.deepEqual(left, []);
      },
    },
    {
      name: 'clears everything and can be filled again',
      check() {
        const { store, left } = open(5);
        for (let i = 0; i < 5; i++) store.set(`k${i}`, entry(i));
        store.clear();
        assert.equal(store.stats.entries, 0);
        assert.equal(store.stats.bytes, 0);
        for (let i = 0; i < 5; i++) assert.equal(store.get(`k${i}`), undefined);
        for (let i = 0; i < 5; i++) store.set(`k${i}`, entry(i));
        assert.equal(store.stats.entries, 5);
        assert.deepEqual(left, []);
      },
    },
  ];
}
