import { describe, expect, it } from 'vitest';
import { count, gate, makeWorld, startLocal } from '../support/world.ts';

describe('fresh, stale, expired', () => {
  it('serves the stale entry while one loader refreshes it behind', async () => {
    const { cache, clock } = startLocal({ ttl: '1s', grace: '10s' });
    const pages = cache.namespace<string>('page');
    await pages.getOrLoad('/', () => 'old');
    await clock.advance(1_000);
    const origin = gate<string>();
    let loads = 0;
    const load = (): Promise<string> => {
      loads += 1;
      return origin.promise;
    };
    const answers = await Promise.all(Array.from({ length: 50 }, () => pages.resolve('/', load)));
    expect(new Set(answers.map(({ value, outcome, tier }) => `${value} ${outcome} ${tier}`))).toEqual(
      new Set(['old stale map']),
    );
    await clock.advance(0);
    expect(loads).toBe(1);
    origin.open('new');
    await clock.advance(0);
    expect(pages.getSync('/')).toBe('new');
    expect(cache.stats()).toMatchObject({ stale: 50, loads: 2 });
  });

  it('gives the loader what is stale, to revalidate it', async () => {
    const { cache, clock } = startLocal({ ttl: '1s', grace: '10s' });
    const pages = cache.namespace<string>('page');
    await pages.set('/', 'old');
    await clock.advance(1_000);
    const seen: unknown[] = [];
    await pages.getOrLoad('/', ({ key, stale }) => {
      seen.push(key, stale?.value);
      return 'new';
    });
    await clock.advance(0);
    expect(seen).toEqual(['/', 'old']);
  });

  it('serves stale to a failing load within grace, says why, and not a moment longer', async () => {
    const { cache, clock } = startLocal({ ttl: '1s', grace: '10s' });
    const pages = cache.namespace<string>('page', { refreshBehind: false });
    await pages.set('/', 'old');
    await clock.advance(10_999);
    const failure = new Error('the origin is down');
    const answer = await pages.resolve('/', () => Promise.reject(failure));
    expect(answer).toMatchObject({ value: 'old', outcome: 'stale', tier: 'map', error: failure });
    await clock.advance(1);
    await expect(pages.getOrLoad('/', () => Promise.reject(failure))).rejects.toBe(failure);
  });

  it('does not serve what was stale when a load began and expired until it failed', async () => {
    const { cache, clock } = startLocal({ ttl: '1s', grace: '10s' });
    const pages = cache.namespace<string>('page', { refreshBehind: false });
    await pages.set('/', 'old');
    await clock.advance(10_900);
    const origin = gate<string>();
    const answer = pages.getOrLoad('/', () => origin.promise);
    await clock.advance(100);
    origin.fail(new Error('the origin is down'));
    await expect(answer).rejects.toThrow('the origin is down');
  });

  it('waits for the load of what is stale where nothing may be loaded behind', async () => {
    const { cache, clock } = startLocal({ ttl: '1s', grace: '10s' });
    const pages = cache.namespace<string>('page', { refreshBehind: false });
    await pages.set('/', 'old');
    await clock.advance(5_000);
    expect(await pages.resolve('/', () => 'new')).toMatchObject({ value: 'new', outcome: 'load' });
  });

  it('serves stale when the load hangs beyond its deadline', async () => {
    const { cache, clock } = startLocal({ ttl: '1s', grace: '1m' });
    const pages = cache.namespace<string>('page', { refreshBehind: false, deadline: '2s' });
    await pages.set('/', 'old');
    await clock.advance(1_000);
    const answer = pages.resolve('/', () => new Promise(() => {}));
    await clock.advance(0);
    await clock.advance(2_000);
    expect(await answer).toMatchObject({ value: 'old', outcome: 'stale', error: { code: 'LOAD_TIMEOUT' } });
  });

  it('does not serve stale what was invalidated while the load failed', async () => {
    const world = makeWorld();
    const { cache } = await world.start({ ttl: '1s', grace: '1m' });
    const pages = cache.namespace<string>('page', { refreshBehind: false, tags: ['news'] });
    await pages.set('/', 'old');
    await world.clock.advance(1_000);
    const origin = gate<string>();
    const answer = pages.getOrLoad('/', () => origin.promise);
    await world.settle();
    await cache.invalidateTags('news');
    origin.fail(new Error('the origin is down'));
    await expect(answer).rejects.toThrow('the origin is down');
  });

  it('does not serve stale what was deleted while the load failed', async () => {
    const { cache, clock } = startLocal({ ttl: '1s', grace: '1m' });
    const pages = cache.namespace<string>('page', { refreshBehind: false });
    await pages.set('/', 'old');
    await clock.advance(1_000);
    const origin = gate<string>();
    const answer = pages.getOrLoad('/', () => origin.promise);
    await clock.advance(0);
    await pages.delete('/');
    origin.fail(new Error('the origin is down'));
    await expect(answer).rejects.toThrow('the origin is down');
  });

  it('keeps nothing with a ttl of 0, and deletes what was there when a value is set so', async () => {
    const { cache, local } = startLocal();
    const pages = cache.namespace<string>('page');
    expect(await pages.resolve('/', () => 'home', { ttl: 0, grace: '1h' })).toMatchObject({ entry: undefined });
    await pages.set('/', 'kept');
    await pages.set('/', 'not kept', { ttl: 0 });
    expect(local.held.size).toBe(0);
  });

  it('keeps a value without end with a ttl of Infinity', async () => {
    const world = makeWorld();
    const { cache, local } = await world.start({ ttl: Infinity });
    const pages = cache.namespace<string>('page');
    await pages.getOrLoad('/', () => 'home');
    await world.clock.advance(1e12);
    local.clear();
    expect(await pages.get('/')).toBe('home');
    expect(await pages.getEntry('/')).toMatchObject({ staleAt: Infinity, expiresAt: Infinity });
  });

  it('asks ttl and tags of the value when they are functions', async () => {
    const { cache, clock } = startLocal();
    const pages = cache.namespace<{ age: number }>('page', {
      ttl: ({ age }) => age,
      tags: ({ age }) => [`age-${age}`],
      grace: '5s',
    });
    await pages.getOrLoad('/', () => ({ age: 700 }));
    const now = clock.now();
    expect(await pages.getEntry('/')).toMatchObject({
      storedAt: now,
      staleAt: now + 700,
      expiresAt: now + 5_700,
      tags: ['age-700'],
    });
    await cache.invalidateTags('age-700');
    expect(pages.getSync('/')).toBeUndefined();
  });

  it('lets the call say otherwise than the namespace, and the namespace than the cache', async () => {
    const { cache, clock } = startLocal({ ttl: '1m', grace: '1m' });
    const pages = cache.namespace<string>('page', { ttl: '2m' });
    await pages.set('a', 'a');
    await pages.set('b', 'b', { ttl: '3m', grace: 0 });
    const now = clock.now();
    expect(await pages.getEntry('a')).toMatchObject({ staleAt: now + 120_000, expiresAt: now + 180_000 });
    expect(await pages.getEntry('b')).toMatchObject({ staleAt: now + 180_000, expiresAt: now + 180_000 });
  });

  it('gives stale to getEntry and never to get or getSync', async () => {
    const { cache, clock, events } = startLocal({ ttl: '1s', grace: '1s' });
    const pages = cache.namespace<string>('page');
    await pages.set('/', 'old');
    await clock.advance(1_000);
    expect([pages.getSync('/'), await pages.get('/'), (await pages.getEntry('/'))?.value]).toEqual([
      undefined,
      undefined,
      'old',
    ]);
    expect([count(events, 'miss'), count(events, 'stale')]).toEqual([1, 1]);
    await clock.advance(1_000);
    expect(await pages.getEntry('/')).toBeUndefined();
  });

  it('finds the fresh value of another process where its own is stale', async () => {
    const world = makeWorld();
    const [one, two] = [
      await world.start({ isAlone: true, ttl: '1s', grace: '1m' }),
      await world.start({ isAlone: true, ttl: '1m' }),
    ];
    await one.cache.namespace<string>('page').set('/', 'old');
    await world.clock.advance(1_000);
    await two.cache.namespace<string>('page').set('/', 'new');
    expect(await one.cache.namespace<string>('page').get('/')).toBe('new');
    expect(one.cache.namespace<string>('page').getSync('/')).toBe('new');
  });

  it('serves what is stale in the remote tier, and refreshes it behind', async () => {
    const world = makeWorld();
    await (await world.start({ ttl: '1s', grace: '1m' })).cache.namespace<string>('page').set('/', 'old');
    await world.clock.advance(1_000);
    const { cache } = await world.start({ ttl: '1s', grace: '1m' });
    const pages = cache.namespace<string>('page');
    expect(await pages.resolve('/', () => 'new')).toMatchObject({
      value: 'old',
      outcome: 'stale',
      tier: 'memory-remote',
    });
    await world.settle();
    expect(pages.getSync('/')).toBe('new');
  });
});

describe('refresh ahead (XFetch)', () => {
  it('refreshes behind a hit when cost and chance say so, and serves the fresh value meanwhile', async () => {
    let random = 1;
    const { cache, clock } = startLocal({ ttl: '10s', random: () => random });
    const pages = cache.namespace<string>('page');
    const slow = gate<string>();
    const first = pages.getOrLoad('/', () => slow.promise);
    await clock.advance(0);
    await clock.advance(1_000);
    slow.open('first');
    await first;
    // 4 s before it is stale: due when -ln(random) * 1 s reaches 4 s.
    await clock.advance(6_000);
    random = Math.exp(-3.9);
    expect(await pages.getOrLoad('/', () => expect.fail('not due'))).toBe('first');
    random = Math.exp(-4.1);
    expect(await pages.resolve('/', () => 'second')).toMatchObject({ value: 'first', outcome: 'hit' });
    await clock.advance(0);
    expect(pages.getSync('/')).toBe('second');
  });

  it('is off at 0, for values that were set, and where nothing may be loaded behind', async () => {
    for (const [options, refreshBehind] of [
      [{ refreshAhead: 0 }, true],
      [{}, false],
    ] as const) {
      const { cache, clock } = startLocal({ ttl: '10s', random: () => 0, ...options });
      const pages = cache.namespace<string>('page', { refreshBehind });
      const slow = gate<string>();
      const first = pages.getOrLoad('/', () => slow.promise);
      await clock.advance(0);
      await clock.advance(1_000);
      slow.open('first');
      await first;
      await pages.set('set', 'set');
      await clock.advance(9_999);
      await pages.getOrLoad('/', () => expect.fail('not ahead'));
      await pages.getOrLoad('set', () => expect.fail('no cost'));
      await clock.advance(0);
      expect(cache.stats().loads).toBe(1);
    }
  });

  it('also refreshes ahead what only the remote tier has', async () => {
    const world = makeWorld();
    const { cache } = await world.start({ tiers: [world.shared], ttl: '10s', random: () => 0 });
    const pages = cache.namespace<string>('page');
    const slow = gate<string>();
    const first = pages.getOrLoad('/', () => slow.promise);
    await world.clock.advance(1_000);
    slow.open('first');
    await first;
    await world.clock.advance(9_000);
    expect(await pages.resolve('/', () => 'second')).toMatchObject({ value: 'first', outcome: 'hit' });
    await world.settle();
    expect(await pages.get('/')).toBe('second');
  });
});
