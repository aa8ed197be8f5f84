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
      name: 'returns what was set, the very value with equal fields, and undefined for any other key',
      check() {
        const { store } = open();
        const kept = entry({ deep: [1] });
        store.set('a', kept);
        for (const found of [store.get('a'), store.peek('a')]) {
          assert.equal(found?.value, kept.value);
          assert.deepEqual(found, kept);
        }
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
      name: 'keeps every field as it was set: instants with or without end, tags with their stamps, size and cost',
      check() {
        const { store, clock } = open();
        const now = clock.now();
        const times = [now - 1e9, now, now + 0.25, now + 1, now + 1e6, now + 1e13, NEVER];
        for (const storedAt of times)
          for (const staleAt of times)
            for (const cost of [0, 0.1, 3, 1e7]) {
              const fields = {
                storedAt,
                staleAt,
                expiresAt: Math.max(staleAt, now + 1),
                cost,
                size: staleAt === now ? 0 : 1e6,
              };
              for (const tags of [[], ['a tag'], ['t', 'u']]) {
                const kept: Entry = { ...entry({}), ...fields, tags, stamps: tags.map((tag) => `${tag} stamp`) };
                store.set('k', kept);
                assert.deepEqual(store.get('k'), kept);
              }
            }
      },
    },
    {
      name: 'keeps the same key in two spaces as two entries, and tells the space of one that leaves',
      check() {
        const { store } = open(3);
        const left: [string, Departure, number][] = [];
        store.onDeparture = (key, reason, space) => left.push([key, reason, space]);
        store.set('k', entry(0));
        store.set('k', entry(1), 1);
        store.set('k', entry(65_535), 65_535);
        for (const space of [0, 1, 65_535]) {
          assert.equal(store.peek('k', space)?.value, space);
          assert.equal(store.getFresh('k', space), space);
          assert.equal(store.get('k', space)?.value, space);
        }
        assert.equal(store.peek('k')?.value, 0);
        assert.equal(store.peek('k', 2), undefined);
        assert.equal(store.stats.entries, 3);
        assert.equal(store.delete('k', 2), false);
        assert.equal(store.delete('k'), true);
        assert.equal(store.peek('k', 1)?.value, 1);
        for (const key of ['a', 'b']) store.set(key, entry(key), 7);
        assert.deepEqual(left, [['k', 'evict', 1]]);
      },
    },
    {
      name: 'hands out the bare value of an untagged entry that stays fresh for longer than the margin, and of no other',
      async check() {
        const { store, clock } = open();
        const now = clock.now();
        store.set('k', { ...entry('value', now + 200), staleAt: now + 100, cost: 5 });
        assert.equal(store.getFresh('k'), 'value');
        assert.equal(store.getFresh('k', 0, 19), 'value');
        assert.equal(store.getFresh('k', 0, 20), undefined);
        assert.equal(store.getFresh('other'), undefined);
        assert.equal(store.getFresh('k', 1), undefined);
        await clock.advance(99);
        assert.equal(store.getFresh('k'), 'value');
        await clock.advance(1);
        assert.equal(store.getFresh('k'), undefined);
        assert.equal(store.peek('k')?.value, 'value');
        store.set('tagged', { ...entry('value'), tags: ['t'], stamps: ['s'] });
        assert.equal(store.getFresh('tagged'), undefined);
        store.set('endless', entry('value'));
        assert.equal(store.getFresh('endless', 0, 1e9), 'value');
      },
    },
    {
      name: 'takes a bare value that it hands out for a request, and one that it does not for none',
      check() {
        const { store, clock } = open(2);
        store.set('a', entry(1));
        store.set('b', { ...entry(2), staleAt: clock.now() });
        assert.equal(store.getFresh('a'), 1);
        assert.equal(store.getFresh('b'), undefined);
        store.set('c', entry(3));
        assert.equal(store.peek('b'), undefined);
        assert.equal(store.peek('a')?.value, 1);
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
