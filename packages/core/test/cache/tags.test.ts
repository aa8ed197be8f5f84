import { describe, expect, it } from 'vitest';
import { gate, makeWorld, startLocal } from '../support/world.ts';

const TAGGED = { tags: ['news'] } as const;
const DYNAMIC = { tags: () => ['news'] } as const;

describe('tags', () => {
  it('end everything that carries them, and nothing else', async () => {
    const { cache } = startLocal();
    const pages = cache.namespace<string>('page');
    await pages.set('a', 'a', { tags: ['news', 'sport'] });
    await pages.set('b', 'b', { tags: ['news'] });
    await pages.set('c', 'c', { tags: ['weather'] });
    await pages.set('d', 'd');
    await cache.invalidateTags('news', 'nobody');
    expect(await pages.getMany(['a', 'b', 'c', 'd'])).toEqual([undefined, undefined, 'c', 'd']);
    await pages.set('b', 'b again', { tags: ['news'] });
    expect(pages.getSync('b')).toBe('b again');
  });

  it.each([
    ['static', TAGGED],
    ['value-dependent', DYNAMIC],
  ])(
    'that are %s keep out a load that raced the invalidation, in memory alone and over a remote tier',
    async (_, options) => {
      const world = makeWorld();
      for (const { cache } of [startLocal(), await world.start()]) {
        const pages = cache.namespace<string>('page', options);
        const origin = gate<string>();
        const answer = pages.resolve('/', () => origin.promise);
        await world.settle();
        await cache.invalidateTags('news');
        origin.open('read before');
        expect(await answer).toMatchObject({ value: 'read before', entry: undefined });
        await world.settle();
        expect(await pages.get('/')).toBeUndefined();
        // The next load is kept again.
        await pages.getOrLoad('/', () => 'read after');
        expect(pages.getSync('/')).toBe('read after');
      }
    },
  );

  it.each([
    ['static', TAGGED],
    ['value-dependent', DYNAMIC],
  ])('that are %s keep out a load that raced an invalidation in another process', async (_, options) => {
    const world = makeWorld();
    for (const isAlone of [false, true]) {
      const [one, two] = [await world.start({ isAlone }), await world.start({ isAlone })];
      const pages = two.cache.namespace<string>('page', options);
      const origin = gate<string>();
      const answer = pages.resolve('/', () => origin.promise);
      await world.settle();
      await one.cache.invalidateTags('news');
      origin.open('read before');
      await answer;
      await world.settle();
      expect(await one.cache.namespace<string>('page').get('/')).toBeUndefined();
      // Without a bus this process may believe its copy of the stamp for one second.
      await world.clock.advance(isAlone ? 1_001 : 0);
      expect(await pages.get('/')).toBeUndefined();
      await one.cache.clear();
    }
  });

  it('are not joined across: a caller that comes after an invalidation does not get a load from before it', async () => {
    for (const options of [TAGGED, DYNAMIC]) {
      const { cache, clock } = startLocal();
      const pages = cache.namespace<string>('page', options);
      const [old, fresh] = [gate<string>(), gate<string>()];
      const loads: string[] = [];
      const load = (name: string, origin: Promise<string>) => (): Promise<string> => {
        loads.push(name);
        return origin;
      };
      const before = pages.getOrLoad('/', load('old', old.promise));
      const beside = pages.getOrLoad('/', load('beside', old.promise));
      await clock.advance(0);
      await cache.invalidateTags('news');
      const after = [1, 2, 3].map(() => pages.getOrLoad('/', load('fresh', fresh.promise)));
      old.open('old');
      expect(await Promise.all([before, beside])).toEqual(['old', 'old']);
      fresh.open('new');
      expect(await Promise.all(after)).toEqual(['new', 'new', 'new']);
      expect(loads).toEqual(['old', 'fresh']);
      expect(pages.getSync('/')).toBe('new');
    }
  });

  it('are not joined across either when the load before had found nothing', async () => {
    for (const options of [TAGGED, DYNAMIC]) {
      const { cache, clock } = startLocal();
      const pages = cache.namespace<string | undefined>('page', options);
      const origin = gate<undefined>();
      const before = pages.getOrLoad('/', () => origin.promise);
      await clock.advance(0);
      await cache.invalidateTags('news');
      const after = pages.getOrLoad('/', () => 'written meanwhile');
      origin.open(undefined);
      expect(await Promise.all([before, after])).toEqual([undefined, 'written meanwhile']);
    }
  });

  it('end a set that was called before the invalidation and asked for its stamps after', async () => {
    const world = makeWorld();
    const { cache } = await world.start();
    const pages = cache.namespace<string>('page', TAGGED);
    await Promise.all([pages.set('/', 'made before'), cache.invalidateTags('news')]);
    expect(await pages.get('/')).toBeUndefined();
  });

  it('still coalesce callers beside an invalidation of something else', async () => {
    const world = makeWorld();
    const { cache } = await world.start();
    const pages = cache.namespace<string>('page', DYNAMIC);
    const origin = gate<string>();
    const first = pages.getOrLoad('/', () => origin.promise);
    await world.settle();
    await cache.invalidateTags('weather');
    const second = pages.getOrLoad('/', () => expect.fail('joins'));
    origin.open('home');
    expect(await Promise.all([first, second])).toEqual(['home', 'home']);
  });

  it('are told to other processes at once over the bus, and believed for maxStampAge without', async () => {
    const world = makeWorld();
    for (const isAlone of [false, true]) {
      const [one, two] = [await world.start({ isAlone }), await world.start({ isAlone })];
      const pages = two.cache.namespace<string>('page', TAGGED);
      await pages.set('/', 'old');
      await one.cache.invalidateTags('news');
      if (isAlone) {
        await world.clock.advance(1_000);
        expect(pages.getSync('/')).toBe('old');
        await world.clock.advance(1);
      }
      expect([pages.getSync('/'), await pages.get('/')]).toEqual([undefined, undefined]);
    }
  });

  it('keep serving while nothing changed: an old copy of a stamp is asked for again', async () => {
    const world = makeWorld();
    const { cache, remote } = await world.start({ isAlone: true });
    const pages = cache.namespace<string>('page', TAGGED);
    await pages.set('/', 'home');
    await world.clock.advance(1_001);
    const reads = remote.calls.getMany;
    expect(pages.getSync('/')).toBeUndefined();
    expect(await pages.getOrLoad('/', () => expect.fail('not needed'))).toBe('home');
    expect(remote.calls.getMany).toBeGreaterThan(reads);
    expect(pages.getSync('/')).toBe('home');
  });

  it('whose stamp was lost read as changed', async () => {
    const world = makeWorld();
    const [one, two] = [await world.start(), await world.start()];
    await one.cache.namespace<string>('page', TAGGED).set('/', 'old');
    await world.shared.deleteMany(world.shared.keys().filter((key) => key.includes('stamp')));
    expect(await two.cache.namespace<string>('page', TAGGED).get('/')).toBeUndefined();
    world.bus.gap();
    expect(await one.cache.namespace<string>('page', TAGGED).get('/')).toBeUndefined();
  });

  it('are not proven by what an older message says: the remote tier knows', async () => {
    const world = makeWorld();
    const [one, two] = [await world.start(), await world.start()];
    const late: (() => void)[] = [];
    const third = await world.start({
      bus: {
        ...world.bus,
        subscribe: (on, onGap) => world.bus.subscribe((message) => void late.push(() => on(message)), onGap),
      },
    });
    await one.cache.invalidateTags('news');
    await two.cache.namespace<string>('page', TAGGED).getOrLoad('/', () => 'between the two');
    await world.settle();
    await third.cache.invalidateTags('news');
    for (const deliver of late) deliver();
    expect(await third.cache.namespace<string>('page', TAGGED).get('/')).toBeUndefined();
  });

  it('that a second process invalidates while the first writes the same stamp end loads of both', async () => {
    const world = makeWorld({ latencyMs: 3 });
    const [one, two] = [await world.start(), await world.start()];
    const both = [one.cache.invalidateTags('news'), two.cache.invalidateTags('news')];
    await world.clock.advance(30);
    await Promise.all(both);
    const pages = one.cache.namespace<string>('page', TAGGED);
    const answer = pages.getOrLoad('/', () => 'home');
    await world.clock.advance(30);
    expect(await answer).toBe('home');
    const elsewhere = two.cache.namespace<string>('page', TAGGED).getOrLoad('/', () => 'loaded once more');
    await world.clock.advance(60);
    expect(['home', 'loaded once more']).toContain(await elsewhere);
    const last = two.cache.invalidateTags('news');
    await world.clock.advance(30);
    await last;
    expect(pages.getSync('/')).toBeUndefined();
  });

  it('may hold emoji, repeats and 128 names, and are refused otherwise', async () => {
    const { cache } = startLocal();
    const pages = cache.namespace<string>('page');
    const many = Array.from({ length: 128 }, (_, index) => `tag ${index}`);
    await pages.set('/', 'home', { tags: [...many, ...many] });
    await pages.set('party', 'on', { tags: ['🎉', 'x'.repeat(512)] });
    await cache.invalidateTags('🎉', ...many, 'one more than an entry may have');
    expect(await pages.getMany(['/', 'party'])).toEqual([undefined, undefined]);
    for (const tags of [[''], ['x'.repeat(513)], ['\ud83c'], [7], [...many, 'one more']])
      await expect(pages.set('/', 'home', { tags: tags as string[] })).rejects.toMatchObject({ code: 'INVALID_TAG' });
    for (const tags of ['news', undefined, { 0: 'a' }])
      await expect(pages.getOrLoad('/', () => 'home', { tags: (() => tags) as never })).rejects.toMatchObject({
        code: 'INVALID_TAG',
      });
    await expect(cache.invalidateTags('')).rejects.toMatchObject({ code: 'INVALID_TAG' });
    expect(() => cache.namespace('other', { tags: 'news' as never })).toThrow(/tags: expected an array/);
  });

  it('are copied: the caller may change the array afterwards', async () => {
    const { cache } = startLocal();
    const tags = ['news'];
    const pages = cache.namespace<string>('page', { tags });
    await pages.set('/', 'home');
    tags[0] = 'sport';
    tags.push('weather');
    expect(pages.getSync('/')).toBe('home');
    await cache.invalidateTags('news');
    expect(pages.getSync('/')).toBeUndefined();
  });

  it('beyond what one process can remember cost a miss, never a stale answer', async () => {
    const { cache, clock } = startLocal({ ttl: '1h' });
    const pages = cache.namespace<string>('page');
    await pages.set('/', 'home', { tags: ['first'] });
    const origin = gate<string>();
    const racing = pages.resolve('raced', () => origin.promise, { tags: () => ['raced'] });
    await clock.advance(0);
    await cache.invalidateTags('raced');
    const tags = Array.from({ length: 100_000 }, (_, index) => `tag ${index}`);
    for (let at = 0; at < tags.length; at += 1_000) await cache.invalidateTags(...tags.slice(at, at + 1_000));
    expect(await pages.get('/')).toBeUndefined();
    origin.open('read before');
    expect(await racing).toMatchObject({ value: 'read before', entry: undefined });
  });

  it('survive clear and close of a cache in memory', async () => {
    const { cache } = startLocal();
    const pages = cache.namespace<string>('page', TAGGED);
    await pages.set('/', 'home');
    await cache.clear();
    expect(pages.getSync('/')).toBeUndefined();
    await pages.set('/', 'home');
    expect(pages.getSync('/')).toBe('home');
    await cache.close();
  });
});
