import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PolicyFactory } from '../../src/index.ts';
import { PolicyStore } from './policy-store.ts';

/** A policy and its store in one, over keys, arrays and Maps: slow, and obviously right. */
export interface SlowPolicy {
  /** Who is in, in the order of `forEach`. */
  readonly keys: readonly string[];
  /** Asks for `key`, stores it when it is missing, and says who leaves for that, in order. */
  ask(key: string, weight: number): readonly string[];
  resize(key: string, weight: number): readonly string[];
  remove(key: string): void;
}

export interface Weighed {
  readonly key: string;
  weight: number;
}

export function weightOf(list: readonly Weighed[]): number {
  return list.reduce((sum, one) => sum + one.weight, 0);
}

export function without<T extends Weighed>(list: readonly T[], key: string): T[] {
  return list.filter((one) => one.key !== key);
}

export interface Step {
  readonly key: string;
  readonly weight: number;
  readonly kind: 'ask' | 'resize' | 'remove';
}

/** Mostly requests, few keys more often than many, and room for scans. */
export function stepsFor(heaviest: number): fc.Arbitrary<Step[]> {
  const key = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 5 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 30 }) },
  );
  const kind = fc.oneof(
    { weight: 18, arbitrary: fc.constant('ask' as const) },
    { weight: 1, arbitrary: fc.constant('resize' as const) },
    { weight: 1, arbitrary: fc.constant('remove' as const) },
  );
  const step = fc.record({ key: key.map((n) => `k${n}`), weight: fc.integer({ min: 1, max: heaviest }), kind });
  return fc.array(step, { maxLength: 250, size: 'max' });
}

/** Holds `make` to `slow`, step by step, for weights and for entries; small capacities, of which weights may be more than there is. */
export function compareWithModel(
  make: PolicyFactory,
  slow: (capacity: number, unit: 'bytes' | 'entries') => SlowPolicy,
): void {
  const run = (capacity: number, unit: 'bytes' | 'entries', steps: readonly Step[]): void => {
    const store = new PolicyStore(make, capacity, unit);
    const model = slow(capacity, unit);
    for (const { key, weight, kind } of steps) {
      const left: string[] = [];
      const leaves = (gone: string) => left.push(gone);
      const own = unit === 'entries' ? 1 : weight;
      if (kind === 'remove') {
        store.remove(key);
        model.remove(key);
      } else if (kind === 'ask') {
        store.ask(key, own, leaves);
        assert.deepEqual(left, model.ask(key, own));
      } else if (store.has(key)) {
        store.resize(key, own, leaves);
        assert.deepEqual(left, model.resize(key, own));
      }
      assert.deepEqual(store.visited, model.keys);
    }
  };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 12 }), stepsFor(1), (capacity, steps) => run(capacity, 'entries', steps)),
  );
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 60 }), stepsFor(12), (capacity, steps) => run(capacity, 'bytes', steps)),
  );
}
