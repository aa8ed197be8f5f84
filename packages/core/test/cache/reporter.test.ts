import { createCache } from '@kvasir/core';
import { describe, expect, it } from 'vitest';
import { listen, makeWorld, startLocal } from '../support/world.ts';

describe('events', () => {
  it('tell what happens, with keys as the tiers know them and never with values', async () => {
    const { cache, clock, events } = startLocal({ ttl: '1s', grace: '1s', maxEntries: 2 });
    const pages = cache.namespace<string>('page', { tags: ['news'] });
    await pages.getOrLoad('a', () => 'secret value');
    await pages.getOrLoad('a', () => 'secret value');
    await clock.advance(1_000);
    await pages.getOrLoad('a', () => 'secret value');
    await clock.advance(0);
    await pages.set('b', 'secret value');
    await pages.set('c', 'secret value');
    await pages.delete('b');
    await cache.invalidateTags('news', 'sport');
    await cache.clear();
    await pages.set('d', 'secret value');
    await clock.advance(2_000);
    await pages.get('d');
    expect(events.map((event) => ('key' in event ? `${event.type} ${event.key}` : event.type))).toEqual([
      'miss page:a',
      'load page:a',
      'admit page:a',
      'hit page:a',
      'stale page:a',
      'load page:a',
      'admit page:a',
      'admit page:b',
      'evict page:a',
      'admit page:c',
      'invalidate',
      'invalidate',
      'invalidate',
      'admit page:d',
      'expire page:d',
      'miss page:d',
    ]);
    expect(events.filter(({ type }) => type === 'invalidate')).toEqual([
      { type: 'invalidate', keys: ['page:b'], tags: [], all: false },
      { type: 'invalidate', keys: [], tags: ['news', 'sport'], all: false },
      { type: 'invalidate', keys: [], tags: [], all: true },
    ]);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('do not carry the error of a loader', async () => {
    const { cache, events } = startLocal();
    const load = (): Promise<string> => Promise.reject(new Error('password=hunter2'));
    await expect(cache.namespace<string>('page').getOrLoad('/', load)).rejects.toThrow('hunter2');
    expect(JSON.stringify(events.map((event) => Object.values(event)))).not.toContain('hunter2');
  });

  it('tell what a local store did not admit', async () => {
    const { cache, events } = startLocal({ maxEntries: 0 });
    await cache.namespace<string>('page').set('/', 'home');
    expect(events).toEqual([{ type: 'reject', key: 'page:/' }]);
  });

  it('tell which tier answered', async () => {
    const world = makeWorld();
    await (await world.start()).cache.namespace<string>('page').set('/', 'home');
    const { cache, events } = await world.start();
    const pages = cache.namespace<string>('page');
    await pages.getOrLoad('/', () => 'not asked');
    await pages.getOrLoad('/', () => 'not asked');
    expect(events).toEqual([
      { type: 'admit', key: 'page:/' },
      { type: 'hit', key: 'page:/', tier: 'memory-remote' },
      { type: 'hit', key: 'page:/', tier: 'map' },
    ]);
  });

  it('are not hindered by a listener that throws, rejects or leaves meanwhile', async () => {
    const { cache } = startLocal();
    const heard: string[] = [];
    cache.on(() => {
      throw new Error('mine');
    });
    cache.on(async () => {
      throw new Error('mine, later');
    });
    const leave = cache.on(() => leave());
    cache.on(({ type }) => heard.push(type));
    expect(await cache.namespace<string>('page').getOrLoad('/', () => 'home')).toBe('home');
    expect(heard).toEqual(['miss', 'load', 'admit']);
  });

  it('stop for who stops listening, and go on for who listens twice', async () => {
    const { cache } = startLocal();
    const heard: string[] = [];
    const listener = ({ type }: { type: string }): void => void heard.push(type);
    const stop = cache.on(listener);
    cache.on(listener);
    stop();
    stop();
    await cache.namespace('page').get('/');
    expect(heard).toEqual(['miss']);
    for (const bad of [undefined, null, 'x']) expect(() => cache.on(bad as never)).toThrow('a function');
  });
});

describe('stats()', () => {
  it('count without anybody listening', async () => {
    const { clock, local } = startLocal();
    const cache = createCache({ tiers: [{ ...local, onDeparture: undefined }], clock, ttl: '1s', grace: '1s' });
    const pages = cache.namespace<string>('page');
    await pages.getOrLoad('/', () => 'home');
    await pages.getOrLoad('/', () => 'home');
    await clock.advance(1_000);
    await pages.getOrLoad('/', () => Promise.reject(new Error('down')));
    await clock.advance(0);
    await pages.get('other');
    await pages.delete('/', 'other');
    await cache.invalidateTags('a', 'b');
    await cache.clear();
    expect(cache.stats()).toMatchObject({
      hits: 1,
      misses: 2,
      stale: 1,
      loads: 2,
      loadFailures: 1,
      joins: 0,
      prefetches: 0,
      prefetchUsed: 0,
      prefetchWasted: 0,
      invalidations: 5,
      errors: 0,
      inFlight: 0,
    });
    expect(listen(cache)).toEqual([]);
  });

  it('tell of the local tier where there is one', async () => {
    const { cache } = startLocal({ maxEntries: 1 });
    const pages = cache.namespace<string>('page');
    await pages.set('a', 'a');
    await pages.set('b', 'b');
    expect(cache.stats().local).toMatchObject({ entries: 1, evictions: 1 });
    const world = makeWorld();
    const { cache: remoteOnly } = await world.start({ tiers: [world.shared] });
    expect(remoteOnly.stats().local).toBeUndefined();
  });
});
