import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { NO_SLOT } from '../../src/index.ts';
import { SlotHeap } from '../../src/policy/slot-heap.ts';

describe('SlotHeap', () => {
  it('has the least priority first, whatever enters, changes or leaves from the middle', () => {
    const step = fc.record({
      slot: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 60, max: 70 })),
      priority: fc.integer({ min: 0, max: 50 }),
      leaves: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const heap = new SlotHeap();
        const model = new Map<number, number>();
        for (const { slot, priority, leaves } of steps) {
          assert.equal(heap.has(slot), model.has(slot));
          if (leaves) {
            if (heap.has(slot)) heap.remove(slot);
            model.delete(slot);
          } else {
            if (heap.has(slot)) heap.change(slot, priority);
            else heap.push(slot, priority);
            model.set(slot, priority);
          }
          const first = heap.first();
          if (model.size === 0) assert.equal(first, NO_SLOT);
          else assert.equal(model.get(first), Math.min(...model.values()));
          const visited: number[] = [];
          heap.forEach((one) => visited.push(one));
          assert.deepEqual(
            visited.map((one) => heap.priorityOf(one)),
            [...model.values()].sort((a, b) => a - b),
          );
        }
      }),
    );
  });
});
