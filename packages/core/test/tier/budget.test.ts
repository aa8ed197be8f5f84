import { ManualClock } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../src/tier/budget.ts';

const never = new Promise<string>(() => {});

describe('Budget', () => {
  it('is shared by all that is waited for with it', async () => {
    const clock = new ManualClock();
    const budget = new Budget(clock, 50);
    const slow = new Promise<string>((resolve) => clock.after(30, () => resolve('in time')));
    const first = budget.spend(slow, () => 'late');
    await clock.advance(30);
    expect([await first, budget.isSpent]).toEqual(['in time', false]);
    const second = budget.spend(never, () => 'late');
    await clock.advance(20);
    expect([await second, budget.isSpent]).toEqual(['late', true]);
  });

  it('that is spent still gives what needs no waiting, and waits for nothing else', async () => {
    const clock = new ManualClock();
    const budget = new Budget(clock, 0);
    expect(await budget.spend(Promise.resolve('there'), () => 'late')).toBe('there');
    const waiting = budget.spend(never, () => 'late');
    await clock.advance(0);
    expect(await waiting).toBe('late');
  });

  it('passes on a failure, and has no end with Infinity', async () => {
    const clock = new ManualClock();
    const budget = new Budget(clock, Infinity);
    await expect(budget.spend(Promise.reject(new Error('broken')), () => 'late')).rejects.toThrow('broken');
    const slow = new Promise<string>((resolve) => clock.after(1e9, () => resolve('at last')));
    const waiting = budget.spend(slow, () => 'late');
    await clock.advance(1e9);
    expect([await waiting, budget.isSpent]).toEqual(['at last', false]);
  });
});
