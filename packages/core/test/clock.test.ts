import { type Clock, systemClock, withCoarseNow } from '@kvasir/core';
import { ManualClock } from '@kvasir/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

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

describe('systemClock.coarseNow', () => {
  const from = 1_000_000;
  let now = from;
  let reads = 0;
  let clock: Required<Clock>;

  /** Asks `times` times, and tells what came last. */
  function ask(times: number): number {
    for (let time = 1; time < times; time++) clock.coarseNow();
    return clock.coarseNow();
  }

  beforeEach(async () => {
    now = from;
    vi.spyOn(Date, 'now').mockImplementation(() => {
      reads++;
      return now;
    });
    // The module takes the Date it finds for the machine's own.
    vi.resetModules();
    clock = (await import('../src/clock.ts')).systemClock;
    reads = 0;
  });

  afterEach(() => void vi.restoreAllMocks());

  it('is exact about an instant that it is seldom asked for', async () => {
    for (now = from; now < from + 50; now++) {
      expect(ask(5)).toBe(now);
      await nextTurn();
    }
    expect(reads).toBe(250);
  });

  it('repeats an instant that it was asked for 32 times more, 32 times without reading the time', () => {
    ask(33);
    now += 1;
    expect([ask(32), reads]).toEqual([from, 33]);
    expect([ask(1), reads]).toEqual([from + 1, 34]);
  });

  it('forgets the instant when the callback of the event loop has ended', async () => {
    ask(33);
    now += 5_000;
    await Promise.resolve();
    expect(ask(1)).toBe(from);
    await nextTurn();
    expect(ask(1)).toBe(from + 5_000);
  });

  it('does not make now any less exact', () => {
    ask(33);
    now += 7;
    expect(clock.now()).toBe(from + 7);
  });

  it('repeats nothing while another Date stands in for that of the machine', () => {
    vi.useFakeTimers({ now: 1_000 });
    ask(1_000);
    vi.setSystemTime(2_000);
    expect(ask(1)).toBe(2_000);
    vi.useRealTimers();
  });
});

describe('withCoarseNow', () => {
  it('leaves a clock that has one as it is', () => {
    expect(withCoarseNow(systemClock)).toBe(systemClock);
  });

  it('is exact with a clock that has none', async () => {
    const manual = new ManualClock(0);
    const both = withCoarseNow(manual);
    let ran = 0;
    both.after(5, () => ran++);
    for (let ms = 0; ms < 10; ms++) {
      for (let read = 0; read < 100; read++) expect([both.now(), both.coarseNow()]).toEqual([ms, ms]);
      await manual.advance(1);
    }
    expect(ran).toBe(1);
  });
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
