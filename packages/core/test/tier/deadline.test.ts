import { type Clock, systemClock } from '@kvasir/core';
import { ManualClock } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { withDeadline } from '../../src/tier/deadline.ts';
import { gate } from '../support/world.ts';

const late = (): Error => new Error('late');

describe('withDeadline', () => {
  it('gives what comes in time, passes on what fails, and rejects what is late', async () => {
    const clock = new ManualClock();
    expect(await withDeadline(Promise.resolve(1), 10, clock, late)).toBe(1);
    await expect(withDeadline(Promise.reject(new Error('broken')), 10, clock, late)).rejects.toThrow('broken');
    const hanging = withDeadline(new Promise(() => {}), 10, clock, late);
    const outcome = expect(hanging).rejects.toThrow('late');
    await clock.advance(10);
    await outcome;
  });

  it('leaves no timer behind', async () => {
    const running = new Set<object>();
    const clock: Clock = {
      now: () => 0,
      after() {
        const timer = {};
        running.add(timer);
        return () => void running.delete(timer);
      },
    };
    await withDeadline(Promise.resolve(1), 10, clock, late);
    await expect(withDeadline(Promise.reject(new Error('broken')), 10, clock, late)).rejects.toThrow('broken');
    expect(running.size).toBe(0);
  });

  it('lets an answer win that was there all along while this process stalled', async () => {
    const answer = gate<string>();
    const result = withDeadline(answer.promise, 1, systemClock, late);
    const until = performance.now() + 20;
    while (performance.now() < until);
    // As of a socket: it is read in the turn after the timers.
    setImmediate(() => answer.open('was there'));
    expect(await result).toBe('was there');
  });

  it('does not disturb anybody when what was late fails after all', async () => {
    const clock = new ManualClock();
    const work = gate();
    const outcome = expect(withDeadline(work.promise, 10, clock, late)).rejects.toThrow('late');
    await clock.advance(10);
    await outcome;
    work.fail(new Error('broken at last'));
    await clock.advance(0);
  });
});
