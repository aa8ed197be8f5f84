import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { NO_SLOT } from '../../src/index.ts';
import { SlotLists } from '../../src/policy/slot-lists.ts';

const LISTS = 3;

function read(lists: SlotLists, list: number): number[] {
  const slots: number[] = [];
  for (let slot = lists.first(list); slot !== NO_SLOT; slot = lists.after(slot)) slots.push(slot);
  return slots;
}

describe('SlotLists', () => {
  it('orders slots as arrays would, also those far beyond its first size', () => {
    const slot = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 60, max: 70 }), fc.constant(100_000));
    const list = fc.integer({ min: 0, max: LISTS - 1 });
    const step = fc.oneof(
      fc.record({ kind: fc.constantFrom('put', 'unlink'), slot, list }),
      fc.record({ kind: fc.constant('append'), slot: list, list }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const lists = new SlotLists(LISTS);
        const model: number[][] = Array.from({ length: LISTS }, () => []);
        for (const { kind, slot, list } of steps) {
          if (kind === 'append') {
            if (slot === list) continue;
            lists.append(slot, list);
            model[list]?.push(...(model[slot] ?? []));
            model[slot] = [];
            continue;
          }
          const isLinked = model.some((slots) => slots.includes(slot));
          assert.equal(lists.has(slot), isLinked);
          for (const [at, slots] of model.entries()) model[at] = slots.filter((other) => other !== slot);
          if (kind === 'unlink') lists.unlink(slot);
          else {
            if (isLinked) lists.move(list, slot);
            else lists.push(list, slot);
            model[list]?.push(slot);
          }
        }
        for (const [at, slots] of model.entries()) {
          assert.deepEqual(read(lists, at), slots);
          assert.equal(lists.isEmpty(at), slots.length === 0);
        }
      }),
      { numRuns: 50 },
    );
  });
});
