import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { KeyIndex } from '../../src/model/key-index.ts';

const ENTRIES = 8;

describe('KeyIndex', () => {
  it('finds what was added and not removed, as a Map does, also when all hashes want the same cells', () => {
    // Few distinct homes, at both ends of the table, so that runs are long and wrap around.
    const hash = fc
      .tuple(fc.constantFrom(0, 1, 14, 15), fc.integer({ min: 0, max: 5 }))
      .map(([home, i]) => home + 16 * i);
    fc.assert(
      fc.property(fc.array(fc.tuple(hash, fc.boolean()), { maxLength: 100, size: 'max' }), (steps) => {
        const index = new KeyIndex(ENTRIES);
        const model = new Map<number, number>();
        const free = [...Array(ENTRIES).keys()];
        for (const [key, removes] of steps) {
          const held = model.get(key);
          if (removes && held !== undefined) {
            index.remove(held);
            model.delete(key);
            free.push(held);
          } else if (!removes && held === undefined && free.length > 0) {
            const entry = free.pop() ?? 0;
            index.add(key, entry);
            model.set(key, entry);
          }
          for (const home of [0, 1, 14, 15])
            for (let i = 0; i < 6; i++) assert.equal(index.find(home + 16 * i), model.get(home + 16 * i) ?? -1);
          for (const [known, entry] of model) assert.equal(index.hashOf(entry), known);
        }
      }),
    );
  });
});
