import { memoryLeases } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { codesOf, count, makeWorld } from '../support/world.ts';

const DOWN = { error: new Error('connection refused') } as const;

describe('a remote tier that fails', () => {
  it.each([
    ['is down', DOWN, 'REMOTE_FAILED'],
    ['hangs', { hang: true }, 'REMOTE_TIMEOUT'],
    ['is slower than its deadline', { delayMs: 400 }, 'REMOTE_TIMEOUT'],
  ])('because it %s is a miss for reads and loads, never an exception', async (_, faults, code) => {
    const world = makeWorld();
    const { cache, remote, events } = await world.start();
    const pages = cache.namespace<string>('page', { tags: ['news'] });
    remote.fail(faults);
    const answers = Promise.all([
      pages.get('a'),
      pages.getMany(['b', 'c']),
      pages.getEntry('d'),
      pages.getOrLoad('e', () => 'loaded'),
      cache.namespace<string>('part').getOrLoad('f', () => 'loaded'),
    ]);
    await world.clock.advance(200);
    expect(await answers).toEqual([undefined, [undefined, undefined], undefined, 'loaded', 'loaded']);
    const writes = Promise.all([pages.set('g', 'g'), pages.delete('h'), cache.invalidateTags('news'), cache.clear()]);
    await world.clock.advance(11_000);
    await writes;
    expect(codesOf(events)).toContain(code);
    expect(new Set(codesOf(events))).toEqual(new Set([code]));
  });

  it('keeps what carries no tag in the local tier, and what carries one nowhere: it cannot be proven', async () => {
    const world = makeWorld();
    const { cache, remote } = await world.start();
    remote.fail(DOWN);
    const pages = cache.namespace<string>('page');
    await pages.getOrLoad('plain', () => 'plain');
    await pages.getOrLoad('tagged', () => 'tagged', { tags: ['news'] });
    expect([pages.getSync('plain'), pages.getSync('tagged')]).toEqual(['plain', undefined]);
  });

  it.each([
    ['is cut short', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1), 'CORRUPT_ENVELOPE'],
    ['is noise', () => new Uint8Array(100), 'CORRUPT_ENVELOPE'],
    ['is empty', () => new Uint8Array(), 'CORRUPT_ENVELOPE'],
    [
      'has one bit changed',
      (bytes: Uint8Array) => bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1),
      'CORRUPT_ENVELOPE',
    ],
    ['is of a later version', (bytes: Uint8Array) => bytes.with(2, 9), 'UNSUPPORTED_VERSION'],
  ])('by an answer that %s is a miss with an error event, and is healed by the next load', async (_, corrupt, code) => {
    const world = makeWorld();
    await (await world.start()).cache.namespace<string>('page').set('/', 'home');
    const { cache, remote, events } = await world.start();
    const pages = cache.namespace<string>('page');
    remote.fail({ corrupt });
    expect(await pages.get('/')).toBeUndefined();
    expect(events.filter(({ type }) => type === 'error')).toMatchObject([{ code, key: 'page:/' }]);
    expect(await pages.getOrLoad('/', () => 'loaded')).toBe('loaded');
    remote.heal();
    await world.settle();
    expect(await (await world.start()).cache.namespace<string>('page').get('/')).toBe('loaded');
  });

  it('by an entry of another codec is a miss with an error event', async () => {
    const world = makeWorld();
    const [one, two] = [await world.start(), await world.start()];
    await one.cache.namespace<string>('page').set('/', 'home');
    const codec = {
      id: 'mine',
      encode: (text: string) => Buffer.from(text),
      decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
    };
    expect(await two.cache.namespace<string>('page', { codec }).get('/')).toBeUndefined();
    expect(codesOf(two.events)).toEqual(['CODEC_MISMATCH']);
  });

  it('by giving each read the answer of the one before hands out no value of another key', async () => {
    const world = makeWorld();
    const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`);
    const writer = (await world.start()).cache.namespace<string>('page');
    await Promise.all(keys.map((key) => writer.set(key, key, { tags: [`tag ${key}`] })));
    const { cache, remote, events } = await world.start();
    remote.fail({ swapReplies: true });
    const pages = cache.namespace<string>('page');
    for (const key of keys) expect([key, undefined]).toContain(await pages.get(key));
    const loaded = await Promise.all(keys.map((key) => pages.getOrLoad(key, () => key)));
    expect(loaded).toEqual(keys);
    expect(codesOf(events)).toContain('CORRUPT_ENVELOPE');
  });

  it('by an answer to nothing that was asked is out of reach', async () => {
    const world = makeWorld();
    const { cache, events } = await world.start({
      tiers: [{ ...world.shared, getMany: async () => [undefined, undefined, undefined] }],
    });
    expect(await cache.namespace<string>('page').getOrLoad('/', () => 'home')).toBe('home');
    expect(codesOf(events)).toEqual(['REMOTE_FAILED']);
  });
});

describe('a slow remote tier', () => {
  it('adds no more than its deadline to a request, whatever that has to ask for', async () => {
    const world = makeWorld();
    const { cache, remote } = await world.start({ leases: memoryLeases({ clock: world.clock }) });
    for (const tags of [[], ['news'], () => ['sport']]) {
      // Each call in time, all of them together not.
      remote.fail({ delayMs: 20 });
      const startedAt = world.clock.now();
      let endedAt = Infinity;
      const answer = cache
        .namespace<string>('page')
        .getOrLoad(`key ${tags.length}`, () => 'home', { tags })
        .finally(() => (endedAt = world.clock.now()));
      await world.clock.advance(200);
      expect(await answer).toBe('home');
      expect(endedAt - startedAt).toBeLessThanOrEqual(50);
    }
  });

  it('that hangs adds its deadline once, and after three failures nothing at all', async () => {
    const world = makeWorld();
    const { cache, remote, events } = await world.start();
    remote.fail({ hang: true });
    const pages = cache.namespace<string>('page', { tags: ['news'] });
    for (const [key, atMost] of [
      ['a', 50],
      ['b', 50],
      ['c', 0],
      ['d', 0],
    ] as const) {
      const startedAt = world.clock.now();
      let endedAt = Infinity;
      const answer = pages.getOrLoad(key, () => 'home').finally(() => (endedAt = world.clock.now()));
      await world.clock.advance(atMost);
      expect(await answer).toBe('home');
      expect(endedAt - startedAt).toBeLessThanOrEqual(atMost);
      await world.clock.advance(50 - atMost);
    }
    expect(count(events, 'breaker')).toBe(1);
  });

  it('that answers after the request has gone on does no harm', async () => {
    const world = makeWorld();
    await (await world.start()).cache.namespace<string>('page').set('/', 'old');
    const { cache, remote } = await world.start();
    const pages = cache.namespace<string>('page');
    remote.fail({ on: ['getMany'], hang: true });
    const answer = pages.getOrLoad('/', () => 'loaded');
    await world.clock.advance(50);
    expect(await answer).toBe('loaded');
    await pages.delete('/');
    remote.release();
    await world.settle();
    expect(pages.getSync('/')).toBeUndefined();
  });
});
