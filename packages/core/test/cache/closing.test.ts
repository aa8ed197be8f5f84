import { memoryLeases } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { codesOf, gate, makeWorld, startLocal } from '../support/world.ts';

describe('close()', () => {
  it('waits for writes under way, announces them, and closes each adapter once', async () => {
    const world = makeWorld();
    const closed: string[] = [];
    const remote = {
      ...world.shared,
      async setMany(writes: Parameters<typeof world.shared.setMany>[0]): Promise<void> {
        await new Promise<void>((resolve) => world.clock.after(20, resolve));
        closed.push('written');
        await world.shared.setMany(writes);
      },
      close: async () => void closed.push('remote'),
    };
    const bus = {
      ...world.bus,
      async publish(message: Parameters<typeof world.bus.publish>[0]): Promise<void> {
        closed.push('announced');
        await world.bus.publish(message);
      },
      close: async () => void closed.push('bus'),
    };
    const leases = { ...memoryLeases(), close: async () => void closed.push('leases') };
    const { cache } = await world.start({ tiers: [remote], bus, leases });
    const set = cache.namespace<string>('page').set('/', 'home', { tags: ['news'] });
    await world.settle();
    const closing = [cache.close(), cache.close()];
    await world.clock.advance(100);
    await Promise.all([...closing, set, cache.close()]);
    expect(closed.slice(0, 3)).toEqual(['written', 'written', 'announced']);
    expect(closed.slice(3).toSorted()).toEqual(['bus', 'leases', 'remote']);
    expect(world.shared.keys()).toContain('page:/');
  });

  it('leaves a cache that answers: reads miss, loads run, writes are not kept', async () => {
    const world = makeWorld();
    for (const { cache, events } of [startLocal(), await world.start()]) {
      const pages = cache.namespace<string>('page', { tags: ['news'] });
      await pages.set('/', 'home');
      await cache.close();
      expect([pages.getSync('/'), await pages.get('/'), await pages.getEntry('/')]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect(await pages.resolve('/', () => 'loaded')).toMatchObject({ value: 'loaded', entry: undefined });
      await pages.set('/', 'not kept');
      expect(await pages.get('/')).toBeUndefined();
      await Promise.all([pages.delete('/'), cache.invalidateTags('news'), cache.clear()]);
      // What could not be done is not hidden.
      expect(codesOf(events)).toEqual(['CLOSED', 'CLOSED', 'CLOSED']);
      expect(cache.stats().inFlight).toBe(0);
    }
  });

  it('keeps nothing of a load that ends afterwards', async () => {
    const world = makeWorld();
    const { cache, local } = await world.start();
    const origin = gate<string>();
    const answer = cache.namespace<string>('page').getOrLoad('/', () => origin.promise);
    await world.settle();
    await cache.close();
    origin.open('late');
    expect(await answer).toBe('late');
    expect([local.held.size, world.shared.keys()]).toEqual([0, []]);
  });

  it('ends also when the remote tier, the bus and the leases hang, and leaves no timer that asks on', async () => {
    const world = makeWorld();
    const leases = { ...memoryLeases({ clock: world.clock }), release: () => new Promise<void>(() => {}) };
    const bus = { ...world.bus, publish: () => new Promise<void>(() => {}) };
    const { cache, remote } = await world.start({ leases, bus });
    const pages = cache.namespace<string>('page');
    await pages.getOrLoad('/', () => 'home');
    remote.fail({ hang: true });
    const work = [
      pages.delete('a'),
      pages.set('b', 'b'),
      cache.invalidateTags('news'),
      pages.delete('c'),
      cache.clear(),
    ];
    const closing = cache.close();
    await world.clock.advance(11_000);
    await Promise.all([...work, closing]);
    const calls = { ...remote.calls };
    await world.clock.advance(60_000);
    expect(remote.calls).toEqual(calls);
  });

  it('tells of an adapter that cannot be closed, and closes the others', async () => {
    const world = makeWorld();
    let closed = 0;
    const bus = { ...world.bus, close: () => Promise.reject(new Error('no')) };
    const { cache, events } = await world.start({
      bus,
      tiers: [{ ...world.shared, close: async () => void (closed += 1) }],
    });
    await cache.close();
    expect([closed, codesOf(events)]).toEqual([1, ['REMOTE_FAILED']]);
  });

  it('hears nothing any more', async () => {
    const world = makeWorld();
    const [one, two] = [await world.start(), await world.start()];
    await two.cache.close();
    await one.cache.namespace<string>('page').set('/', 'home');
    world.bus.gap();
    await world.settle();
    expect(two.local.onDeparture).toBeUndefined();
    expect(world.shared.keys()).toEqual(['page:/']);
  });
});
