import { type CacheEvent, type Entry, type RemoteStore, structured } from '@kvasir/core';
import { type FailingStore, failingStore, ManualClock, memoryRemote } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { Reporter } from '../../src/cache/reporter.ts';
import { RemoteTier } from '../../src/tier/remote-tier.ts';
import { codesOf } from '../support/world.ts';

const codec = structured<unknown>();

interface Setting {
  readonly tier: RemoteTier;
  readonly store: FailingStore;
  readonly clock: ManualClock;
  readonly events: CacheEvent[];
  readonly recoveries: () => number;
}

function makeTier(inner?: Partial<RemoteStore>, maxValueBytes = Infinity): Setting {
  const clock = new ManualClock();
  const store = failingStore({ ...memoryRemote({ clock, maxValueBytes }), ...inner }, { clock });
  const reporter = new Reporter();
  const events: CacheEvent[] = [];
  reporter.on((event) => events.push(event));
  let recoveries = 0;
  const tier = new RemoteTier(store, clock, 50, reporter, () => (recoveries += 1));
  return { tier, store, clock, events, recoveries: () => recoveries };
}

function entryOf(value: unknown, clock: ManualClock, ttl = 1_000): Entry {
  const now = clock.now();
  return { value, storedAt: now, staleAt: now + ttl, expiresAt: now + ttl, tags: [], stamps: [], size: 1, cost: 0 };
}

describe('RemoteTier', () => {
  it('merges all reads of a tick into one batch, and all writes', async () => {
    const { tier, store, clock } = makeTier();
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    const written = await Promise.all(keys.map((key) => tier.set(key, entryOf(key, clock), codec)));
    expect(written.every(Boolean)).toBe(true);
    const read = await Promise.all([...keys, ...keys].map((key) => tier.get(key, codec)));
    expect(read.map((entry) => entry?.value)).toEqual([...keys, ...keys]);
    expect([store.calls.setMany, store.calls.getMany]).toEqual([1, 1]);
  });

  it('cuts batches at a thousand keys', async () => {
    const asked: number[] = [];
    const { tier } = makeTier({
      getMany: async (keys) => {
        asked.push(keys.length);
        return keys.map(() => undefined);
      },
    });
    await Promise.all(Array.from({ length: 2_500 }, (_, index) => tier.get(`key ${index}`, codec)));
    expect(asked).toEqual([1_000, 1_000, 500]);
  });

  it('gives a store the time that an entry has left, stale time included', async () => {
    const ttls: number[] = [];
    const { tier, clock } = makeTier({
      setMany: async (writes) => void ttls.push(...writes.map(({ ttlMs }) => ttlMs)),
    });
    const entry = { ...entryOf(1, clock), expiresAt: clock.now() + 1_500.5 };
    await clock.advance(200);
    await tier.set('a', entry, codec);
    await tier.set('b', { ...entry, expiresAt: Infinity }, codec);
    await tier.set('gone', { ...entry, expiresAt: clock.now() }, codec);
    expect(ttls).toEqual([1_301, Infinity]);
  });

  it.each([
    ['fails', { error: new Error('no') }, 'REMOTE_FAILED'],
    ['fails with an error of ours', { error: Object.assign(new Error('no'), { code: 7 }) }, 'REMOTE_FAILED'],
    ['hangs', { hang: true }, 'REMOTE_TIMEOUT'],
    ['is too slow', { delayMs: 51 }, 'REMOTE_TIMEOUT'],
  ])('that %s is out of reach for 50 ms at most: a miss, false, and an error event each', async (_, faults, code) => {
    const { tier, store, clock, events } = makeTier();
    store.fail(faults);
    const answers = Promise.all([tier.lookUp('a', codec), tier.set('a', entryOf(1, clock), codec), tier.delete(['b'])]);
    await clock.advance(50);
    expect(await answers).toEqual([{ reached: false, entry: undefined }, false, false]);
    expect(codesOf(events)).toEqual([code, code, code]);
  });

  it.each([
    [
      'throws at once',
      () => {
        throw new Error('no');
      },
    ],
    ['gives fewer answers than keys', async () => []],
    ['gives no array', async () => undefined as never],
  ])('whose store %s is out of reach', async (_, getMany) => {
    const { tier, events } = makeTier({ getMany });
    expect(await tier.lookUp('a', codec)).toEqual({ reached: false, entry: undefined });
    expect(codesOf(events)).toEqual(['REMOTE_FAILED']);
  });

  it('reads what is no envelope as absent, and says which key', async () => {
    const { tier, events } = makeTier({ getMany: async () => ['text' as never] });
    expect(await tier.lookUp('a', codec)).toEqual({ reached: true, entry: undefined });
    expect(events).toMatchObject([{ type: 'error', code: 'CORRUPT_ENVELOPE', key: 'a' }]);
  });

  it('does not offer a store what is too large for it or cannot be encoded, and does not blame the store', async () => {
    const { tier, store, clock, events } = makeTier({}, 1_000);
    for (const value of ['x'.repeat(1_000), () => 1, () => 2, () => 3])
      expect(await tier.set('a', entryOf(value, clock), codec)).toBe(false);
    expect(codesOf(events)).toEqual(['VALUE_TOO_LARGE', 'ENCODE_FAILED', 'ENCODE_FAILED', 'ENCODE_FAILED']);
    expect([store.calls.setMany, tier.isAvailable]).toEqual([0, true]);
  });

  it('asks an open breaker nothing, and is back when its own probe is answered', async () => {
    const { tier, store, clock, events, recoveries } = makeTier();
    store.fail({ error: new Error('down') });
    for (let request = 0; request < 10; request++) await tier.get('a', codec);
    expect([store.calls.getMany, tier.isAvailable]).toEqual([3, false]);
    expect(await tier.set('a', entryOf(1, clock), codec)).toBe(false);
    expect(await tier.delete(['a'])).toBe(false);
    expect(await tier.clear()).toBe(false);
    expect([store.calls.setMany, store.calls.deleteMany, store.calls.clear]).toEqual([0, 0, 0]);
    store.heal();
    expect(await tier.get('a', codec)).toBeUndefined();
    expect(tier.isAvailable).toBe(false);
    await clock.advance(250);
    expect([store.calls.getMany, tier.isAvailable, recoveries()]).toEqual([4, true, 1]);
    expect(events.filter(({ type }) => type === 'breaker')).toEqual([
      { type: 'breaker', tier: 'memory-remote', state: 'open' },
      { type: 'breaker', tier: 'memory-remote', state: 'closed' },
    ]);
  });

  it('empties the store after what is being written, and is out of reach until then, but not without end', async () => {
    const { tier, store, clock, events } = makeTier();
    store.fail({ delayMs: 40 });
    const written = tier.set('a', entryOf(1, clock), codec);
    const cleared = tier.clear();
    expect(await tier.lookUp('a', codec)).toEqual({ reached: false, entry: undefined });
    expect(await tier.set('b', entryOf(1, clock), codec)).toBe(false);
    await clock.advance(80);
    expect(await Promise.all([written, cleared])).toEqual([true, true]);
    store.heal();
    expect(await tier.lookUp('a', codec)).toEqual({ reached: true, entry: undefined });
    store.fail({ on: ['clear'], hang: true });
    const hanging = tier.clear();
    await clock.advance(10_000);
    expect([await hanging, codesOf(events)]).toEqual([false, ['REMOTE_TIMEOUT']]);
    expect(await tier.set('b', entryOf(1, clock), codec)).toBe(true);
  });

  it('lets one key be busy while others go on', async () => {
    const { tier, store, clock } = makeTier();
    store.fail({ on: ['setMany'], delayMs: 40 });
    const written = tier.set('a', entryOf('written', clock), codec);
    const own = tier.get('a', codec);
    expect(await tier.get('b', codec)).toBeUndefined();
    expect([tier.isBusyWith('a'), tier.isBusyWith('b')]).toEqual([true, false]);
    await clock.advance(40);
    expect([await written, (await own)?.value, tier.isBusyWith('a')]).toEqual([true, 'written', false]);
  });
});
