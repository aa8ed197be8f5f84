import { ManualClock } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { Breaker } from '../../src/tier/breaker.ts';

function makeBreaker(): {
  breaker: Breaker;
  clock: ManualClock;
  said: string[];
  probes: { count: number; works: boolean };
} {
  const clock = new ManualClock();
  const said: string[] = [];
  const probes = { count: 0, works: false };
  const probe = async (): Promise<void> => {
    probes.count += 1;
    if (!probes.works) throw new Error('still down');
  };
  return { breaker: new Breaker(clock, probe, (state) => said.push(state)), clock, said, probes };
}

describe('Breaker', () => {
  it('opens on the third failure in a row, and says so once', () => {
    const { breaker, said } = makeBreaker();
    breaker.failed();
    breaker.failed();
    breaker.succeeded();
    breaker.failed();
    breaker.failed();
    expect([breaker.isOpen, said]).toEqual([false, []]);
    for (let more = 0; more < 5; more++) breaker.failed();
    expect([breaker.isOpen, said]).toEqual([true, ['open']]);
  });

  it('probes four times a second by itself, and closes when a probe comes through', async () => {
    const { breaker, clock, said, probes } = makeBreaker();
    for (let failure = 0; failure < 3; failure++) breaker.failed();
    await clock.advance(1_000);
    expect([probes.count, breaker.isOpen]).toEqual([4, true]);
    probes.works = true;
    await clock.advance(250);
    expect([probes.count, breaker.isOpen, said]).toEqual([5, false, ['open', 'closed']]);
    await clock.advance(10_000);
    expect(probes.count).toBe(5);
  });

  it('is not closed by an answer that comes late, and needs three failures again once it is', async () => {
    const { breaker, clock, probes } = makeBreaker();
    for (let failure = 0; failure < 3; failure++) breaker.failed();
    breaker.succeeded();
    expect(breaker.isOpen).toBe(true);
    probes.works = true;
    await clock.advance(250);
    breaker.failed();
    breaker.failed();
    expect(breaker.isOpen).toBe(false);
    breaker.failed();
    expect(breaker.isOpen).toBe(true);
  });

  it('that is closed down probes no more, and says nothing of a probe that was under way', async () => {
    const { breaker, clock, said, probes } = makeBreaker();
    for (let failure = 0; failure < 3; failure++) breaker.failed();
    await clock.advance(249);
    breaker.close();
    await clock.advance(10_000);
    breaker.failed();
    expect([probes.count, said]).toEqual([0, ['open']]);
  });
});
