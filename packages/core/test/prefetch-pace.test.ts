import { describe, expect, it } from 'vitest';
import { Pace } from '../src/prefetch-pace.ts';

function paceOf(latency: number, stepMs: number): Pace {
  const pace = new Pace();
  for (let load = 0; load < 50; load++) pace.landed(latency);
  for (let guess = 0; guess < 200; guess++) pace.cameTrue(1 + (guess % 4), stepMs * (1 + (guess % 4)));
  return pace;
}

describe('Pace', () => {
  it.each([
    [0, 1, 1],
    [4, 1, 9],
    [50, 100, 2],
    [10_000, 1, 64],
    [5, 0, 64],
  ])('looks, with loads of %d ms and steps of %d ms, %d steps ahead', (latency, step, depth) => {
    expect(Math.abs(paceOf(latency, step).depth - depth)).toBeLessThanOrEqual(1);
  });

  it('is not misled by guesses that come true long after', () => {
    const pace = paceOf(4, 1);
    for (let guess = 0; guess < 300; guess++) pace.cameTrue(1, guess % 3 === 0 ? 800 : 1);
    expect(pace.depth).toBeGreaterThanOrEqual(8);
  });

  it('follows a change of pace', () => {
    const pace = paceOf(4, 1);
    for (let guess = 0; guess < 100; guess++) pace.cameTrue(1, 8);
    expect(pace.depth).toBeLessThanOrEqual(3);
    for (let load = 0; load < 50; load++) pace.landed(40);
    expect(pace.depth).toBeGreaterThanOrEqual(10);
  });

  it('looks less far when what was prefetched is pushed out, and further again when it is asked for', () => {
    const pace = paceOf(4, 1);
    for (let key = 0; key < 100; key++) pace.pushedOut();
    expect(pace.depth).toBe(1);
    for (let key = 0; key < 200; key++) pace.asked();
    expect(pace.depth).toBeGreaterThanOrEqual(8);
  });
});
