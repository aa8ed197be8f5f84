import { createCache, type Entry, type LocalStore } from '@kvasir/core';
import { ManualClock } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { mapStore } from '../support/map-store.ts';
import { listen, makeWorld, startLocal } from '../support/world.ts';

/** A cache over a local store that counts how often it was called. */
function startCounted() {
  const clock = new ManualClock();
  const store = mapStore(clock);
  const calls = new Map<string, number>();
  const local = new Proxy<LocalStore>(store, {
    get(target, name: keyof LocalStore) {
      const part: unknown = target[name];
      if (typeof part === 'function') calls.set(name, (calls.get(name) ?? 0) + 1);
      return part;
    },
  });
  const cache = createCache({ tiers: [local], clock, random: () => 1, ttl: '1m', grace: '1m' });
  const callsOf = async (run: () => unknown): Promise<Record<string, number>> => {
    calls.clear();
    await run();
    return Object.fromEntries(calls);
  };
  return { cache, clock, callsOf };
}

const refuse = (): never => expect.fail('no load is needed');

describe('a hit in the local tier', () => {
  it('is one look-up that makes no entry, however it is asked for', async () => {
    const { cache, callsOf } = startCounted();
    const pages = cache.namespace<string>('page');
    await pages.set('/', 'home');
    for (const ask of [() => pages.getSync('/'), () => pages.get('/'), () => pages.getOrLoad('/', refuse)]) {
      expect(await ask()).toBe('home');
      expect(await callsOf(ask)).toEqual({ getFresh: 1 });
    }
  });

  it('is looked at closer when it is tagged, and served no more once its tag is invalidated', async () => {
    const { cache, callsOf } = startCounted();
    const pages = cache.namespace<string>('page', { tags: ['news'] });
    await pages.set('/', 'home');
    expect(await callsOf(() => pages.getSync('/'))).toEqual({ getFresh: 1, get: 1 });
    expect([pages.getSync('/'), await pages.get('/'), await pages.getOrLoad('/', refuse)]).toEqual(
      Array.from({ length: 3 }, () => 'home'),
    );
    await cache.invalidateTags('news');
    expect([pages.getSync('/'), await pages.get('/')]).toEqual([undefined, undefined]);
    expect(await pages.getOrLoad('/', () => 'anew')).toBe('anew');
  });

  it('is none once it is stale', async () => {
    const { cache, clock } = startCounted();
    const pages = cache.namespace<string>('page');
    await pages.set('/', 'home');
    await clock.advance(59_999);
    expect([pages.getSync('/'), await pages.get('/')]).toEqual(['home', 'home']);
    await clock.advance(1);
    expect([pages.getSync('/'), await pages.get('/')]).toEqual([undefined, undefined]);
    expect((await pages.resolve('/', () => 'anew')).outcome).toBe('stale');
  });

  it('is looked at closer when a refresh ahead may be due: 20 times the cost of its load before it is stale', async () => {
    const { cache, clock, callsOf } = startCounted();
    const pages = cache.namespace<string>('page');
    const loading = pages.getOrLoad('/', () => new Promise((resolve) => clock.after(1_000, () => resolve('home'))));
    await clock.advance(1_000);
    await loading;
    const ask = (): Promise<string> => pages.getOrLoad('/', refuse);
    await clock.advance(39_999);
    expect(await callsOf(ask)).toEqual({ getFresh: 1 });
    await clock.advance(1);
    expect(await callsOf(ask)).toEqual({ getFresh: 1, get: 1 });
    // Nobody who has no loader refreshes.
    expect(await callsOf(() => pages.get('/'))).toEqual({ getFresh: 1 });
  });

  it('is counted alike whether somebody listens or not, and told with its full key and tier when somebody does', async () => {
    const { clock } = startLocal();
    const cache = createCache({ tiers: [mapStore(clock)], clock });
    const pages = cache.namespace<string>('page');
    await pages.set('/', 'home');
    const ask = async (): Promise<void> => {
      pages.getSync('/');
      await pages.get('/');
      await pages.getOrLoad('/', refuse);
    };
    await ask();
    const events = listen(cache);
    await ask();
    expect(cache.stats().hits).toBe(6);
    expect(events).toEqual(Array.from({ length: 3 }, () => ({ type: 'hit', key: 'page:/', tier: 'map' })));
  });

  it('uses up a prefetch, also when nobody listens', async () => {
    const clock = new ManualClock();
    const cache = createCache({ tiers: [mapStore(clock)], clock });
    const pages = cache.namespace<string>('page');
    pages.prefetch(['/'], () => 'home');
    await clock.advance(0);
    expect([pages.getSync('/'), pages.getSync('/'), cache.stats().prefetchUsed]).toEqual(['home', 'home', 1]);
  });

  it('is none after the cache was closed', async () => {
    const { cache, local } = startLocal();
    const pages = cache.namespace<string>('page');
    await cache.close();
    local.set('/', { ...entry, value: 'of another' }, 1);
    expect([pages.getSync('/'), await pages.get('/')]).toEqual([undefined, undefined]);
  });
});

const entry: Entry = {
  value: 'home',
  storedAt: 0,
  staleAt: Infinity,
  expiresAt: Infinity,
  tags: [],
  stamps: [],
  size: 8,
  cost: 0,
};

describe('namespaces', () => {
  it('keep the same key apart, and every key from the digests of others', async () => {
    const { cache } = startLocal();
    const [one, other] = [cache.namespace<string>('one'), cache.namespace<string>('other')];
    const long = 'x'.repeat(513);
    const keys = ['/', '#', 'one:/', 'other:/', long, '\ud83c', `one:#${'A'.repeat(43)}`];
    const events = listen(cache);
    for (const key of keys) await one.set(key, `one ${key}`);
    const full = events.flatMap((event) => (event.type === 'admit' ? [event.key] : []));
    // What the keys of the one namespace are called in the tiers, and its digests alone, are keys like any other.
    const said = [...keys, ...full, ...full.map((name) => name.slice('one:'.length))];
    for (const key of said) expect(other.getSync(key)).toBeUndefined();
    for (const key of said) expect(one.getSync(key)).toBe(keys.includes(key) ? `one ${key}` : undefined);
    for (const key of said) await other.set(key, `other ${key}`);
    for (const key of keys) await other.delete(key);
    for (const key of keys) expect([one.getSync(key), other.getSync(key)]).toEqual([`one ${key}`, undefined]);
  });

  it('of one name share their keys', async () => {
    const { cache } = startLocal();
    await cache.namespace<string>('page').set('/', 'home');
    expect(cache.namespace<string>('page').getSync('/')).toBe('home');
  });

  it('may be more than there are spaces in a local store', async () => {
    const { cache } = startLocal();
    const names = Array.from({ length: 65_538 }, (_, index) => `n${index}`);
    const spaces = names.map((name) => cache.namespace<string>(name));
    const asked = [0, 1, 65_533, 65_534, 65_535, 65_536, 65_537].map((index) => spaces[index]);
    for (const space of asked) await space?.set('k', `of ${space.name}`);
    for (const space of asked) {
      expect(space?.getSync('k')).toBe(`of ${space?.name}`);
      expect(await space?.getOrLoad('k', refuse)).toBe(`of ${space?.name}`);
      // The full key of another, said as a key.
      for (const { name } of spaces.slice(65_534)) expect(space?.getSync(`${name}:k`)).toBeUndefined();
    }
  });

  it('forget a key that another process deletes, and no other', async () => {
    const world = makeWorld();
    const [one, two] = [await world.start(), await world.start()];
    const [pages, posts] = [two.cache.namespace<string>('page'), two.cache.namespace<string>('post')];
    for (const space of [pages, posts]) for (const key of ['/', '#', '/news']) await space.set(key, 'kept');
    await one.cache.namespace<string>('page').delete('/', '#');
    await world.settle();
    const near = [pages, posts].map((space) => ['/', '#', '/news'].map((key) => space.getSync(key)));
    expect(near).toEqual([
      [undefined, undefined, 'kept'],
      ['kept', 'kept', 'kept'],
    ]);
  });

  it('tell by its full key what leaves the local tier', async () => {
    const { cache, events } = startLocal({ maxEntries: 1 });
    const [pages, posts] = [cache.namespace<string>('page'), cache.namespace<string>('post')];
    for (const space of [pages, posts]) for (const key of ['/', '#']) await space.set(key, 'kept');
    const left = events.flatMap((event) => (event.type === 'evict' ? [event.key] : []));
    expect(left).toEqual(['page:/', expect.stringMatching(/^page:#.{43}$/), 'post:/']);
  });
});

describe('invalidating a tag', () => {
  it('touches none of the entries under it, however many they are', async () => {
    const { cache, callsOf } = startCounted();
    const pages = cache.namespace<string>('page', { tags: ['news'] });
    const keys = Array.from({ length: 10_000 }, (_, index) => `/${index}`);
    for (const key of keys) await pages.set(key, 'home');
    expect(await callsOf(() => cache.invalidateTags('news'))).toEqual({});
    expect(keys.filter((key) => pages.getSync(key) !== undefined)).toEqual([]);
  });
});
