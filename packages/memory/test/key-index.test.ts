import assert from 'node:assert/strict';
import { hashKey, NO_SLOT } from '@kvasir/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyIndex } from '../src/key-index.ts';

/** An index over keys in an array, as a store would use it, and a Map that says what it should answer. */
class Indexed {
  readonly keys: (string | undefined)[] = [];
  readonly model = new Map<string, number>();
  readonly index = new KeyIndex({ holds: (slot, key) => this.keys[slot] === key });
  readonly hash: (key: string) => number;
  readonly #free: number[] = [];

  constructor(hash: (key: string) => number) {
    this.hash = hash;
  }

  /** How many had to leave for it. */
  add(key: string): number {
    const slot = this.#free.pop() ?? this.keys.length;
    let removed = 0;
    for (let other = this.index.add(this.hash(key), slot); other !== NO_SLOT; removed++) {
      this.remove(this.keys[other] ?? '');
      other = this.index.add(this.hash(key), slot);
    }
    this.keys[slot] = key;
    this.model.set(key, slot);
    return removed;
  }

  remove(key: string): void {
    const slot = this.model.get(key) ?? NO_SLOT;
    this.index.remove(this.hash(key), slot);
    this.model.delete(key);
    this.keys[slot] = undefined;
    this.#free.push(slot);
  }

  find(key: string): number {
    return this.index.find(this.hash(key), key, 0);
  }

  check(): void {
    this.index.check((slot) => this.hash(this.keys[slot] ?? ''));
    assert.equal(this.index.size, this.model.size);
  }
}

const hashes: Record<string, (key: string) => number> = {
  'whole hashes': (key) => hashKey(key),
  'hashes of three bits at the top': (key) => hashKey(key) & 0xe0000000,
  'hashes of three bits at the bottom': (key) => hashKey(key) & 7,
  'one hash': () => 0xffffffff,
};

describe('KeyIndex', () => {
  it.each(Object.entries(hashes))('finds what was added and not removed, with %s', (_, hash) => {
    const step = fc.record({ what: fc.constantFrom('add', 'add', 'remove', 'find'), key: fc.nat(150).map(String) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        const indexed = new Indexed((key) => hash(key) >>> 0);
        for (const { what, key } of steps) {
          if (what === 'add' && !indexed.model.has(key)) indexed.add(key);
          else if (what === 'remove' && indexed.model.has(key)) indexed.remove(key);
          assert.equal(indexed.find(key), indexed.model.get(key) ?? NO_SLOT);
          indexed.check();
        }
        for (const [key, slot] of indexed.model) assert.equal(indexed.find(key), slot);
      }),
      { numRuns: 30 },
    );
  });

  it('doubles as it is filled, and finds everything after each doubling', () => {
    const indexed = new Indexed((key) => hashKey(key, 7));
    for (let size = 0; size < 20_000; ) {
      for (const end = Math.ceil(size * 1.3) + 5; size < end; size++) assert.equal(indexed.add(`k${size}`), 0);
      indexed.check();
      for (const [key, slot] of indexed.model) assert.equal(indexed.find(key), slot);
      assert.equal(indexed.find('k-1'), NO_SLOT);
    }
  });

  it('lets no more than 63 keys of one hash in: another of them leaves, whoever else is there', () => {
    const indexed = new Indexed((key) => (key.startsWith('chosen') ? 0x12345678 : hashKey(key)));
    for (let i = 0; i < 5_000; i++) indexed.add(`k${i}`);
    let removed = 0;
    for (let i = 0; i < 500; i++) removed += indexed.add(`chosen ${i}`);
    indexed.check();
    const chosen = [...indexed.model.keys()].filter((key) => key.startsWith('chosen')).length;
    expect(chosen).toBeLessThanOrEqual(63);
    expect(chosen).toBeGreaterThan(40);
    expect(removed).toBe(500 + 5_000 - indexed.model.size);
    expect(5_000 - (indexed.model.size - chosen)).toBeLessThan(63);
  });

  it('is empty after it was cleared, and can be filled again', () => {
    const indexed = new Indexed((key) => hashKey(key));
    for (let i = 0; i < 100; i++) indexed.add(`k${i}`);
    indexed.index.clear();
    expect(indexed.index.size).toBe(0);
    expect(indexed.find('k1')).toBe(NO_SLOT);
    expect(indexed.index.add(hashKey('k0'), 0)).toBe(NO_SLOT);
    expect(indexed.find('k0')).toBe(0);
  });
});
