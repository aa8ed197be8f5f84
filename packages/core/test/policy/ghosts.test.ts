import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { Ghosts, NO_GHOST } from '../../src/policy/ghosts.ts';

interface Gone {
  readonly hash: number;
  readonly weight: number;
  readonly list: number;
}

describe('Ghosts', () => {
  it.each(['bytes', 'entries'] as const)('finds, weighs and forgets by age as a list would, counting %s', (unit) => {
    // Few hashes that differ, many that share the end of a row of cells: 0x9e3779b1 sends multiples of 2^26 to the same few.
    const hash = fc.oneof(
      fc.integer({ min: 0, max: 40 }).map((n) => Math.imul(n, 0x144cbc89)),
      fc.integer({ min: 0, max: 200 }).map((n) => n << 26),
      fc.integer(),
    );
    const step = fc.record({
      hash,
      weight: fc.integer({ min: 1, max: 9 }),
      list: fc.integer({ min: 0, max: 1 }),
      kind: fc.constantFrom('add', 'add', 'drop', 'oldest'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        const ghosts = new Ghosts(2, unit);
        let model: Gone[] = [];
        for (const { hash, weight, list, kind } of steps) {
          const same = model.find((one) => one.hash === hash);
          if (kind === 'add') {
            ghosts.add(list, hash, weight);
            model = [...model.filter((one) => one !== same), { hash, weight, list }];
          } else if (kind === 'drop') {
            const ghost = ghosts.find(hash);
            assert.equal(ghost !== NO_GHOST, same !== undefined);
            if (ghost !== NO_GHOST) ghosts.drop(ghost);
            model = model.filter((one) => one !== same);
          } else {
            const oldest = model.find((one) => one.list === list);
            const ghost = ghosts.oldest(list);
            assert.equal(ghost, oldest === undefined ? NO_GHOST : ghosts.find(oldest.hash));
            if (ghost !== NO_GHOST) ghosts.drop(ghost);
            model = model.filter((one) => one !== oldest);
          }
          assert.equal(ghosts.size, model.length);
          for (const at of [0, 1]) {
            const own = model.filter((one) => one.list === at);
            const expected = own.reduce((sum, one) => sum + (unit === 'entries' ? 1 : one.weight), 0);
            assert.equal(ghosts.weightIn(at), expected);
          }
          for (const one of model) assert.equal(ghosts.listOf(ghosts.find(one.hash)), one.list);
        }
      }),
    );
  });

  it('finds hashes whether they are read as signed or not', () => {
    const ghosts = new Ghosts(1, 'entries');
    ghosts.add(0, 0xfedcba98, 1);
    assert.notEqual(ghosts.find(0xfedcba98 | 0), NO_GHOST);
    assert.notEqual(ghosts.find(0xfedcba98), NO_GHOST);
  });
});
