import { type CacheOptions, createCache, DEFAULTS, type NamespaceOptions } from '@kvasir/core';
import { ManualClock, memoryLeases, memoryRemote } from '@kvasir/core/testing';
import { describe, expect, it } from 'vitest';
import { mapStore } from '../support/map-store.ts';

const clock = new ManualClock();
const local = (): ReturnType<typeof mapStore> => mapStore(clock);

describe('createCache()', () => {
  it.each<[string, unknown]>([
    ['createCache() options: expected an object, got undefined', undefined],
    ['createCache() tirs: expected one of tiers', { tiers: [local()], tirs: 1 }],
    ['createCache() tiers: expected [local], [remote] or [local, remote], got undefined', {}],
    ['createCache() tiers: expected [local]', { tiers: [] }],
    ["got 'remote, local'", { tiers: [memoryRemote(), local()] }],
    ["got 'local, local'", { tiers: [local(), local()] }],
    ["got 'remote, remote'", { tiers: [memoryRemote(), memoryRemote()] }],
    ['createCache() tiers', { tiers: [null] }],
    ['createCache() tiers', { tiers: [{ kind: 'redis' }] }],
    [
      "createCache() ttl: expected a duration: ms >= 0, or like '250ms', '5s', '1m', '12h', '7d', got '5 minutes'",
      { ttl: '5 minutes' },
    ],
    ['createCache() ttl: expected a duration', { ttl: -1 }],
    ['createCache() grace: expected a duration', { grace: '-1s' }],
    ['createCache() maxStampAge: expected a duration', { maxStampAge: NaN }],
    ['createCache() remoteDeadline: expected a duration', { remoteDeadline: 'soon' }],
    ['createCache() leaseTtl: expected at least 1 ms, and an end', { leaseTtl: 0 }],
    ['createCache() leaseTtl: expected at least 1 ms, and an end', { leaseTtl: Infinity }],
    ['createCache() refreshAhead: expected a number from 0 to 10', { refreshAhead: -1 }],
    ['createCache() refreshAhead: expected a number from 0 to 10', { refreshAhead: '1' }],
    ['createCache() random: expected a function, got 0.5', { random: 0.5 }],
    ['createCache() clock: expected an object with the methods now, after', { clock: Date }],
    ['createCache() bus: expected an object with the methods publish, subscribe, close', { bus: {} }],
    ['createCache() bus: expected an object with the methods', { bus: null }],
    ['createCache() leases: expected an object with the methods acquire, release, settled, close', { leases: 1 }],
    ['createCache() leases: expected a remote tier beside them', { leases: memoryLeases() }],
  ])('says "%s"', (message, options) => {
    const whole =
      typeof options === 'object' && !('tiers' in (options as object)) && !message.includes('got undefined');
    const given = whole ? { tiers: [local()], ...(options as object) } : options;
    expect(() => createCache(given as CacheOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
    );
  });

  it.each<[string, unknown]>([
    ['codec: expected a codec', { codec: 'json' }],
    ['codec: expected a codec', { codec: { id: '', encode() {}, decode() {} } }],
    ['codec: expected a codec', { codec: { id: 'x'.repeat(65), encode() {}, decode() {} } }],
    ['codec: expected a codec', { codec: { id: 'mine', encode() {} } }],
    ['codec: expected a function', { codec: { id: 'mine', encode: 1, decode() {} } }],
    ['ttl: expected a duration', { ttl: 'x' }],
    ['grace: expected a duration', { grace: () => 1 }],
    ['tags: expected an array of strings, or a function that returns one', { tags: 'news' }],
    ['deadline: expected a duration', { deadline: -1 }],
    ['refreshBehind: expected a boolean, got 1', { refreshBehind: 1 }],
    ['tll: expected one of codec, ttl, grace, tags, deadline, refreshBehind', { tll: 1 }],
    ['options: expected an object, got null', null],
  ])('gives namespaces that say "%s"', (message, options) => {
    const cache = createCache({ tiers: [local()] });
    expect(() => cache.namespace('page', options as NamespaceOptions<unknown>)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(`namespace page ${message}`),
      }),
    );
  });

  it('refuses names of namespaces that could meet others', () => {
    const cache = createCache({ tiers: [local()] });
    for (const name of ['', 'a:b', 'tenant*', 'ünder', 'a b', '~stamp', 'x'.repeat(65), undefined, 7])
      expect(() => cache.namespace(name as string)).toThrow('namespace name: expected 1 to 64 of A-Z a-z 0-9 . _ -');
    expect(cache.namespace('A-z.0_9').name).toBe('A-z.0_9');
  });

  it('checks what is said of a single call, too', async () => {
    const pages = createCache({ tiers: [local()] }).namespace<string>('page');
    const refusal = (message: string): unknown =>
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) });
    await expect(pages.set('/', 'home', { ttl: 'x' as '1s' })).rejects.toEqual(refusal('page set ttl'));
    await expect(pages.set('/', 'home', { tll: 1 } as never)).rejects.toEqual(refusal('page set tll: expected one of'));
    await expect(pages.getOrLoad('/', () => 'home', { grace: -1 })).rejects.toEqual(refusal('page load grace'));
    await expect(pages.getOrLoad('/', () => 'home', { tll: 1 } as never)).rejects.toEqual(refusal('page load tll'));
    await expect(pages.set('/', 'home', { ttl: () => 'x' as '1s' })).rejects.toEqual(refusal('ttl'));
    expect(() => pages.prefetch(['/'], () => 'home', { deadline: 'x' as '1s' })).toThrow('page load deadline');
  });

  it('gives one namespace one codec', () => {
    const cache = createCache({ tiers: [local()] });
    const codec = { id: 'mine', encode: () => new Uint8Array(), decode: () => 1 };
    cache.namespace('page');
    expect(() => cache.namespace('page', { codec })).toThrow(
      "namespace page codec: expected the codec it already has, v8, got 'mine'",
    );
    expect(() => cache.namespace('part', { codec })).not.toThrow();
    expect(() => cache.namespace('part', { codec: { ...codec } })).not.toThrow();
  });

  it('takes no local store that another cache uses, until that is closed', async () => {
    const store = local();
    const first = createCache({ tiers: [store] });
    expect(() => createCache({ tiers: [store] })).toThrow('createCache() tiers: expected a local store of its own');
    await first.close();
    expect(() => createCache({ tiers: [store] })).not.toThrow();
  });

  it('takes a remote tier alone, and reads its options without writing to them', async () => {
    const options = Object.freeze({
      tiers: Object.freeze([memoryRemote({ clock })] as const),
      clock,
    });
    const pages = createCache(options).namespace<string>('page', Object.freeze({ tags: Object.freeze(['a']) }));
    await pages.set('/', 'home');
    expect([pages.getSync('/'), await pages.get('/')]).toEqual([undefined, 'home']);
  });

  it('has the documented defaults: a minute fresh, no grace', async () => {
    expect(DEFAULTS).toEqual({
      ttl: '1m',
      grace: 0,
      maxStampAge: '10s',
      remoteDeadline: '50ms',
      leaseTtl: '5s',
      refreshAhead: 1,
    });
    const pages = createCache({ tiers: [local()], clock }).namespace<string>('page');
    await pages.set('/', 'home');
    const now = clock.now();
    expect(await pages.getEntry('/')).toMatchObject({ staleAt: now + 60_000, expiresAt: now + 60_000 });
  });
});
