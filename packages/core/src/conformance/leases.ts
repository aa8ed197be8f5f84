import assert from 'node:assert/strict';
import type { Lease, Leases } from '../leases.ts';
import { until } from '../testing/until.ts';
import type { Check } from './check.ts';

export interface LeasesSubject {
  /** Two handles on the same leases, as two processes have them. */
  readonly handles: readonly [Leases, Leases];
  /** Lets time pass for the leases. Without it the suite waits for a real server's time. */
  elapse?(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

const LONG_MS = 60_000;
const SHORT_MS = 100;

/** What every {@link Leases} must do. */
export function leasesConformance(make: () => Promise<LeasesSubject>): readonly Check[] {
  const checks: Check[] = [];

  function it(name: string, check: (one: Leases, two: Leases, subject: LeasesSubject) => Promise<void>): void {
    checks.push({
      name,
      check: async () => {
        const subject = await make();
        try {
          await check(...subject.handles, subject);
        } finally {
          await subject.dispose();
        }
      },
    });
  }

  it('gives a lease to one of many who ask at once', async (one, two) => {
    const asked = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? one : two).acquire('key', LONG_MS));
    const given = (await Promise.all(asked)).filter((lease) => lease !== undefined);
    assert.equal(given.length, 1);
    assert.equal(given[0]?.key, 'key');
  });

  it('gives leases on different keys to different holders', async (one, two) => {
    const keys = ['a', 'a:b', '*', 'ünïcödé 🔑', 'new\nline', 'x'.repeat(512)];
    const leases = await Promise.all(keys.map((key, i) => (i % 2 === 0 ? one : two).acquire(key, LONG_MS)));
    assert.equal(new Set(leases.map((lease) => lease?.token)).size, keys.length);
    assert.deepEqual(
      leases.map((lease) => lease?.key),
      keys,
    );
  });

  it('gives a released lease to the next', async (one, two) => {
    await one.release(await take(one));
    const lease = await take(two);
    assert.equal(await one.acquire('key', LONG_MS), undefined);
    await two.release(lease);
  });

  it('lets only the holder release', async (one, two) => {
    const lease = await take(one);
    await two.release({ key: 'key', token: 'guessed' });
    assert.equal(await two.acquire('key', LONG_MS), undefined);
    await one.release(lease);
    await one.release(lease);
    await take(two);
  });

  it('lets a lease lapse, after which its holder no longer releases it', async (one, two, subject) => {
    const lapsed = await take(one, SHORT_MS);
    const next = await takeWhenLapsed(two, subject);
    await one.release(lapsed);
    assert.equal(await one.acquire('key', LONG_MS), undefined);
    await two.release(next);
  });

  it('waits for nothing where there is no lease', async (one) => {
    await one.settled('key', LONG_MS);
  });

  it('wakes who waits when the lease is released', async (one, two) => {
    const lease = await take(one);
    let isSettled = false;
    const waiting = two.settled('key', LONG_MS).then(() => {
      isSettled = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isSettled, false);
    await one.release(lease);
    await waiting;
  });

  it('wakes who waits when the lease lapses', async (one, two, subject) => {
    await take(one, SHORT_MS);
    const waiting = two.settled('key', LONG_MS);
    await subject.elapse?.(SHORT_MS);
    await waiting;
    await take(two);
  });

  it('waits no longer than it was told', async (one, two, subject) => {
    await take(one);
    const waiting = two.settled('key', SHORT_MS);
    await subject.elapse?.(SHORT_MS);
    await waiting;
    assert.equal(await two.acquire('key', LONG_MS), undefined);
  });

  return checks;
}

async function take(leases: Leases, ttlMs = LONG_MS): Promise<Lease> {
  const lease = await leases.acquire('key', ttlMs);
  assert.ok(lease !== undefined, 'the lease is free');
  return lease;
}

async function takeWhenLapsed(leases: Leases, subject: LeasesSubject): Promise<Lease> {
  await subject.elapse?.(SHORT_MS);
  return until('the lease lapses', () => leases.acquire('key', LONG_MS));
}
