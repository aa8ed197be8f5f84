import { describe, expect, it } from 'vitest';
import { codesOf, gate, makeWorld, startLocal } from '../support/world.ts';

describe('set and delete', () => {
  it('overtake a running load: its callers get its value, and it is not kept', async () => {
    const world = makeWorld();
    const { cache } = await world.start();
    const pages = cache.namespace<string>('page');
    for (const [key, overtake, expected] of [
      ['set', () => pages.set('set', 'set'), 'set'],
      ['delete', () => pages.delete('delete'), undefined],
      ['clear', () => cache.clear(), undefined],
    ] as const) {
      const origin = gate<string>();
      const answer = pages.resolve(key, () => origin.promise);
      await world.settle();
      await overtake();
      origin.open('loaded before');
      expect(await answer).toMatchObject({ value: 'loaded before', entry: undefined });
      await world.settle();
      expect(await pages.get(key)).toBe(expected);
      expect(world.shared.keys()).toHaveLength(expected === undefined ? 0 : 1);
      await cache.clear();
    }
  });

  it('let callers that come later load anew instead of joining', async () => {
    const { cache, clock } = startLocal();
    const pages = cache.namespace<string>('page');
    const [old, fresh] = [gate<string>(), gate<string>()];
    const before = pages.getOrLoad('/', () => old.promise);
    await clock.advance(0);
    await pages.delete('/');
    const after = pages.getOrLoad('/', () => fresh.promise);
    await clock.advance(0);
    fresh.open('new');
    expect(await after).toBe('new');
    old.open('old');
    expect(await before).toBe('old');
    expect(pages.getSync('/')).toBe('new');
  });

  it('are done in the order they were asked for, however they meet in one tick', async () => {
    const world = makeWorld();
    const { cache, shared } = { ...(await world.start()), shared: world.shared };
    const pages = cache.namespace<string>('page');
    await Promise.all([pages.set('/', 'one'), pages.delete('/')]);
    expect(await pages.get('/')).toBeUndefined();
    expect(shared.keys()).toEqual([]);
    await Promise.all([pages.set('/', 'one'), pages.set('/', 'two'), pages.delete('/'), pages.set('/', 'three')]);
    const { cache: other } = await world.start();
    expect(await other.namespace<string>('page').get('/')).toBe('three');
  });

  it('never leave in the remote tier what a load wrote there just before', async () => {
    const world = makeWorld();
    const { cache } = await world.start();
    const pages = cache.namespace<string>('page');
    // The write of the loaded value waits for the end of the tick when the delete comes.
    await pages.getOrLoad('/', () => 'loaded').then(() => pages.delete('/'));
    expect(await pages.get('/')).toBeUndefined();
    expect(world.shared.keys()).toEqual([]);
  });

  it('wait for a slow write of the same key instead of being overtaken by it', async () => {
    const world = makeWorld();
    const { cache, remote } = await world.start();
    const pages = cache.namespace<string>('page');
    remote.fail({ on: ['setMany'], delayMs: 30 });
    const written = pages.set('/', 'slow');
    await world.settle();
    const deleted = pages.delete('/');
    const read = pages.get('/');
    expect(remote.calls.deleteMany).toBe(0);
    await world.clock.advance(30);
    await Promise.all([written, deleted]);
    expect(await read).toBeUndefined();
    expect(world.shared.keys()).toEqual([]);
  });

  it('reach the local tiers of other processes', async () => {
    const world = makeWorld();
    const [one, two] = [await world.start(), await world.start()];
    const [mine, yours] = [one.cache.namespace<string>('page'), two.cache.namespace<string>('page')];
    await mine.set('/', 'first');
    expect(await yours.get('/')).toBe('first');
    await mine.set('/', 'second');
    expect(yours.getSync('/')).toBeUndefined();
    expect(await yours.get('/')).toBe('second');
    await mine.delete('/');
    expect([yours.getSync('/'), await yours.get('/')]).toEqual([undefined, undefined]);
    await mine.set('/', 'third');
    await yours.get('/');
    await mine.set('other', 'kept');
    await one.cache.clear();
    expect([await yours.get('/'), await yours.get('other')]).toEqual([undefined, undefined]);
  });

  it('in one process overtake a load in another', async () => {
    const world = makeWorld();
    const [one, two] = [await world.start(), await world.start()];
    const yours = two.cache.namespace<string>('page');
    const origin = gate<string>();
    const answer = yours.resolve('/', () => origin.promise);
    await world.settle();
    await one.cache.namespace<string>('page').delete('/');
    origin.open('loaded before');
    expect(await answer).toMatchObject({ value: 'loaded before', entry: undefined });
    await world.settle();
    expect([yours.getSync('/'), world.shared.keys()]).toEqual([undefined, []]);
  });

  it('in one process take back what another loaded before and wrote after, when the news come', async () => {
    const world = makeWorld({ latencyMs: 3 });
    const [one, two] = [await world.start(), await world.start()];
    const yours = two.cache.namespace<string>('page');
    const origin = gate<string>();
    void yours.getOrLoad('/', () => origin.promise);
    await world.clock.advance(10);
    // Reaches the store at 3 ms and is told at 9 ms; the load is written at 4 ms.
    const deleted = one.cache.namespace<string>('page').delete('/');
    await world.clock.advance(1);
    origin.open('loaded before');
    await world.settle();
    await world.clock.advance(4);
    expect(world.shared.keys()).toEqual(['page:/']);
    await world.clock.advance(10);
    await deleted;
    expect([yours.getSync('/'), world.shared.keys()]).toEqual([undefined, []]);
  });

  it('do not serve what a read found before and brings after', async () => {
    const world = makeWorld({ latencyMs: 3 });
    const { cache } = await world.start();
    const pages = cache.namespace<string>('page');
    const other = (await world.start({ isAlone: true })).cache.namespace<string>('page');
    void other.set('/', 'old');
    await world.clock.advance(10);
    const reading = pages.get('/');
    await world.clock.advance(4);
    const deleted = pages.delete('/');
    await world.clock.advance(20);
    await Promise.all([reading, deleted]);
    expect(pages.getSync('/')).toBeUndefined();
  });

  it('delete many keys at once, and no keys at all', async () => {
    const world = makeWorld();
    const { cache, remote } = await world.start();
    const pages = cache.namespace<string>('page');
    await Promise.all(['a', 'b', 'c'].map((key) => pages.set(key, key)));
    await pages.delete('a', 'b');
    await pages.delete();
    expect(await pages.getMany(['a', 'b', 'c'])).toEqual([undefined, undefined, 'c']);
    expect(remote.calls.deleteMany).toBe(1);
  });

  it('refuses to set undefined, which would be a miss', async () => {
    await expect(startLocal().cache.namespace('page').set('/', undefined)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });
});

describe('the bus', () => {
  it('drops everything local when something may have been missed', async () => {
    const world = makeWorld();
    const [one, two] = [await world.start(), await world.start()];
    const [mine, yours] = [one.cache.namespace<string>('page'), two.cache.namespace<string>('page')];
    await mine.set('/', 'old');
    await yours.get('/');
    world.bus.lose(1);
    await mine.set('/', 'new');
    expect(yours.getSync('/')).toBe('old');
    world.bus.gap();
    expect(yours.getSync('/')).toBeUndefined();
    expect(await yours.get('/')).toBe('new');
  });

  it('that is gap-ridden does not lose a running set: the old value is not served for it', async () => {
    const world = makeWorld();
    const { cache } = await world.start();
    const pages = cache.namespace<string>('page', { tags: ['news'] });
    await pages.set('/', 'old');
    world.bus.gap();
    const set = pages.set('/', 'new');
    world.bus.gap();
    await set;
    expect(await pages.get('/')).not.toBe('old');
  });

  it('is an error event when it fails or hangs, and no more', async () => {
    const world = makeWorld();
    const { cache, events } = await world.start();
    world.bus.cut();
    await cache.namespace<string>('page').delete('/');
    expect(codesOf(events)).toEqual(['BUS_FAILED']);
    const hanging = { ...world.bus, publish: () => new Promise<void>(() => {}) };
    const second = await world.start({ bus: hanging });
    const deleted = second.cache.invalidateTags('news');
    await world.settle();
    await world.clock.advance(50);
    await deleted;
    expect(codesOf(second.events)).toEqual(['BUS_FAILED']);
  });

  it('that cannot be subscribed to, or throws at once, leaves a cache that works', async () => {
    const world = makeWorld();
    for (const subscribe of [
      () => Promise.reject(new Error('no')),
      () => {
        throw new Error('no');
      },
    ]) {
      const heard: string[] = [];
      const { cache, events } = await world.start({ bus: { ...world.bus, subscribe } });
      heard.push(...codesOf(events));
      expect(await cache.namespace<string>('page').getOrLoad('/', () => 'home')).toBe('home');
    }
  });

  it('whose message cannot be read counts as a gap', async () => {
    const world = makeWorld();
    for (const message of [{ kind: 'delete' }, { kind: 'tags' }, { kind: 'of a later version' }, null]) {
      const said: { on?: (message: never) => void } = {};
      const { cache, events } = await world.start({
        bus: {
          ...world.bus,
          subscribe: (on, onGap) => {
            said.on = on;
            return world.bus.subscribe(on, onGap);
          },
        },
      });
      const pages = cache.namespace<string>('page');
      await pages.set('/', 'home');
      said.on?.(message as never);
      expect([pages.getSync('/'), codesOf(events)]).toEqual([undefined, ['BUS_FAILED']]);
    }
  });
});
