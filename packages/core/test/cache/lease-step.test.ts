import type { Leases } from '@kvasir/core';
import { memoryLeases } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { codesOf, gate, makeWorld, type Process, type World } from '../support/world.ts';

/** Processes with a lease between them. */
async function startAll(
  count: number,
  faults: Partial<Leases> = {},
): Promise<{ world: World; processes: Process[]; leases: Leases }> {
  const world = makeWorld();
  const leases = { ...memoryLeases({ clock: world.clock }), ...faults };
  const processes: Process[] = [];
  for (let index = 0; index < count; index++) processes.push(await world.start({ leases }));
  return { world, processes, leases };
}

describe('leases', () => {
  it('let one process of four load for a thousand callers', async () => {
    const { world, processes } = await startAll(4);
    const origin = gate<string>();
    let loads = 0;
    const answers = processes.flatMap(({ cache }) =>
      Array.from({ length: 250 }, () =>
        cache.namespace<string>('page').resolve('/', () => {
          loads += 1;
          return origin.promise;
        }),
      ),
    );
    await world.clock.advance(200);
    origin.open('home');
    await world.clock.advance(10);
    const resolved = await Promise.all(answers);
    expect([loads, new Set(resolved.map(({ value }) => value))]).toEqual([1, new Set(['home'])]);
    expect(resolved.filter(({ outcome }) => outcome === 'hit')).toHaveLength(750);
  });

  it('pass on to the next when the load fails or keeps nothing', async () => {
    const { world, processes } = await startAll(2);
    const [one, two] = processes.map(({ cache }) => cache.namespace<string>('page'));
    const origin = gate<string>();
    const first = one?.getOrLoad('/', () => origin.promise);
    await world.settle();
    const second = two?.getOrLoad('/', () => 'mine');
    const failure = expect(first).rejects.toThrow('down');
    await world.settle();
    origin.fail(new Error('down'));
    await world.clock.advance(10);
    await failure;
    expect(await second).toBe('mine');
  });

  it('lapse when the holder dies: the others wait for leaseTtl at most, then load', async () => {
    const { world, processes, leases } = await startAll(1);
    await leases.acquire('page:/', 5_000);
    const answer = processes[0]?.cache.namespace<string>('page').resolve('/', () => 'mine');
    await world.clock.advance(4_999);
    expect(processes[0]?.cache.stats().loads).toBe(0);
    await world.clock.advance(60);
    expect(await answer).toMatchObject({ value: 'mine', outcome: 'load' });
  });

  it('are released when the value is in the remote tier, not before', async () => {
    const { world, processes, leases } = await startAll(1);
    processes[0]?.remote.fail({ on: ['setMany'], delayMs: 30 });
    expect(await processes[0]?.cache.namespace<string>('page').getOrLoad('/', () => 'home')).toBe('home');
    expect(await leases.acquire('page:/', 100)).toBeUndefined();
    await world.clock.advance(30);
    expect(await leases.acquire('page:/', 100)).toBeDefined();
  });

  it.each<[string, Partial<Leases>, number]>([
    ['cannot be had', { acquire: () => Promise.reject(new Error('no')) }, 0],
    [
      'throw at once',
      {
        acquire: () => {
          throw new Error('no');
        },
      },
      0,
    ],
    ['are not answered for', { acquire: () => new Promise(() => {}) }, 50],
    ['cannot be released', { release: () => Promise.reject(new Error('no')) }, 0],
    ['hang on release', { release: () => new Promise(() => {}) }, 0],
  ])('that %s are done without, and an event', async (_, faults, waitMs) => {
    const { world, processes } = await startAll(1, faults);
    const [process] = processes;
    const answer = process?.cache.namespace<string>('page').getOrLoad('/', () => 'home');
    await world.clock.advance(waitMs);
    expect(await answer).toBe('home');
    await world.clock.advance(50);
    expect(codesOf(process?.events ?? [])).toEqual(['LEASE_FAILED']);
    await process?.cache.close();
  });

  it('that are granted too late are given back', async () => {
    const granted = gate<void>();
    const real = memoryLeases();
    const { world, processes } = await startAll(1, {
      ...real,
      acquire: async (key, ttlMs) => {
        await granted.promise;
        return real.acquire(key, ttlMs);
      },
    });
    const answer = processes[0]?.cache.namespace<string>('page').getOrLoad('/', () => 'home');
    await world.clock.advance(50);
    expect(await answer).toBe('home');
    granted.open();
    await world.settle();
    expect(await real.acquire('page:/', 100)).toBeDefined();
  });

  it('whose waiting fails are done without', async () => {
    const { world, processes, leases } = await startAll(1, { settled: () => Promise.reject(new Error('no')) });
    await leases.acquire('page:/', 5_000);
    expect(await processes[0]?.cache.namespace<string>('page').getOrLoad('/', () => 'mine')).toBe('mine');
    await world.settle();
    expect(codesOf(processes[0]?.events ?? [])).toEqual(['LEASE_FAILED']);
  });

  it('are not asked for while the remote tier is down', async () => {
    let asked = 0;
    const { processes } = await startAll(1, {
      acquire: async () => {
        asked += 1;
        return undefined;
      },
    });
    const [process] = processes;
    process?.remote.fail({ error: new Error('down') });
    const pages = process?.cache.namespace<string>('page');
    for (let index = 0; index < 3; index++) await pages?.get(`${index}`);
    expect(await pages?.getOrLoad('/', () => 'home')).toBe('home');
    expect(asked).toBe(0);
  });

  it('do not keep a caller that has left waiting: nothing is loaded for it', async () => {
    const { world, processes, leases } = await startAll(1);
    await leases.acquire('page:/', 1_000);
    const leaver = new AbortController();
    const answer = processes[0]?.cache
      .namespace<string>('page')
      .getOrLoad('/', () => expect.fail('nobody waits'), { signal: leaver.signal });
    await world.settle();
    leaver.abort(new Error('gone'));
    await expect(answer).rejects.toThrow('gone');
    await world.clock.advance(6_000);
    expect(processes[0]?.cache.stats()).toMatchObject({ loads: 0, inFlight: 0 });
  });
});
