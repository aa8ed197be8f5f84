import { describe, expect, it } from 'vitest';
import { gdsf, lru } from '../../src/index.ts';
import { Shadow } from '../../src/policy/shadow.ts';

describe('Shadow', () => {
  it('hits what it holds, and misses what it had to let go', () => {
    const shadow = new Shadow(lru(), 2, 'entries');
    expect([1, 2, 1, 3, 2, 1].map((hash) => shadow.ask(hash, 1, 0))).toEqual([false, false, true, false, false, false]);
    expect(shadow.size).toBe(2);
  });

  it('misses what was deleted', () => {
    const shadow = new Shadow(lru(), 2, 'entries');
    shadow.ask(1, 1, 0);
    shadow.remove(1);
    shadow.remove(9);
    expect(shadow.size).toBe(0);
    expect(shadow.ask(1, 1, 0)).toBe(false);
  });

  it('does not hold what is heavier than all of it', () => {
    const shadow = new Shadow(lru(), 10, 'bytes');
    shadow.ask(1, 4, 0);
    shadow.ask(2, 11, 0);
    expect([shadow.size, shadow.ask(1, 4, 0)]).toEqual([1, true]);
  });

  it('hands over those who stay, coldest first, with what their loads cost', () => {
    const before = new Shadow(gdsf({ objective: 'cost' }), 40, 'bytes');
    const costs = [900, 1, 800, 2, 700, 3];
    for (const [hash, cost] of costs.entries()) before.ask(hash, 5, cost);
    const after = new Shadow(gdsf({ objective: 'cost' }), 15, 'bytes');
    after.inherit(before, (hash) => hash !== 5);
    expect(costs.map((_, hash) => after.ask(hash, 16, 0))).toEqual([true, false, true, false, true, false]);
  });
});
