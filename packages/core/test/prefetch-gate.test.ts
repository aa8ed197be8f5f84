import { describe, expect, it } from 'vitest';
import { Gate } from '../src/prefetch-gate.ts';

const guess = (probability: number, source = 1, predictor = 0) => ({ probability, source, predictor });

/** A gate where there is something to gain. */
function openGate(threshold = 0.5, predictors = 1): Gate {
  const gate = new Gate(threshold, predictors);
  for (let request = 0; request < 200; request++) gate.count(true);
  return gate;
}

describe('Gate', () => {
  it('lets through what is above the threshold, until it knows better', () => {
    expect(openGate().passes(guess(0.6))).toBe(true);
    expect(openGate().passes(guess(0.5))).toBe(false);
  });

  it('closes to a state whose guesses fail, and opens when they come true again', () => {
    const gate = openGate();
    for (let trial = 0; trial < 6; trial++) gate.settle(guess(0.9, 7), false);
    for (let trial = 0; trial < 20; trial++) gate.settle(guess(0.9, 8), true);
    expect(gate.passes(guess(0.9, 7))).toBe(false);
    expect(gate.passes(guess(0.9, 8))).toBe(true);
    for (let trial = 0; trial < 12; trial++) gate.settle(guess(0.9, 7), true);
    expect(gate.passes(guess(0.9, 7))).toBe(true);
  });

  it('closes to guesses of a probability whose like fail, from states that it has not heard of, and to no others', () => {
    const gate = openGate();
    for (let state = 100; state < 160; state++) gate.settle(guess(0.62, state), false);
    expect(gate.passes(guess(0.62, 7))).toBe(false);
    expect(gate.passes(guess(0.9, 7))).toBe(true);
  });

  it('measures each predictor for itself', () => {
    const gate = openGate(0.5, 2);
    for (let state = 100; state < 160; state++) gate.settle(guess(0.8, state, 0), false);
    expect(gate.passes(guess(0.8, 7, 0))).toBe(false);
    expect(gate.passes(guess(0.8, 7, 1))).toBe(true);
  });

  it('asks for near certainty where hardly a request is served by prefetching', () => {
    const gate = new Gate(0.3, 1);
    const good = guess(0.6, 7);
    const certain = guess(0.98, 8);
    expect([gate.isGood(good), gate.passes(good), gate.passes(certain)]).toEqual([true, false, true]);
    for (let request = 0; request < 100; request++) gate.count(true);
    expect(gate.passes(good)).toBe(true);
    for (let request = 0; request < 200_000; request++) gate.count(request % 100 === 0);
    expect(gate.passes(good)).toBe(false);
  });

  it('begins anew with a state that takes the place of another', () => {
    const gate = openGate();
    for (let trial = 0; trial < 6; trial++) gate.settle(guess(0.9, 7), false);
    const before = gate.precisionOf(guess(0.9, 7));
    expect(gate.precisionOf(guess(0.9, 7 + 2 ** 14))).toBeGreaterThan(before);
    gate.settle(guess(0.9, 7 + 2 ** 14), true);
    expect(gate.precisionOf(guess(0.9, 7))).toBeGreaterThan(before);
  });
});
