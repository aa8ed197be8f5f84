import type { Express } from 'express';
import { describe, expect, it } from 'vitest';
import { invalidatedBy, isUnsafe } from '../src/invalidation.ts';
import { purgeTag, targetTags } from '../src/tags.ts';
import { EXPRESSES, startSite } from './support/site.ts';

/** Pages under any path, and what changes them. */
function routes(app: Express): void {
  let runs = 0;
  app.get(['/a', '/b', '/c'], (req, res) => {
    res.set({
      'Cache-Control': 'max-age=60',
      Vary: 'Accept-Language',
      'Surrogate-Key': `page${req.path.slice(1)} all`,
    });
    res.set('Cache-Tag', 'tagged, twice').send(`run ${++runs}`);
  });
  app.all(['/a', '/b'], (req, res) => {
    const { status = '200', location, 'content-location': contentLocation } = req.headers;
    if (location !== undefined) res.set('Location', location);
    if (contentLocation !== undefined) res.set('Content-Location', contentLocation as string);
    res.status(Number(status)).end();
  });
}

describe.each(EXPRESSES)('unsafe requests on %s', (_name, express) => {
  it.each([
    ['POST', '200', true],
    ['PUT', '201', true],
    ['DELETE', '204', true],
    ['PATCH', '303', true],
    ['PURGE', '200', true],
    ['POST', '404', false],
    ['POST', '500', false],
    ['OPTIONS', '200', false],
  ])('%s with %s makes the page doubtful: %s', async (method, status, doubtful) => {
    const { ask } = await startSite(routes, { express });
    for (const language of ['de', 'en']) await ask('/a', { headers: { 'accept-language': language } });
    const answer = await ask('/a', { method, headers: { status } });
    expect(answer.cache).toBe(`kvasir; fwd=method; fwd-status=${status}`);
    for (const language of ['de', 'en']) {
      const after = await ask('/a', { headers: { 'accept-language': language } });
      expect(after.cache.includes('; hit')).toBe(!doubtful);
    }
  });
});

describe('unsafe requests', () => {
  it('also make doubtful what Location and Content-Location name on the same origin', async () => {
    const { ask, url } = await startSite(routes);
    for (const path of ['/a', '/b', '/c']) await ask(path);
    await ask('/a', { method: 'POST', headers: { location: '/b', 'content-location': `${url}/c` } });
    for (const path of ['/b', '/c']) expect((await ask(path)).cache).toContain('stored');
  });

  it('say nothing about other origins', async () => {
    const { ask } = await startSite(routes);
    const headers = { host: 'news.example' };
    await ask('/b', { headers: { host: 'other.example' } });
    await ask('/a', { method: 'POST', headers: { ...headers, location: 'http://other.example/b' } });
    expect((await ask('/b', { headers: { host: 'other.example' } })).cache).toContain('; hit');
  });

  it('that overtake a running GET leave its old page to nobody', async () => {
    let version = 1;
    let finish: () => void = () => {};
    const { ask, arrived } = await startSite((app) => {
      app.get('/', async (_req, res) => {
        const read = version;
        if (read === 1) await new Promise<void>((resolve) => (finish = resolve));
        res.set('Cache-Control', 'max-age=60').send(`version ${read}`);
      });
      app.post('/', (_req, res) => void res.send(`${++version}`));
    });
    const old = ask('/');
    await arrived(1);
    await ask('/', { method: 'POST' });
    const joined = ask('/');
    await arrived(3);
    finish();
    expect((await old).text).toBe('version 1');
    expect((await joined).text).toBe('version 2');
    expect((await ask('/')).text).toBe('version 2');
  });
});

describe('purge and invalidateTags', () => {
  it('purge takes an absolute URL for one host and a path for all', async () => {
    const { ask, pages, port } = await startSite(routes);
    const hosts = [`127.0.0.1:${port}`, 'other.example'];
    const ofBoth = () =>
      Promise.all(hosts.map(async (host) => (await ask('/a?x=%2F', { headers: { host } })).cache.includes('; hit')));
    await ofBoth();
    await pages.purge('/a', '/a?x=/');
    expect(await ofBoth()).toEqual([true, true]);
    await pages.purge('http://other.example/a?x=%2F#top');
    expect(await ofBoth()).toEqual([true, false]);
    await pages.purge('/a?x=%2F');
    expect(await ofBoth()).toEqual([false, false]);
  });

  it.each(['a', 'ftp://x/a', '', 7])('purge refuses %j', async (url) => {
    const { pages } = await startSite(routes);
    expect(() => pages.purge(url as string)).toThrowError('purge() url');
  });

  it.each([
    ['pagea', false, true],
    ['all', false, false],
    ['tagged', false, false],
    ['nothing', true, true],
  ])('tag %s: /a is a hit %s, /b %s', async (tag, a, b) => {
    const { ask, pages } = await startSite(routes);
    await ask('/a');
    await ask('/b');
    await pages.invalidateTags(tag);
    expect((await ask('/a')).cache.includes('; hit')).toBe(a);
    expect((await ask('/b')).cache.includes('; hit')).toBe(b);
  });

  it('tags may come from the option, by request', async () => {
    const { ask, pages } = await startSite(routes, { tags: (req) => [`path:${req.url}`] });
    await ask('/a');
    await pages.invalidateTags('path:/b');
    expect((await ask('/a')).cache).toContain('; hit');
    await pages.invalidateTags('path:/a');
    expect((await ask('/a')).cache).toContain('stored');
  });

  it('a page that cannot carry all its tags is not stored', async () => {
    const { ask } = await startSite((app) =>
      app.get('/', (_, res) => {
        res.set({ 'Cache-Control': 'max-age=60', 'Cache-Tag': 'x'.repeat(513) }).send('x');
      }),
    );
    expect((await ask('/')).cache).toContain('detail=tags');
  });
});

describe('the rules of invalidation', () => {
  const target = { scheme: 'http', authority: 'a.example', path: '/x', key: '' };
  it('survive a host that is no URL and a Location that is none', () => {
    expect(invalidatedBy({ ...target, authority: '[' }, 200, new Map())).toHaveLength(1);
    expect(invalidatedBy(target, 200, new Map([['location', ['http://[']]]))).toEqual([targetTags(target)[0]]);
    expect(invalidatedBy(target, 199, new Map())).toEqual([]);
  });
  it('take unknown methods for unsafe', () => {
    expect(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'POST', 'LOCK', 'BREW'].filter(isUnsafe)).toEqual([
      'POST',
      'LOCK',
      'BREW',
    ]);
  });
  it('name long URLs by digest', () => {
    const url = `http://a.example/${'x'.repeat(1000)}`;
    expect(purgeTag(url)).toBe(targetTags({ ...target, path: `/${'x'.repeat(1000)}` })[0]);
    expect(purgeTag(url)?.length).toBeLessThan(100);
  });
});
