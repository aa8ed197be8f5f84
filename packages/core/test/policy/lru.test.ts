import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { lru } from '../../src/index.ts';
import { PolicyStore } from '../support/policy-store.ts';

describe('lru', () => {
  it('evicts in exactly the order of last use, for any weights', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
      weight: fc.integer({ min: 1, max: 10 }),
      removes: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 30 }),
        fc.array(step, { maxLength: 200, size: 'max' }),
        (capacity, steps) => {
          const store = new PolicyStore(lru(), capacity, 'bytes');
          const left: string[] = [];
          const expected: string[] = [];
          let model: { key: string; weight: number }[] = [];
          for (const { key, weight, removes } of steps) {
            const known = model.find((one) => one.key === key);
            model = model.filter((one) => one.key !== key);
            if (removes) {
              store.remove(key);
              continue;
            }
            assert.equal(
              store.ask(key, weight, (gone) => left.push(gone)),
              known !== undefined,
            );
            model.push(known ?? { key, weight });
            while (model.reduce((sum, one) => sum + one.weight, 0) > capacity) expected.push(model.shift()?.key ?? '');
            assert.deepEqual(left, expected);
          }
        },
      ),
    );
  });
});
