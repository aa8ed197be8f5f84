import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { RecencyTree } from '../../src/model/recency-tree.ts';

const ENTRIES = 8;

describe('RecencyTree', () => {
  it('sums the weights of who came later, as a plain list does, however often the line is used up', () => {
    const step = fc.record({
      entry: fc.integer({ min: 0, max: ENTRIES - 1 }),
      weight: fc.integer({ min: 0, max: 1000 }),
      does: fc.constantFrom('renew' as const, 'renew' as const, 'remove' as const, 'drop' as const),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const tree = new RecencyTree(ENTRIES);
        let oldestFirst: { entry: number; weight: number }[] = [];
        for (const { entry, weight, does } of steps) {
          oldestFirst = oldestFirst.filter((other) => other.entry !== entry);
          if (does !== 'renew') {
            tree[does](entry);
            if (does === 'drop') assert.equal(tree.weightOf(entry), 0);
          } else {
            tree.renew(entry, weight);
            oldestFirst.push({ entry, weight });
          }
          for (let other = 0; other < ENTRIES; other++) {
            const at = oldestFirst.findIndex((one) => one.entry === other);
            assert.equal(tree.has(other), at !== -1);
            if (at === -1) continue;
            assert.equal(
              tree.distance(other),
              oldestFirst.slice(at + 1).reduce((sum, one) => sum + one.weight, 0),
            );
            assert.equal(tree.weightOf(other), oldestFirst[at]?.weight);
          }
        }
      }),
    );
  });
});
