import { systemClock } from '@kvasir/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

describe('systemClock', () => {
  afterEach(() => void vi.useRealTimers());

  it('tells the time, runs later, and can be called off', () => {
    vi.useFakeTimers({ now: 1_000 });
    const ran: string[] = [];
    systemClock.after(10, () => ran.push('ran'));
    systemClock.after(10, () => ran.push('called off'))();
    vi.advanceTimersByTime(9);
    expect([systemClock.now(), ran]).toEqual([1_009, []]);
    vi.advanceTimersByTime(1);
    expect(ran).toEqual(['ran']);
  });

  it('does not run at once what is due in more than 24 days', () => {
    vi.useFakeTimers();
    let ran = 0;
    for (const ms of [2 ** 31, 1e12, Infinity]) systemClock.after(ms, () => ran++);
    vi.advanceTimersByTime(24 * 86_400_000);
    expect(ran).toBe(0);
  });

  it('never keeps the process alive', () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const cancel = systemClock.after(60_000, () => {});
    const after = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    cancel();
    expect(after).toBe(before);
  });
});
