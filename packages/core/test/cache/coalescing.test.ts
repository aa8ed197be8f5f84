import { KvasirError } from '@kvasir/core';
import { describe, expect, it } from 'vitest';
import { nameIn } from '../support/map-store.ts';
import { count, gate, makeWorld, startLocal } from '../support/world.ts';

describe('coalescing', () => {
  it('makes one load for a thousand callers, and tells each how it came by the value', async () => {
    const { cache, events } = startLocal();
    const pages = cache.namespace<number>('page');
    let loads = 0;
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, () =>
        pages.resolve('/', async () => {
          loads += 1;
          await Promise.resolve();
          return loads;
        }),
      ),
    );
    expect(loads).toBe(1);
    expect(new Set(answers.map(({ value }) => value))).toEqual(new Set([1]));
    expect(answers.map(({ outcome }) => outcome)).toEqual(['load', ...Array.from({ length: 999 }, () => 'join')]);
    expect(count(events, 'join')).toBe(999);
    expect(cache.stats()).toMatchObject({ loads: 1, joins: 999, misses: 1, inFlight: 0 });
  });

  it('makes one load also for callers that come while it runs, and one batch of reads for all of a tick', async () => {
    const world = makeWorld();
    const { cache, remote } = await world.start();
    const pages = cache.namespace<string>('page', { tags: ['pages'] });
    const origin = gate<string>();
    const first = pages.getOrLoad('/', () => origin.promise);
    await world.settle();
    const second = pages.getOrLoad('/', () => expect.fail('joins the running load'));
    const reads = remote.calls.getMany;
    origin.open('home');
    expect(await Promise.all([first, second])).toEqual(['home', 'home']);
    // The key and the stamp of its tag in one, and what was loaded is proven by what is known.
    expect(reads).toBe(1);
    expect(remote.calls.getMany).toBe(1);
  });

  it('fails every waiter with the error of the loader itself, and leaves nothing behind', async () => {
    const { cache, local, events } = startLocal();
    const pages = cache.namespace<string>('page');
    const failure = new Error('the origin is down');
    const answers = await Promise.allSettled(
      Array.from({ length: 1_000 }, () => pages.getOrLoad('/', () => Promise.reject(failure))),
    );
    expect(answers).toHaveLength(1_000);
    for (const answer of answers) expect(answer).toEqual({ status: 'rejected', reason: failure });
    expect(local.held.size).toBe(0);
    expect(cache.stats()).toMatchObject({ inFlight: 0, loads: 1, loadFailures: 1 });
    expect(events.filter(({ type }) => type === 'load')).toEqual([
      { type: 'load', key: 'page:/', durationMs: 0, ok: false },
    ]);
    expect(await pages.getOrLoad('/', () => 'back')).toBe('back');
  });

  it('rejects when a loader throws at once, with what it threw', async () => {
    const { cache } = startLocal();
    const thrown = { not: 'even an error' };
    await expect(
      cache.namespace<string>('page').getOrLoad('/', () => {
        throw thrown;
      }),
    ).rejects.toBe(thrown);
  });

  it('gives undefined to every waiter of a loader that has nothing, and keeps nothing', async () => {
    const { cache, local } = startLocal();
    const pages = cache.namespace<string | undefined>('page');
    const [a, b] = await Promise.all([
      pages.resolve('/', () => undefined),
      pages.resolve('/', () => expect.fail('joins')),
    ]);
    expect([a.value, a.entry, b.value, b.outcome]).toEqual([undefined, undefined, undefined, 'join']);
    expect(local.held.size).toBe(0);
  });

  it('refuses a loader that is no function', async () => {
    const { cache } = startLocal();
    const pages = cache.namespace<string>('page');
    for (const call of [
      () => pages.getOrLoad('/', 'home' as never),
      () => pages.resolve('/', undefined as never),
      async () => pages.prefetch(['/'], {} as never),
    ])
      await expect(call()).rejects.toThrow(/page load: expected a function/);
  });

  it('goes on loading while one of two waiters leaves, and aborts when the last one does', async () => {
    const { cache, clock, local } = startLocal();
    const pages = cache.namespace<string>('page');
    const [one, two] = [new AbortController(), new AbortController()];
    let seen: AbortSignal | undefined;
    const load = ({ signal }: { signal: AbortSignal }): Promise<string> => {
      seen = signal;
      return new Promise(() => {});
    };
    const first = pages.getOrLoad('/', load, { signal: one.signal });
    const second = pages.getOrLoad('/', load, { signal: two.signal });
    await clock.advance(0);
    one.abort(new Error('first left'));
    await expect(first).rejects.toThrow('first left');
    expect(seen?.aborted).toBe(false);
    two.abort(new Error('second left'));
    await expect(second).rejects.toThrow('second left');
    expect(seen?.aborted).toBe(true);
    expect(cache.stats().inFlight).toBe(0);
    expect(await pages.getOrLoad('/', () => 'anew')).toBe('anew');
    expect(local.held.get(nameIn(1, '/'))?.value).toBe('anew');
  });

  it('does not abort what a waiter without a signal still waits for', async () => {
    const { cache, clock } = startLocal();
    const pages = cache.namespace<string>('page');
    const origin = gate<string>();
    const leaver = new AbortController();
    const stays = pages.getOrLoad('/', () => origin.promise);
    const leaves = pages.getOrLoad('/', () => 'never', { signal: leaver.signal });
    await clock.advance(0);
    leaver.abort();
    await expect(leaves).rejects.toThrow();
    origin.open('home');
    expect(await stays).toBe('home');
    expect(pages.getSync('/')).toBe('home');
  });

  it('keeps nothing of a load that finishes although it was aborted', async () => {
    const { cache, clock, local } = startLocal();
    const pages = cache.namespace<string>('page');
    const origin = gate<string>();
    const leaver = new AbortController();
    const answer = pages.getOrLoad('/', () => origin.promise, { signal: leaver.signal });
    await clock.advance(0);
    leaver.abort();
    await expect(answer).rejects.toThrow();
    origin.open('half a page');
    await clock.advance(0);
    expect(local.held.size).toBe(0);
  });

  it('never calls the loader for a caller that has left before it was asked', async () => {
    const world = makeWorld();
    const { cache } = await world.start();
    let calls = 0;
    const answer = cache.namespace<string>('page').getOrLoad(
      '/',
      () => {
        calls += 1;
        return 'home';
      },
      { signal: AbortSignal.abort(new Error('gone')) },
    );
    await expect(answer).rejects.toThrow('gone');
    await world.settle();
    expect(calls).toBe(0);
    expect(cache.stats().inFlight).toBe(0);
  });

  it('aborts a load at its deadline and fails with LOAD_TIMEOUT', async () => {
    const { cache, clock, local } = startLocal();
    const pages = cache.namespace<string>('page', { deadline: '2s' });
    let seen: AbortSignal | undefined;
    const answer = pages.getOrLoad('/', ({ signal }) => {
      seen = signal;
      return new Promise(() => {});
    });
    const outcome = answer.catch((error: unknown) => error);
    await clock.advance(0);
    await clock.advance(1_999);
    expect(seen?.aborted).toBe(false);
    await clock.advance(1);
    const error = await outcome;
    expect(error).toBeInstanceOf(KvasirError);
    expect(error).toMatchObject({ code: 'LOAD_TIMEOUT' });
    expect(seen?.reason).toBe(error);
    expect(local.held.size).toBe(0);
  });

  it('shares loads between two handles of one namespace, and not between two namespaces', async () => {
    const { cache } = startLocal();
    const origin = gate<string>();
    const first = cache.namespace<string>('page').getOrLoad('/', () => origin.promise);
    const same = cache.namespace<string>('page').getOrLoad('/', () => 'not asked');
    const other = cache.namespace<string>('part').getOrLoad('/', () => 'other');
    expect(await other).toBe('other');
    origin.open('home');
    expect(await Promise.all([first, same])).toEqual(['home', 'home']);
  });
});
