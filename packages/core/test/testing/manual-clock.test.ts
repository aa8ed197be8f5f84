import { ManualClock } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';

describe('ManualClock', () => {
  it('stands still until it is told, and runs what falls due in order, at its own time', async () => {
    const clock = new ManualClock(100);
    const ran: string[] = [];
    const note = (name: string) => (): void => void ran.push(`${name} ${clock.now()}`);
    clock.after(20, note('later'));
    clock.after(10, note('first'));
    clock.after(10, note('second'));
    clock.after(11, note('called off'))();
    await clock.advance(9);
    expect([clock.now(), ran]).toEqual([109, []]);
    await clock.advance(100);
    expect([clock.now(), ran]).toEqual([209, ['first 110', 'second 110', 'later 120']]);
  });

  it('runs what is set up on the way, also by promises, when that falls due before the end', async () => {
    const clock = new ManualClock(0);
    const ran: number[] = [];
    clock.after(10, () => {
      void Promise.resolve().then(() => clock.after(10, () => ran.push(clock.now())));
    });
    void Promise.resolve().then(() => clock.after(5, () => ran.push(clock.now())));
    await clock.advance(20);
    expect(ran).toEqual([5, 20]);
  });

  it('gives ready callbacks their turns before time moves and after', async () => {
    const clock = new ManualClock(0);
    const seen: number[] = [];
    setImmediate(() => seen.push(clock.now()));
    clock.after(5, () => setImmediate(() => setImmediate(() => seen.push(clock.now()))));
    await clock.advance(5);
    expect(seen).toEqual([0, 5]);
  });
});
