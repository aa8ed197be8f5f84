import { describe, expect, it } from 'vitest';
import { nameIn } from '../support/map-store.ts';
import { codesOf, gate, makeWorld } from '../support/world.ts';

const DOWN = { error: new Error('connection refused') } as const;

describe('what was missed during an outage', () => {
  it('is never served again by this process, and made up for as soon as it is over', async () => {
    const world = makeWorld();
    const { cache, remote, local } = await world.start({ ttl: '1h' });
    const pages = cache.namespace<string>('page');
    await pages.set('deleted', 'old');
    await pages.set('set', 'old');
    await pages.set('tagged', 'old', { tags: ['news'] });
    remote.fail({ on: ['setMany', 'deleteMany'], ...DOWN });
    await pages.delete('deleted');
    await pages.set('set', 'new');
    await cache.invalidateTags('news');
    // Reads still work, and the store still has it all.
    local.clear();
    expect(world.shared.keys()).toHaveLength(4);
    expect(await pages.getMany(['deleted', 'set', 'tagged'])).toEqual([undefined, undefined, undefined]);
    remote.heal();
    expect(await pages.getMany(['deleted', 'set', 'tagged'])).toEqual([undefined, undefined, undefined]);
    await world.clock.advance(1_000);
    const other = (await world.start()).cache.namespace<string>('page');
    expect(await other.getMany(['deleted', 'set', 'tagged'])).toEqual([undefined, undefined, undefined]);
    expect(world.shared.keys().filter((key) => key.startsWith('page:'))).toEqual(['page:tagged']);
  });

  it('stays covered until a new value is really there', async () => {
    const world = makeWorld();
    const { cache, remote, local } = await world.start({ ttl: '1h' });
    const pages = cache.namespace<string>('page');
    await pages.set('/', 'old');
    remote.fail({ on: ['setMany', 'deleteMany'], ...DOWN });
    await pages.delete('/');
    remote.fail({ on: ['setMany'], hang: true, dropWrites: true });
    const loaded = pages.getOrLoad('/', () => 'new');
    await world.settle();
    expect(await loaded).toBe('new');
    local.clear();
    const read = pages.get('/');
    await world.clock.advance(50);
    expect([await read, pages.getSync('/'), await pages.get('/')]).toEqual([undefined, undefined, undefined]);
    remote.heal();
    await pages.set('/', 'newest');
    local.clear();
    expect(await pages.get('/')).toBe('newest');
    await world.clock.advance(5_000);
    local.clear();
    expect(await pages.get('/')).toBe('newest');
  });

  it('is not read by who asks while the delete is still being tried', async () => {
    const world = makeWorld();
    const { cache, remote, local } = await world.start({ ttl: '1h' });
    const pages = cache.namespace<string>('page');
    await pages.set('/', 'old');
    local.clear();
    remote.fail({ on: ['deleteMany'], hang: true, dropWrites: true });
    const deleted = pages.delete('/');
    await world.clock.advance(30);
    const read = pages.get('/');
    await world.clock.advance(20);
    await deleted;
    const asked = remote.calls.getMany;
    expect([await read, pages.getSync('/'), await pages.get('/')]).toEqual([undefined, undefined, undefined]);
    // It is there, and it is not even asked for.
    expect([world.shared.keys(), remote.calls.getMany]).toEqual([['page:/'], asked]);
  });

  it('is repaired when the breaker closes, without a request', async () => {
    const world = makeWorld();
    const { cache, remote, events } = await world.start({ ttl: '1h' });
    const pages = cache.namespace<string>('page');
    await pages.set('/', 'old');
    remote.fail(DOWN);
    for (const key of ['/', 'a', 'b', 'c']) await pages.delete(key);
    remote.heal();
    const asked = remote.calls.getMany;
    await world.clock.advance(250);
    expect([remote.calls.getMany - asked, world.shared.keys()]).toEqual([1, []]);
    expect(events.filter(({ type }) => type === 'breaker').map((event) => 'state' in event && event.state)).toEqual([
      'open',
      'closed',
    ]);
  });

  it('is more than can be remembered: then everything is emptied', async () => {
    const world = makeWorld();
    const { cache, remote, local } = await world.start({ ttl: '1h' });
    const pages = cache.namespace<string>('page');
    await pages.set('never deleted', 'old');
    await pages.set('tagged', 'old', { tags: ['news'] });
    remote.fail({ on: ['setMany', 'deleteMany'], ...DOWN });
    await cache.invalidateTags('news');
    await pages.delete(...Array.from({ length: 10_000 }, (_, index) => `${index}`));
    local.clear();
    remote.heal();
    world.bus.gap();
    expect(await pages.getMany(['never deleted', 'tagged'])).toEqual([undefined, undefined]);
    await world.clock.advance(1_000);
    expect(world.shared.keys().filter((key) => key.startsWith('page:'))).toEqual([]);
    await pages.set('again', 'new');
    expect(world.shared.keys()).toContain('page:again');
  });

  it('is more than can be remembered: stamps from before do not come back to prove local entries', async () => {
    const world = makeWorld();
    const { cache, remote, local } = await world.start({ ttl: '1h' });
    const pages = cache.namespace<string>('page', { tags: ['news'] });
    await pages.set('/', 'old');
    remote.fail({ on: ['setMany', 'deleteMany', 'clear'], ...DOWN });
    await cache.invalidateTags('news');
    await cache.namespace('other').delete(...Array.from({ length: 10_000 }, (_, index) => `${index}`));
    await world.clock.advance(10_001);
    expect(local.held.has(nameIn(1, '/'))).toBe(true);
    expect(await pages.get('/')).toBeUndefined();
  });

  it('is a clear: until it is done, the remote tier counts as empty', async () => {
    const world = makeWorld();
    const { cache, remote } = await world.start({ ttl: '1h' });
    const pages = cache.namespace<string>('page');
    await pages.set('/', 'old');
    remote.fail({ on: ['clear'], ...DOWN });
    await cache.clear();
    expect(await pages.get('/')).toBeUndefined();
    remote.heal();
    await world.clock.advance(1_000);
    expect(world.shared.keys()).toEqual([]);
  });

  it('by another process is told to all who hear of it, even when its writer could not write it down', async () => {
    const world = makeWorld();
    const [one, two] = [await world.start({ ttl: '1h' }), await world.start({ ttl: '1h' })];
    const pages = two.cache.namespace<string>('page', { tags: ['news'] });
    await pages.set('/', 'old');
    one.remote.fail({ on: ['setMany'], ...DOWN });
    await one.cache.invalidateTags('news');
    expect([pages.getSync('/'), await pages.get('/')]).toEqual([undefined, undefined]);
  });
});

describe('a value of the remote tier', () => {
  it('keeps the time it has left when it comes into a local tier', async () => {
    const world = makeWorld();
    await (await world.start({ ttl: '10s', grace: '5s' })).cache.namespace<string>('page').set('/', 'home');
    await world.clock.advance(9_000);
    const { cache } = await world.start({ ttl: '10s', grace: '5s' });
    const pages = cache.namespace<string>('page');
    expect(await pages.get('/')).toBe('home');
    expect(pages.getSync('/')).toBe('home');
    await world.clock.advance(1_000);
    expect(pages.getSync('/')).toBeUndefined();
    await world.clock.advance(5_000);
    expect(await pages.getEntry('/')).toBeUndefined();
  });

  it('does not replace a fresher local one that came meanwhile', async () => {
    const world = makeWorld({ latencyMs: 3 });
    const other = (await world.start({ isAlone: true, ttl: '1s', grace: '1h' })).cache.namespace<string>('page');
    const { cache } = await world.start({ ttl: '10s' });
    const pages = cache.namespace<string>('page');
    void other.set('/', 'old');
    await world.clock.advance(1_010);
    const origin = gate<string>();
    void pages.getOrLoad('/', () => origin.promise);
    await world.clock.advance(7);
    const reading = pages.getEntry('/');
    await world.clock.advance(4);
    origin.open('new');
    await world.clock.advance(30);
    await reading;
    expect(pages.getSync('/')).toBe('new');
  });

  it('that is too large, or cannot be encoded, is returned, kept locally, and an event', async () => {
    const world = makeWorld();
    const { cache, local, events } = await world.start();
    const pages = cache.namespace<unknown>('page');
    const code = (): number => 1;
    expect(await pages.getOrLoad('/', () => code)).toBe(code);
    await world.settle();
    expect([local.held.has(nameIn(1, '/')), codesOf(events)]).toEqual([true, ['ENCODE_FAILED']]);
  });
});
