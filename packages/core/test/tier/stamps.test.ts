import { type Entry, structured } from '@kvasir/core';
import { type FailingStore, failingStore, ManualClock, type MemoryRemote, memoryRemote } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { Reporter } from '../../src/cache/reporter.ts';
import { RemoteTier } from '../../src/tier/remote-tier.ts';
import { Repairs } from '../../src/tier/repairs.ts';
import { Stamps } from '../../src/tier/stamps.ts';

const NEWS = ['news'] as const;

/** The stamps of one process. */
interface Party {
  readonly stamps: Stamps;
  readonly repairs: Repairs;
  readonly remote: FailingStore;
}

function makeParty(shared: MemoryRemote, clock: ManualClock): Party {
  const remote = failingStore(shared, { clock });
  const tier = new RemoteTier(remote, clock, 50, new Reporter(), () => {});
  const repairs: Repairs = new Repairs(clock, {
    isBusyWith: (key) => tier.isBusyWith(key),
    delete: (keys) => tier.delete(keys),
    stamp: (tag) => stamps.change([tag]),
    clear: () => tier.clear(),
  });
  const stamps: Stamps = new Stamps(tier, repairs, clock, 10_000);
  return { stamps, repairs, remote };
}

function makeParties(): { one: Party; two: Party; clock: ManualClock; shared: MemoryRemote } {
  const clock = new ManualClock();
  const shared = memoryRemote({ clock });
  return { one: makeParty(shared, clock), two: makeParty(shared, clock), clock, shared };
}

function entryUnder(stamps: readonly string[] | undefined): Entry {
  return {
    value: 'loaded',
    storedAt: 0,
    staleAt: Infinity,
    expiresAt: Infinity,
    tags: NEWS,
    stamps: stamps ?? ['none'],
    size: 0,
    cost: 0,
  };
}

describe('Stamps', () => {
  it('are made where there are none, and are the same for all who ask', async () => {
    const { one, two } = makeParties();
    const [mine] = await Promise.all([one.stamps.read(NEWS), one.stamps.read(NEWS)]);
    expect(mine).toHaveLength(1);
    expect(await two.stamps.read(NEWS)).toEqual(mine);
    expect(one.remote.calls).toMatchObject({ getMany: 1, setMany: 1 });
  });

  it('prove an entry until one of its tags is changed, here or elsewhere', async () => {
    const { one, two, clock } = makeParties();
    const entry = entryUnder(await one.stamps.read(NEWS));
    expect([one.stamps.areCurrent(entry), two.stamps.areCurrent(entry)]).toEqual([true, undefined]);
    expect(await two.stamps.verify(entry)).toBe(true);
    await one.stamps.change(NEWS);
    expect(one.stamps.areCurrent(entry)).toBe(false);
    // Not told: believed for ten seconds.
    expect(two.stamps.areCurrent(entry)).toBe(true);
    await clock.advance(10_001);
    expect([two.stamps.areCurrent(entry), await two.stamps.verify(entry)]).toEqual([undefined, false]);
  });

  it('that were refuted are asked for, and not taken from an answer that was under way', async () => {
    const { one, two, clock } = makeParties();
    const entry = entryUnder(await one.stamps.read(NEWS));
    two.remote.fail({ on: ['getMany'], delayMs: 20 });
    const verdict = two.stamps.verify(entry);
    await clock.advance(0);
    await one.stamps.change(NEWS);
    two.stamps.refute(NEWS);
    await clock.advance(20);
    expect(await verdict).toBe(false);
    two.remote.heal();
    expect(await two.stamps.verify(entry)).toBe(false);
  });

  it('that were refuted, and are unchanged where they are kept, are changed once more', async () => {
    const { one, two } = makeParties();
    const entry = entryUnder(await one.stamps.read(NEWS));
    await two.stamps.verify(entry);
    two.stamps.refute(NEWS);
    expect(await two.stamps.verify(entry)).toBe(false);
    one.stamps.forget();
    expect(await one.stamps.verify(entry)).toBe(false);
  });

  it('are not handed to a load before they are written: whose write is the last is not known', async () => {
    const { one, clock } = makeParties();
    one.remote.fail({ on: ['setMany'], delayMs: 20 });
    let isRead = false;
    const first = one.stamps.read(NEWS).then(() => (isRead = true));
    await clock.advance(0);
    const second = one.stamps.read(NEWS).then(() => (isRead = true));
    await clock.advance(19);
    expect(isRead).toBe(false);
    await clock.advance(1);
    await Promise.all([first, second]);
  });

  it('that cannot be written or asked for prove nothing', async () => {
    const { one } = makeParties();
    one.remote.fail({ on: ['setMany'], error: new Error('read only') });
    expect(await one.stamps.read(NEWS)).toBeUndefined();
    one.remote.fail({ error: new Error('down') });
    expect(await one.stamps.read(NEWS)).toBeUndefined();
    one.remote.heal();
    expect(await one.stamps.read(NEWS)).toHaveLength(1);
  });

  it('that could not be written are owed, and changed anew when they can', async () => {
    const { one, two, clock } = makeParties();
    const old = entryUnder(await one.stamps.read(NEWS));
    one.remote.fail({ on: ['setMany'], error: new Error('read only') });
    const [missed] = Object.values(await one.stamps.change(NEWS));
    const between = entryUnder([missed ?? '']);
    expect([one.repairs.owesStamp('news'), one.stamps.areCurrent(old)]).toEqual([true, false]);
    one.stamps.forget();
    expect(await one.stamps.verify(old)).toBe(false);
    one.remote.heal();
    await clock.advance(1_000);
    for (const { stamps } of [one, two])
      for (const entry of [old, between]) {
        stamps.forget();
        expect(await stamps.verify(entry)).toBe(false);
      }
    expect(one.repairs.owesStamp('news')).toBe(false);
  });

  it('that were lost read as changed', async () => {
    const { one, shared, clock } = makeParties();
    const entry = entryUnder(await one.stamps.read(NEWS));
    await shared.clear();
    await clock.advance(10_001);
    expect(await one.stamps.verify(entry)).toBe(false);
  });

  it('that were lost during a load may have been lost after they were changed', async () => {
    const { one, two, shared, clock } = makeParties();
    await one.stamps.read(NEWS);
    const { mark } = one.stamps;
    const startedAt = clock.now();
    await two.stamps.change(NEWS);
    await shared.clear();
    await clock.advance(10_001);
    expect(await one.stamps.readAfter(NEWS, mark, startedAt)).toBeUndefined();
  });

  it('of tags that are known after a load are safe when new, known before, or older than clocks differ', async () => {
    const { one, two, clock } = makeParties();
    const { mark } = one.stamps;
    expect(await one.stamps.readAfter(['new'], mark, clock.now())).toHaveLength(1);
    expect(await one.stamps.readAfter(['new'], one.stamps.mark, clock.now())).toHaveLength(1);
    await two.stamps.change(NEWS);
    expect(await one.stamps.readAfter(NEWS, one.stamps.mark - 1, clock.now())).toBeUndefined();
    one.stamps.forget();
    await clock.advance(60_001);
    expect(await one.stamps.readAfter(NEWS, one.stamps.mark, clock.now())).toHaveLength(1);
  });

  it('of tags that are known after a load are refused when they changed during it, here or elsewhere', async () => {
    const { one, two, clock } = makeParties();
    for (const change of [
      () => one.stamps.change(NEWS),
      async () => {
        await two.stamps.change(NEWS);
        one.stamps.refute(NEWS);
      },
      () => two.stamps.change(NEWS).then(() => clock.advance(10_001)),
    ]) {
      await one.stamps.read(NEWS);
      const { mark } = one.stamps;
      const startedAt = clock.now();
      await change();
      expect(await one.stamps.readAfter(NEWS, mark, startedAt)).toBeUndefined();
    }
  });

  it('that were made afresh elsewhere over a change do not pass for those of a tag that nobody changed', async () => {
    const { one, two, clock } = makeParties();
    const { mark } = two.stamps;
    const startedAt = clock.now();
    // Finds none, and makes one that lands on the changed one.
    one.remote.fail({ on: ['getMany'], delayMs: 20 });
    const reading = one.stamps.read(NEWS);
    await clock.advance(0);
    const changed = await two.stamps.change(NEWS);
    await clock.advance(20);
    expect(await reading).not.toEqual(Object.values(changed));
    await clock.advance(10_001);
    expect(await two.stamps.readAfter(NEWS, mark, startedAt)).toBeUndefined();
  });

  it('are ordinary small keys, which cannot be those of a namespace', async () => {
    const { one, shared } = makeParties();
    await one.stamps.read(['news', 'page:/']);
    expect(shared.keys()).toEqual(['~stamp:news', '~stamp:page:/']);
    const [bytes] = await shared.getMany(['~stamp:news']);
    expect(bytes?.byteLength).toBeLessThan(200);
    expect(structured().id).not.toBe('stamp');
  });
});
