import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admitAbove, lru, type Policy, wTinyLfu } from '../../src/index.ts';
import { PolicyStore } from '../support/policy-store.ts';

describe("admitAbove('auto')", () => {
  it('admits exactly the newcomers that were asked for more often than the victim before now', () => {
    const key = fc.integer({ min: 0, max: 30 }).map((n) => `k${Math.floor((n * n) / 60)}`);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(key, { maxLength: 300, size: 'max' }), (capacity, keys) => {
        const store = new PolicyStore(admitAbove('auto', lru()), capacity);
        const counts = new Map<string, number>();
        let model: string[] = [];
        for (const key of keys) {
          store.ask(key);
          const before = counts.get(key) ?? 0;
          counts.set(key, Math.min(15, before + 1));
          const [victim = ''] = model;
          if (model.includes(key)) model = [...model.filter((other) => other !== key), key];
          else if (model.length < capacity) model.push(key);
          else if (before > (counts.get(victim) ?? 0)) model = [...model.slice(1), key];
          assert.deepEqual(store.keys, [...model].sort());
        }
      }),
      { numRuns: 50 },
    );
  });

  it('lets everyone in while there is room, and no scan when there is none', () => {
    const store = new PolicyStore(admitAbove('auto', lru()), 10);
    for (let i = 0; i < 10; i++) store.ask(`first ${i}`);
    expect(store.size).toBe(10);
    for (let i = 0; i < 100; i++) store.ask(`scan ${i}`);
    expect(store.keys.every((key) => key.startsWith('first'))).toBe(true);
  });

  it('makes a heavy newcomer win against everyone whose room it takes', () => {
    const store = new PolicyStore(admitAbove('auto', lru()), 10, 'bytes');
    for (const key of ['a', 'b', 'b', 'b', 'c']) store.ask(key, 3);
    const left: string[] = [];
    for (let i = 0; i < 3; i++) store.ask('heavy', 7, (gone) => left.push(gone));
    // Twice asked for before: more often than a, not more often than b.
    expect(left).toEqual(['heavy', 'heavy', 'a', 'heavy']);
  });

  it('stands before any policy that can name its victim, and says so when one cannot', () => {
    const store = new PolicyStore(admitAbove('auto', wTinyLfu()), 5);
    for (let i = 0; i < 50; i++) store.ask(`k${i % 7}`);
    expect(store.size).toBe(5);
    const mute = (): Policy => ({ ...lru()(1), name: 'mute', victim: undefined }) as unknown as Policy;
    expect(() => admitAbove('auto', mute)(5)).toThrow('mute');
  });
});
