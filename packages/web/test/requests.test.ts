import { createCache } from '@kvasir/core';
import { ManualClock } from '@kvasir/core/testing';
import { memory } from '@kvasir/memory';
import type { Express } from 'express';
import { describe, expect, it } from 'vitest';
import { EXPRESSES, startSite } from './support/site.ts';

function count(app: Express, field = 'max-age=60'): void {
  let runs = 0;
  app.get('/', (_, res) => void res.set('Cache-Control', field).send(`run ${++runs}`));
}

describe('what a client may ask', () => {
  it.each([
    [{ 'cache-control': 'no-cache' }, 'kvasir; fwd=request; fwd-status=200; detail=no-cache'],
    [{ pragma: 'no-cache' }, 'kvasir; fwd=request; fwd-status=200; detail=no-cache'],
    [{ 'cache-control': 'max-age=5' }, 'kvasir; fwd=request; fwd-status=200; detail=max-age'],
    [{ 'cache-control': 'min-fresh=60' }, 'kvasir; fwd=request; fwd-status=200; detail=min-fresh'],
    [{ 'cache-control': 'no-store' }, 'kvasir; fwd=request; fwd-status=200; detail=no-store'],
  ])('%j gets an answer of its own', async (headers, cache) => {
    const { ask, clock } = await startSite((app) => count(app));
    await ask('/');
    await clock.advance(10_000);
    const answer = await ask('/', { headers });
    expect([answer.text, answer.cache]).toEqual(['run 2', cache]);
    expect((await ask('/')).text).toBe('run 1');
  });

  it('no-store keeps nothing of it', async () => {
    const { ask } = await startSite((app) => count(app));
    await ask('/', { headers: { 'cache-control': 'no-store' } });
    expect((await ask('/')).text).toBe('run 2');
  });

  it('only-if-cached gets 504 rather than the handler', async () => {
    const { ask } = await startSite((app) => count(app));
    const headers = { 'cache-control': 'only-if-cached' };
    const cold = await ask('/', { headers });
    expect([cold.status, cold.cache]).toEqual([504, 'kvasir; detail=only-if-cached']);
    await ask('/');
    expect((await ask('/', { headers })).text).toBe('run 1');
    expect((await ask('/', { headers: { 'cache-control': 'only-if-cached, max-age=0, no-cache' } })).status).toBe(504);
  });
});

describe('Age', () => {
  it('counts what the answer brought, what it took and what it stayed', async () => {
    const { ask, clock } = await startSite((app) =>
      app.get('/', (_, res) => {
        void clock.advance(2000).then(() => res.set({ 'Cache-Control': 'max-age=60', Age: '10' }).send('x'));
      }),
    );
    expect((await ask('/')).headers.age).toBe('10');
    await clock.advance(3900);
    const warm = await ask('/');
    expect([warm.headers.age, warm.cache]).toEqual(['15', 'kvasir; hit; ttl=44']);
    await clock.advance(44_099);
    expect((await ask('/')).cache).toContain('; hit');
    await clock.advance(1);
    expect((await ask('/')).cache).toContain('fwd=uri-miss');
  });

  it('keeps the Date of the answer, and gives it one where it has none', async () => {
    const { ask, clock } = await startSite((app) => count(app));
    await ask('/');
    const stamped = new Date(clock.now()).toUTCString();
    await clock.advance(5000);
    expect((await ask('/')).headers.date).toBe(stamped);
  });
});

describe.each(EXPRESSES)('req.kvasir on %s', (_name, express) => {
  it('skips, sets a ttl and tags', async () => {
    let runs = 0;
    const { ask, pages, clock } = await startSite(
      (app) => {
        app.get('/skip', (req, res) => {
          req.kvasir?.skip();
          res.set('Cache-Control', 'max-age=60').send(`run ${++runs}`);
        });
        app.get('/ttl', (req, res) => {
          req.kvasir?.ttl('10s');
          req.kvasir?.tags('news');
          res.send(`run ${++runs}`);
        });
      },
      { express },
    );
    await ask('/skip');
    expect((await ask('/skip')).cache).toContain('hit-for-miss:skip');
    await ask('/ttl');
    expect((await ask('/ttl')).cache).toBe('kvasir; hit; ttl=10');
    await pages.invalidateTags('news');
    expect((await ask('/ttl')).cache).toContain('stored');
    await clock.advance(10_000);
    expect((await ask('/ttl')).cache).toContain('stored');
  });

  it('is there for every method', async () => {
    const { ask } = await startSite((app) => app.use((req, res) => void res.send(typeof req.kvasir?.ttl)), { express });
    for (const method of ['GET', 'POST', 'DELETE']) expect((await ask('/', { method })).text).toBe('function');
  });

  it('can skip before the cache is asked', async () => {
    const { ask } = await startSite((app) => count(app), {
      express,
      before: (app) =>
        app.use(async (req, _res, next) => {
          const { controlOf } = await import('@kvasir/core/http');
          if (req.get('x-editor') !== undefined) controlOf(req).skip();
          next();
        }),
    });
    await ask('/');
    const answer = await ask('/', { headers: { 'x-editor': '1' } });
    expect([answer.text, answer.cache]).toEqual(['run 2', 'kvasir; fwd=bypass; fwd-status=200; detail=skip']);
  });
});

describe('options of web()', () => {
  it('key keeps tenants apart, and undefined or a throw bypasses', async () => {
    const { ask } = await startSite(
      (app) => app.get('/', (req, res) => res.set('Cache-Control', 'max-age=60').send(req.get('x-tenant'))),
      {
        key: (req) => {
          const tenant = req.headers['x-tenant'];
          if (tenant === 'broken') throw new Error('no such tenant');
          return tenant as string | undefined;
        },
      },
    );
    for (const tenant of ['a', 'b', 'a'])
      expect((await ask('/', { headers: { 'x-tenant': tenant } })).text).toBe(tenant);
    expect((await ask('/', { headers: { 'x-tenant': 'b' } })).cache).toContain('; hit');
    expect((await ask('/')).cache).toBe('kvasir; fwd=bypass; fwd-status=200; detail=key');
    expect((await ask('/', { headers: { 'x-tenant': 'broken' } })).cache).toContain('detail=key');
  });

  it('ttl covers one mount and no other', async () => {
    const { web } = await import('../src/index.ts');
    const clock = new ManualClock();
    const cache = createCache({ tiers: [memory({ clock })], clock });
    const { ask } = await startSite(
      (app) => {
        app.use('/hot', web({ cache, clock, ttl: '5s' }));
        app.get(['/hot/page', '/cold/page'], (_, res) => res.send('x'));
      },
      { cache: createCache({ tiers: [memory({ clock })], clock }), clock },
    );
    await ask('/hot/page');
    await ask('/cold/page');
    expect((await ask('/hot/page')).cache).toContain('kvasir; hit; ttl=5');
    expect((await ask('/cold/page')).cache).not.toContain('; hit');
  });

  it('ttl covers one route, behind a mount for all over the same cache', async () => {
    const { web } = await import('../src/index.ts');
    const clock = new ManualClock();
    const cache = createCache({ tiers: [memory({ clock })], clock });
    let runs = 0;
    const { ask } = await startSite(
      (app, pages) => {
        app.use(pages);
        app.get('/hot', web({ cache, clock, ttl: '5s' }), (_, res) => void res.send(`run ${++runs}`));
        app.get('/cold', (_, res) => void res.set('Cache-Control', 'max-age=60').send(`run ${++runs}`));
      },
      { cache, clock },
    );
    for (const path of ['/hot', '/cold', '/hot', '/cold']) await ask(path);
    expect(runs).toBe(2);
    await clock.advance(5000);
    for (const path of ['/hot', '/cold']) await ask(path);
    expect(runs).toBe(3);
  });

  it('clientDirectives: false answers a reload from the cache', async () => {
    const { ask } = await startSite((app) => count(app), { clientDirectives: false });
    for (const headers of [{}, { 'cache-control': 'max-age=0' }, { 'cache-control': 'no-cache', pragma: 'no-cache' }])
      expect((await ask('/', { headers })).text).toBe('run 1');
  });

  it.each([
    [{ tll: '1m' }, 'web() tll'],
    [{ ttl: 'soon' }, 'web() ttl'],
    [{ ttl: -1 }, 'web() ttl'],
    [{ maxBodyBytes: 'big' }, 'web() maxBodyBytes'],
    [{ key: 'x' }, 'web() key'],
    [{ tags: 'news' }, 'web() tags'],
    [{ tags: [''] }, 'web() tags'],
    [{ cache: {} }, 'web() cache'],
    [{ clientDirectives: 'no' }, 'web() clientDirectives'],
    [{ clock: {} }, 'web() clock'],
    ['1m', 'web() options'],
  ])('refuses %j, naming the option', async (options, named) => {
    const { web } = await import('../src/index.ts');
    expect(() => web(options as never)).toThrowError(named);
  });
});
