import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adaptive, arc, hashKey, lirs, lru, NO_SLOT, type PolicyFactory } from '../../src/index.ts';
import { hitRatio, PolicyStore } from '../support/policy-store.ts';

function* loop(keys: number, rounds: number): Generator<string> {
  for (let round = 0; round < rounds; round++) for (let key = 0; key < keys; key++) yield `loop:${key}`;
}

/** Each key is asked for twice, the second time soon after the first, and never again. */
function* bursts(count: number, gap: number): Generator<string> {
  for (let key = 0; key < count; key++) {
    yield `burst:${key}`;
    if (key >= gap) yield `burst:${key - gap}`;
  }
}

describe('adaptive', () => {
  it('finds who can hold a part of a loop that is too large', () => {
    const found = hitRatio(adaptive(), 500, loop(1000, 60));
    expect(hitRatio(arc(), 500, loop(1000, 60))).toBeLessThan(0.01);
    expect(found).toBeGreaterThan(0.8 * hitRatio(lirs(), 500, loop(1000, 60)));
  });

  it('hits what only recency hits', () => {
    const found = hitRatio(adaptive(), 500, bursts(20_000, 450));
    expect(found).toBeGreaterThan(hitRatio(lru(), 500, bursts(20_000, 450)) - 0.01);
  });

  it('changes its mind when the requests change', () => {
    const store = new PolicyStore(adaptive(), 500);
    for (const key of bursts(20_000, 450)) store.ask(key);
    for (const key of loop(1000, 30)) store.ask(key);
    let hits = 0;
    for (const key of loop(1000, 10)) if (store.ask(key)) hits++;
    expect(hits / 10_000).toBeGreaterThan(0.4);
  });

  it('keeps small entries rather than large ones where bytes are counted', () => {
    const ratio = (make: PolicyFactory): number => {
      const store = new PolicyStore(make, 20_000, 'bytes');
      let hits = 0;
      for (let turn = 0; turn < 200; turn++) {
        for (let key = 0; key < 150; key++) if (store.ask(`small:${key}`, 100)) hits++;
        store.ask(`large:${turn % 4}`, 9_000);
      }
      return hits / 30_000;
    };
    expect(ratio(adaptive())).toBeGreaterThan(0.95);
    expect(ratio(lru())).toBeLessThan(0.2);
  });

  it('knows exactly who is in, whatever expert is in charge', () => {
    const step = fc.record({ kind: fc.integer({ min: 0, max: 9 }), key: fc.integer({ min: 0, max: 60 }) });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 3_000, size: 'max' }),
        fc.integer({ min: 0, max: 40 }),
        (steps, capacity) => {
          const policy = adaptive()(capacity, 'entries');
          const slots = new Map<number, number>();
          const keys: number[] = [];
          const free: number[] = [];
          const leave = (slot: number): void => {
            expect(slots.delete(keys[slot] ?? -1)).toBe(true);
            free.push(slot);
          };
          for (const { kind, key } of steps) {
            const held = slots.get(key);
            if (held !== undefined && kind === 0) {
              policy.remove(held);
              leave(held);
            } else if (held !== undefined) policy.touch(held);
            else {
              const slot = free.pop() ?? keys.length;
              keys[slot] = key;
              slots.set(key, slot);
              policy.insert(slot, hashKey(String(key)), 1);
              for (;;) {
                const left = policy.evict(slots.size > capacity);
                if (left === NO_SLOT) break;
                leave(left);
              }
            }
          }
          const visited: number[] = [];
          policy.forEach?.((slot) => visited.push(slot));
          expect(visited.sort((a, b) => a - b)).toEqual([...slots.values()].sort((a, b) => a - b));
        },
      ),
      { seed: 3, numRuns: 12 },
    );
  });

  it('refuses an objective and an option that it does not know', () => {
    expect(() => adaptive({ objective: 'speed' as 'hits' })).toThrow(/adaptive\(\) objective/);
    expect(() => adaptive({ window: 1 } as object)).toThrow(/window/);
  });
});
