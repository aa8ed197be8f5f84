import { describe, expect, it } from 'vitest';
import { count, gate, makeWorld, startLocal } from '../support/world.ts';

describe('prefetch', () => {
  it('loads what is not fresh and not being loaded, tells how many, and is joined while it runs', async () => {
    const { cache, clock, events } = startLocal();
    const pages = cache.namespace<string>('page');
    await pages.set('fresh', 'fresh');
    const origin = gate<string>();
    void pages.getOrLoad('loading', () => origin.promise);
    expect(pages.prefetch(['fresh', 'loading', 'a', 'b'], () => origin.promise)).toBe(2);
    expect(pages.prefetch(['a', 'b'], () => expect.fail('already'))).toBe(0);
    const joined = pages.resolve('a', () => expect.fail('joins'));
    await clock.advance(0);
    origin.open('home');
    expect(await joined).toMatchObject({ value: 'home', outcome: 'join' });
    expect(pages.getSync('b')).toBe('home');
    expect(events.filter(({ type }) => type.startsWith('prefetch'))).toEqual([
      { type: 'prefetch', key: 'page:a' },
      { type: 'prefetch', key: 'page:b' },
      { type: 'prefetch-used', key: 'page:a' },
      { type: 'prefetch-used', key: 'page:b' },
    ]);
    expect(cache.stats()).toMatchObject({ prefetches: 2, prefetchUsed: 2, prefetchWasted: 0 });
    // Used once is used: further hits do not count.
    await pages.get('a');
    expect(cache.stats().prefetchUsed).toBe(2);
  });

  it('refreshes what is stale', async () => {
    const { cache, clock } = startLocal({ ttl: '1s', grace: '1m' });
    const pages = cache.namespace<string>('page');
    await pages.set('/', 'old');
    await clock.advance(1_000);
    expect(pages.prefetch(['/'], () => 'new')).toBe(1);
    await clock.advance(0);
    expect(pages.getSync('/')).toBe('new');
  });

  it('finds in the remote tier what another process loaded', async () => {
    const world = makeWorld();
    await (await world.start()).cache.namespace<string>('page').set('/', 'home');
    const { cache } = await world.start();
    const pages = cache.namespace<string>('page');
    pages.prefetch(['/'], () => expect.fail('not needed'));
    await world.settle();
    expect(pages.getSync('/')).toBe('home');
  });

  it.each<[string, (world: ReturnType<typeof startLocal>) => unknown]>([
    ['is evicted unasked', ({ cache }) => cache.namespace<string>('page').set('other', 'other')],
    ['is deleted unasked', ({ cache }) => cache.namespace<string>('page').delete('/')],
    ['is set before it was asked for', ({ cache }) => cache.namespace<string>('page').set('/', 'set')],
    ['is cleared unasked', ({ cache }) => cache.clear()],
  ])('counts as wasted what %s', async (_, leave) => {
    const world = startLocal({ maxEntries: 1 });
    const pages = world.cache.namespace<string>('page');
    pages.prefetch(['/'], () => 'home');
    await world.clock.advance(0);
    await leave(world);
    await pages.getOrLoad('/', () => 'anew');
    await pages.getOrLoad('/', () => 'anew');
    expect(world.cache.stats()).toMatchObject({ prefetches: 1, prefetchUsed: 0, prefetchWasted: 1 });
  });

  it.each<[string, () => string | undefined]>([
    [
      'fails',
      () => {
        throw new Error('down');
      },
    ],
    ['brings nothing', () => undefined],
  ])('that %s is wasted, and its failure an event at most', async (_, load) => {
    const { cache, clock, events } = startLocal();
    const pages = cache.namespace<string | undefined>('page');
    pages.prefetch(['/'], load);
    await clock.advance(0);
    expect([count(events, 'load'), count(events, 'prefetch-wasted')]).toEqual([1, 1]);
    expect(await pages.getOrLoad('/', () => 'home')).toBe('home');
    expect(cache.stats().prefetchUsed).toBe(0);
  });

  it('follows no more than ten thousand keys', async () => {
    const { cache, clock } = startLocal();
    const pages = cache.namespace<number>('page');
    pages.prefetch(
      Array.from({ length: 10_001 }, (_, index) => `${index}`),
      () => 1,
    );
    expect(cache.stats()).toMatchObject({ prefetches: 10_001, prefetchWasted: 5_000 });
    await clock.advance(0);
    await pages.getMany(['0', '10000']);
    expect(cache.stats().prefetchUsed).toBe(1);
  });

  it('does nothing once the cache is closed', async () => {
    const { cache } = startLocal();
    await cache.close();
    expect(cache.namespace('page').prefetch(['/'], () => expect.fail('closed'))).toBe(0);
  });
});
