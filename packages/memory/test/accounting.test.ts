import assert from 'node:assert/strict';
import { admitAbove, type Entry, hashKey, lfu, lru, type PolicyFactory, wTinyLfu } from '@kvasir/core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { MemoryStore } from '../src/memory-store.ts';

const policies: Record<string, PolicyFactory> = {
  lru: lru(),
  lfu: lfu(),
  wTinyLfu: wTinyLfu(),
  'admitAbove(0.05)': admitAbove(0.05, lru()),
  "admitAbove('auto')": admitAbove('auto', wTinyLfu()),
};
const bounds = [
  { capacity: 0, unit: 'entries' },
  { capacity: 1, unit: 'entries' },
  { capacity: 2, unit: 'entries' },
  { capacity: 9, unit: 'entries' },
  { capacity: 4_000, unit: 'bytes' },
] as const;

const step = fc.record({
  what: fc.constantFrom('set', 'set', 'set', 'get', 'get', 'getFresh', 'delete', 'wait', 'clear'),
  key: fc.integer({ min: 0, max: 12 }).map((n) => `k${n}`),
  space: fc.constantFrom(0, 0, 1, 65_535),
  size: fc.constantFrom(0, 7, 400.5, 1_500, 5_000),
  freshMs: fc.constantFrom(5, 20, 2.5, Infinity),
  graceMs: fc.constantFrom(0, 0, 10, Infinity),
  cost: fc.constantFrom(0, 3, 1e6),
  tags: fc.constantFrom<string[]>([], [], ['t']),
});

/** What was set and has not left, by key and space, as the store tells it. */
class Model {
  readonly present = new Map<string, Entry>();
  readonly left = { evict: 0, expire: 0, reject: 0 };
  /** Being set: its departure is that of what was there before, if that is over, else its own. */
  writing: string | undefined;
  #isGone = false;

  depart(id: string, reason: 'evict' | 'expire' | 'reject'): void {
    this.left[reason]++;
    if (id === this.writing && reason !== 'expire') this.#isGone = true;
    else assert.ok(this.present.delete(id), `${id} left, but was not there`);
  }

  write(id: string, entry: Entry, set: () => void): void {
    this.writing = id;
    this.#isGone = false;
    set();
    this.writing = undefined;
    if (this.#isGone) this.present.delete(id);
    else this.present.set(id, entry);
  }

  read(id: string, now: number): Entry | undefined {
    const entry = this.present.get(id);
    return entry !== undefined && now < entry.expiresAt ? entry : undefined;
  }
}

describe.each(Object.entries(policies))('a store with %s', (_, policy) => {
  it.each(bounds)('of $capacity $unit hands out what was set last and has not left, and accounts for it', (bound) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), fc.boolean(), (steps, collides) => {
        let now = 1_000;
        const clock = { now: () => now, after: () => () => {} };
        const hash = (key: string, seed: number): number => (hashKey(key, seed) & (collides ? 0xc0000000 : -1)) >>> 0;
        const store = new MemoryStore({ ...bound, policy, clock, hash });
        const model = new Model();
        store.onDeparture = (key, reason, space) => model.depart(`${space} ${key}`, reason);
        for (const { what, key, space, size, freshMs, graceMs, cost, tags } of steps) {
          const id = `${space} ${key}`;
          const expected = model.read(id, now);
          if (what === 'set') {
            const staleAt = now + freshMs;
            const times = { storedAt: now, staleAt, expiresAt: staleAt + graceMs };
            const entry: Entry = { value: {}, ...times, tags, stamps: tags, size, cost };
            model.write(id, entry, () => store.set(key, entry, space));
          } else if (what === 'get') {
            const found = store.get(key, space);
            assert.deepEqual(found, expected);
            assert.equal(found?.value, expected?.value);
          } else if (what === 'getFresh') {
            const isFresh = expected?.tags.length === 0 && now + 2 * expected.cost < expected.staleAt;
            assert.equal(store.getFresh(key, space, 2), isFresh ? expected.value : undefined);
          } else if (what === 'delete') {
            assert.equal(store.delete(key, space), model.present.delete(id));
          } else if (what === 'clear') {
            store.clear();
            model.present.clear();
          } else now += 5;
          store.check();
          for (const held of model.present.keys()) {
            const [inSpace = '', name = ''] = held.split(' ');
            assert.equal(store.peek(name, Number(inSpace))?.value, model.read(held, now)?.value);
          }
          const { entries, bytes, evictions, expirations, rejections } = store.stats;
          assert.equal(entries, model.present.size);
          assert.deepEqual({ evict: evictions, expire: expirations, reject: rejections }, model.left);
          assert.ok((bound.unit === 'entries' ? entries : bytes) <= bound.capacity);
        }
        store.clear();
        assert.equal(store.stats.bytes, 0);
      }),
      { numRuns: 20 },
    );
  });
});
