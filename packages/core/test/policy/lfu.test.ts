import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lfu } from '../../src/index.ts';
import { PolicyStore } from '../support/policy-store.ts';

interface Counted {
  readonly key: string;
  count: number;
  /** Larger: used later, among equal counts. */
  order: number;
}

/** Counts, sorted anew for every victim. */
class SlowLfu {
  entries: Counted[] = [];
  newest: string | undefined;
  #requests = 0;
  #clock = 0;

  ask(key: string, capacity: number): string[] {
    const known = this.entries.find((one) => one.key === key);
    if (known !== undefined) {
      known.count = Math.min(255, known.count + 1);
      known.order = this.#clock++;
      this.#age();
      return [];
    }
    this.entries.push({ key, count: 1, order: this.#clock++ });
    this.newest = key;
    this.#age();
    const left: string[] = [];
    while (this.entries.length > capacity) left.push(this.#evict());
    return left;
  }

  remove(key: string): void {
    this.entries = this.entries.filter((one) => one.key !== key);
  }

  #evict(): string {
    const others = this.entries.filter((one) => one.key !== this.newest);
    const [victim] = others.sort((a, b) => a.count - b.count || a.order - b.order);
    this.remove(victim?.key ?? '');
    return victim?.key ?? '';
  }

  #age(): void {
    if (++this.#requests < this.entries.length * 10) return;
    this.#requests = 0;
    // Counts 2n and 2n + 1 meet in n: first those from 2n, each in order.
    const sorted = [...this.entries].sort((a, b) => a.count - b.count || a.order - b.order);
    for (const one of sorted) {
      one.count >>>= 1;
      one.order = this.#clock++;
    }
  }
}

describe('lfu', () => {
  it('evicts exactly the least used, the longest unused first, and halves what it knows every ten requests an entry', () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 14 }).map((n) => `k${Math.floor((n * n) / 15)}`),
      removes: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 8 }),
        fc.array(step, { maxLength: 300, size: 'max' }),
        (capacity, steps) => {
          const store = new PolicyStore(lfu(), capacity);
          const slow = new SlowLfu();
          for (const { key, removes } of steps) {
            if (removes) {
              store.remove(key);
              slow.remove(key);
              continue;
            }
            const left: string[] = [];
            store.ask(key, 1, (gone) => left.push(gone));
            assert.deepEqual(left, slow.ask(key, capacity));
          }
          assert.deepEqual(store.keys, slow.entries.map((one) => one.key).sort());
        },
      ),
    );
  });

  it('keeps what is asked for often through a scan ten times its size', () => {
    const store = new PolicyStore(lfu(), 10);
    for (let round = 0; round < 5; round++) for (let i = 0; i < 9; i++) store.ask(`hot ${i}`);
    for (let i = 0; i < 100; i++) store.ask(`scan ${i}`);
    expect(store.keys.filter((key) => key.startsWith('hot'))).toHaveLength(9);
  });

  it('lets go of what was popular once', () => {
    const store = new PolicyStore(lfu(), 10);
    for (let i = 0; i < 1_000; i++) store.ask(`old ${i % 10}`);
    for (let i = 0; i < 2_000; i++) store.ask(`new ${i % 9}`);
    expect(store.keys.filter((key) => key.startsWith('new'))).toHaveLength(9);
  });
});
