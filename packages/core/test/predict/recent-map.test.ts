import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentMap } from '../../src/predict/recent-map.ts';

describe('RecentMap', () => {
  it('holds what a list in order of use would hold', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), peek: fc.boolean() });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(step, { maxLength: 100, size: 'max' }),
        (capacity, steps) => {
          const map = new RecentMap<{ made: number }>(capacity);
          let model: [string, { made: number }][] = [];
          for (const [at, { key, peek }] of steps.entries()) {
            const known = model.find(([other]) => other === key)?.[1];
            if (peek) {
              expect(map.peek(key)).toBe(known);
              continue;
            }
            const value = map.obtain(key, () => ({ made: at }));
            expect(value).toEqual(known ?? { made: at });
            model = [...model.filter(([other]) => other !== key), [key, value] as [string, { made: number }]];
            if (model.length > capacity) model.shift();
            expect(map.size).toBe(model.length);
          }
        },
      ),
    );
  });
});
