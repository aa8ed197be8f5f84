import { freshness } from '../entry.ts';
import { KvasirError } from '../errors.ts';
import type { Lease } from '../leases.ts';
import { withDeadline } from '../tier/deadline.ts';
import type { Engine } from './engine.ts';
import type { Arrival } from './flights.ts';
import { type LoadTask, load } from './load.ts';

/**
 * Of many processes one loads, and the others wait for its value: for `leaseTtl` at most, then they load themselves. Leases that cannot be had
 * are done without.
 */
export async function loadLeased<V>(engine: Engine, task: LoadTask<V>): Promise<Arrival> {
  const giveUpAt = engine.clock.now() + engine.settings.leaseTtl;
  for (;;) {
    const lease = await acquire(engine, task);
    if (lease === 'none') break;
    if (lease !== 'held') return loadHolding(engine, task, lease);
    if (!(await waitForHolder(engine, task.place.full, giveUpAt))) break;
    task.flight.controller.signal.throwIfAborted();
    const found = await findFresh(engine, task);
    if (found !== undefined) return found;
  }
  return (await load(engine, task)).arrival;
}

async function loadHolding<V>(engine: Engine, task: LoadTask<V>, lease: Lease): Promise<Arrival> {
  const release = (): void => void engine.track(releaseInTime(engine, lease));
  try {
    // Between our look-up and the lease another process may have stored its value.
    const found = await findFresh(engine, task);
    if (found === undefined) {
      const { arrival, written } = await load(engine, task);
      written.then(release, release);
      return arrival;
    }
    release();
    return found;
  } catch (error) {
    release();
    throw error;
  }
}

/** Never rejects, and ends: `close` waits for it. A lease that is not released lapses. */
async function releaseInTime(engine: Engine, lease: Lease): Promise<void> {
  const { leases, remoteDeadline } = engine.settings;
  try {
    await withDeadline(leases?.release(lease) ?? Promise.resolve(), remoteDeadline, engine.clock, () => {
      return new KvasirError('LEASE_FAILED', `lease: not released within ${remoteDeadline} ms`);
    });
  } catch (error) {
    engine.reporter.failed('LEASE_FAILED', error, lease.key);
  }
}

/** What another process has stored meanwhile, if it is fresher than what we have. */
async function findFresh<V>(engine: Engine, task: LoadTask<V>): Promise<Arrival | undefined> {
  const found = await task.budget.spend(engine.readFurther(task.place, task.rules.codec), () => undefined);
  if (found === undefined || freshness(found.entry, engine.clock.now()) !== 'fresh') return undefined;
  if (task.stale !== undefined && found.entry.staleAt <= task.stale.staleAt) return undefined;
  return { value: found.entry.value, entry: found.entry, outcome: 'hit', tier: found.tier, tags: found.entry.tags };
}

async function acquire<V>(engine: Engine, { place, budget }: LoadTask<V>): Promise<Lease | 'held' | 'none'> {
  const { leases, leaseTtl } = engine.settings;
  if (leases === undefined || engine.remote?.isAvailable !== true || engine.isClosed || budget.isSpent) return 'none';
  try {
    const acquiring = leases.acquire(place.full, leaseTtl);
    const lease = await budget.spend<Lease | undefined>(acquiring, () => {
      // It may still be granted: then nobody would hold what nobody releases until it lapses.
      acquiring.then((granted) => granted && leases.release(granted)).catch(() => {});
      throw new KvasirError('LEASE_FAILED', 'lease: not acquired within what the remote tier may add to a request');
    });
    return lease ?? 'held';
  } catch (error) {
    engine.reporter.failed('LEASE_FAILED', error, place.full);
    return 'none';
  }
}

async function waitForHolder(engine: Engine, key: string, giveUpAt: number): Promise<boolean> {
  const { leases, remoteDeadline } = engine.settings;
  const left = giveUpAt - engine.clock.now();
  if (left <= 0 || leases === undefined) return false;
  try {
    await withDeadline(leases.settled(key, left), left + remoteDeadline, engine.clock, () => {
      return new KvasirError('LEASE_FAILED', 'lease: the wait for its holder was not ended in time');
    });
    return true;
  } catch (error) {
    engine.reporter.failed('LEASE_FAILED', error, key);
    return false;
  }
}
