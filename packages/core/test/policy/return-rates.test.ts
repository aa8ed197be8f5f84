import { describe, expect, it } from 'vitest';
import { BEGINS, cellOf, OLD, ReturnRates } from '../../src/policy/return-rates.ts';

const SPANS = 13;

/** `entries` of a kind live through all spans but for the part of those in `span` that returns there. */
function live(rates: ReturnRates, kind: number, entries: number, span: number, part: number): void {
  for (let one = 0; one < entries; one++) {
    const returns = one < entries * part;
    for (let at = 0; at < SPANS && !(returns && at > span); at++) {
      rates.enter(kind, at);
      if (returns && at === span) rates.return(kind, at);
      else rates.survive(kind, at);
    }
  }
}

describe('ReturnRates', () => {
  it('values entries by recency alone before anything is known', () => {
    const rates = new ReturnRates(2);
    rates.weigh(SPANS);
    for (let span = 1; span < SPANS; span++) {
      expect(rates.worthOf(0, span)).toBeLessThan(rates.worthOf(0, span - 1));
      expect(rates.worthOf(1, span)).toBe(rates.worthOf(0, span));
    }
  });

  it('finds the hits per request of the best age to give up at', () => {
    const rates = new ReturnRates(1);
    live(rates, 0, 100_000, 8, 0.3);
    rates.weigh(SPANS);
    const begin = BEGINS[8] ?? 0;
    const end = BEGINS[9] ?? 0;
    expect(rates.worthOf(0, 8)).toBeCloseTo(0.3 / ((end - begin) * 0.85), 5);
    expect(rates.worthOf(0, 0)).toBeCloseTo(0.3 / (begin + (end - begin) * 0.85), 5);
  });

  it('lets worth rise towards the likely moment of return, and fall behind it', () => {
    const rates = new ReturnRates(1);
    live(rates, 0, 10_000, 8, 0.3);
    rates.weigh(SPANS);
    for (let span = 1; span <= 8; span++) expect(rates.worthOf(0, span)).toBeGreaterThan(rates.worthOf(0, span - 1));
    expect(rates.worthOf(0, 9)).toBeLessThan(rates.worthOf(0, 0));
    expect(rates.worthOf(0, OLD)).toBeLessThan(rates.worthOf(0, SPANS - 1));
  });

  it('tells kinds apart, and what was seen of one from what is guessed of another', () => {
    const rates = new ReturnRates(3);
    live(rates, 0, 5_000, 8, 0.1);
    live(rates, 1, 5_000, 8, 0.5);
    rates.weigh(SPANS);
    expect(rates.worthOf(1, 0)).toBeGreaterThan(4 * rates.worthOf(0, 0));
    expect(rates.worthOf(2, 0)).toBeGreaterThan(rates.worthOf(0, 0));
    expect(rates.worthOf(2, 0)).toBeLessThan(rates.worthOf(1, 0));
  });

  it('counts whom it has not seen leave a span for half', () => {
    const [seen, unseen] = [new ReturnRates(1), new ReturnRates(1)];
    live(seen, 0, 50_000, 8, 0.2);
    live(unseen, 0, 50_000, 8, 0.2);
    for (let one = 0; one < 50_000; one++) unseen.enter(0, 8);
    seen.weigh(SPANS);
    unseen.weigh(SPANS);
    expect(unseen.worthOf(0, 8) / seen.worthOf(0, 8)).toBeCloseTo(1 / 1.5, 1);
  });

  it('forgets: what is new outweighs what has faded', () => {
    const rates = new ReturnRates(1);
    live(rates, 0, 20_000, 8, 0.5);
    for (let turn = 0; turn < 10; turn++) rates.fade();
    live(rates, 0, 20_000, 8, 0.1);
    rates.weigh(SPANS);
    const width = (BEGINS[9] ?? 0) - (BEGINS[8] ?? 0);
    expect(rates.worthOf(0, 8)).toBeCloseTo(0.1 / (width * 0.95), 4);
  });

  it('orders all cells by their worth', () => {
    const rates = new ReturnRates(3);
    for (const [kind, part] of [0.4, 0.1, 0.2].entries()) {
      live(rates, kind, 2_000, 5 + kind, part);
      rates.weigh(SPANS);
    }
    const worths = [...rates.order].map((cell) => rates.worthOf(Math.floor(cell / (OLD + 1)), cell % (OLD + 1)));
    expect(worths).toEqual(worths.toSorted((a, b) => a - b));
    expect(new Set(rates.order).size).toBe(cellOf(3, 0));
  });
});
