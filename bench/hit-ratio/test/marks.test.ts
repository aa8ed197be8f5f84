import { describe, expect, it } from 'vitest';
import { type Cell, compare, countBelow, findWorst, measureGain, measureMean } from '../marks.ts';

function cell(trace: string, lru: number, own: number, opt: number): Cell {
  return { trace, capacity: 16, requests: 1000, hits: { lru, own, opt } };
}

describe('measureGain', () => {
  it('is 0 for LRU and 1 for the optimum', () => {
    const cells = [cell('a', 100, 200, 300), cell('b', 10, 0, 900)];
    expect([measureGain(cells, 'lru'), measureGain(cells, 'opt')]).toEqual([0, 1]);
  });

  it('averages over the cells of a trace first, so that no trace counts for more', () => {
    const cells = [cell('a', 0, 100, 100), cell('a', 0, 0, 100), cell('b', 0, 25, 100)];
    expect(measureGain(cells, 'own')).toBeCloseTo((0.5 + 0.25) / 2);
  });

  it('leaves out cells in which the optimum gains less than a point', () => {
    const cells = [cell('a', 100, 200, 109), cell('a', 100, 105, 110), cell('b', 100, 0, 109)];
    expect(measureGain(cells, 'own')).toBeCloseTo(0.5);
  });

  it('is not a number of a policy that nobody measured', () => {
    expect(measureGain([cell('a', 0, 1, 100)], 'unknown')).toBeNaN();
  });
});

describe('against others', () => {
  const cells = [cell('a', 100, 95, 200), cell('b', 100, 101, 200), cell('c', 100, 102, 200), cell('d', 100, 80, 200)];

  it('finds the cell that loses most', () => {
    expect(findWorst(cells, 'own')).toMatchObject({ cell: { trace: 'd' }, points: -2 });
    expect(findWorst(cells, 'unknown')).toBeUndefined();
  });

  it('counts the cells that lose more than some points', () => {
    expect(countBelow(cells, 'own', 'lru', 1)).toBe(1);
    expect(countBelow(cells, 'own', 'lru', 0.1)).toBe(2);
  });

  it('counts a cell for nobody while the difference is within a tenth of a point', () => {
    expect(compare(cells, 'own', 'lru')).toEqual({ won: 1, lost: 2 });
  });

  it('takes the mean over cells', () => {
    expect(measureMean(cells, 'own')).toBeCloseTo((95 + 101 + 102 + 80) / 4000);
  });
});
