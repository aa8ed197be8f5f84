import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatHttpDate } from '../src/http-date.ts';
import { isNotModified, matchesIfRange } from '../src/validation.ts';
import { EXPRESSES, startSite } from './support/site.ts';

const NOW = Date.UTC(2026, 0, 1);
const at = (seconds: number): string => formatHttpDate(NOW + seconds * 1000);
const stored = { etag: 'W/"a"', lastModified: NOW - 100_000, date: NOW - 10_000 };

describe('isNotModified', () => {
  it.each([
    [{}, false],
    [{ 'if-none-match': '"a"' }, true],
    [{ 'if-none-match': 'W/"a"' }, true],
    [{ 'if-none-match': '"x", W/"a" , "y"' }, true],
    [{ 'if-none-match': '"x,\\"a\\"y"' }, false],
    [{ 'if-none-match': '*' }, true],
    [{ 'if-none-match': '"b"' }, false],
    [{ 'if-none-match': 'a' }, false],
    [{ 'if-none-match': '"b"', 'if-modified-since': at(0) }, false],
    [{ 'if-modified-since': at(-100) }, true],
    [{ 'if-modified-since': at(-101) }, false],
    [{ 'if-modified-since': 'yesterday' }, false],
  ])('%j: %s', (request, expected) => expect(isNotModified(request, stored, NOW)).toBe(expected));

  it('compares with Date where there is no Last-Modified, and with no tag where there is none', () => {
    expect(isNotModified({ 'if-modified-since': at(-10) }, { date: NOW - 10_000 }, NOW)).toBe(true);
    expect(isNotModified({ 'if-modified-since': at(-11) }, { date: NOW - 10_000 }, NOW)).toBe(false);
    expect(isNotModified({ 'if-none-match': '"a"' }, { date: NOW }, NOW)).toBe(false);
  });
});

describe('matchesIfRange', () => {
  it('joins parts by strong validators only', () => {
    expect(matchesIfRange('"a"', { ...stored, etag: '"a"' }, NOW)).toBe(true);
    expect(matchesIfRange('W/"a"', stored, NOW)).toBe(false);
    expect(matchesIfRange('"a"', stored, NOW)).toBe(false);
    expect(matchesIfRange(at(-100), stored, NOW)).toBe(true);
    expect(matchesIfRange(at(-99), stored, NOW)).toBe(false);
    expect(matchesIfRange(at(-10), { lastModified: NOW - 10_000, date: NOW - 10_000 }, NOW)).toBe(false);
  });
});

describe.each(EXPRESSES)('conditional requests on %s', (_name, express) => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kvasir-web-'));
    await writeFile(join(folder, 'file.txt'), 'from a file');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('are answered with 304 from the cache, with what updates the client and nothing of the body', async () => {
    const { ask, clock } = await startSite(
      (app) =>
        app.get('/', (_, res) => {
          res.set({ 'Cache-Control': 'max-age=60', Vary: 'Accept', 'X-Own': '1', 'Access-Control-Allow-Origin': '*' });
          res.send('text');
        }),
      { express },
    );
    const { headers } = await ask('/');
    await clock.advance(5000);
    const answer = await ask('/', { headers: { 'if-none-match': String(headers.etag) } });
    expect([answer.status, answer.text, answer.cache]).toEqual([304, '', 'kvasir; hit; ttl=55']);
    expect(answer.headers).toMatchObject({
      age: '5',
      etag: headers.etag,
      vary: 'Accept',
      'cache-control': 'max-age=60',
    });
    expect(answer.headers).toMatchObject({ date: headers.date, 'access-control-allow-origin': '*' });
    for (const name of ['content-type', 'content-length']) expect(answer.headers[name]).toBeUndefined();
    expect((await ask('/', { headers: { 'if-none-match': '"other"' } })).text).toBe('text');
  });

  it('do not keep a page from being stored: the handler is asked for the whole', async () => {
    const { ask } = await startSite(
      (app) =>
        app.get('/', (_, res) =>
          res.set('Cache-Control', 'max-age=60').sendFile(join(folder, 'file.txt'), { cacheControl: false }),
        ),
      { express },
    );
    const first = await ask('/', { headers: { 'if-modified-since': formatHttpDate(Date.now() + 100_000) } });
    expect([first.status, first.cache]).toEqual([200, 'kvasir; fwd=uri-miss; fwd-status=200; stored']);
    const later = { 'if-modified-since': String(first.headers['last-modified']) };
    const warm = await ask('/', { headers: later });
    expect([warm.status, warm.cache]).toEqual([304, 'kvasir; hit; ttl=60']);
  });

  it('reach the handler where nothing is stored, which may answer 304 itself', async () => {
    const { ask } = await startSite((app) => app.get('/', (_, res) => res.send('text')), { express });
    const { headers } = await ask('/');
    const answer = await ask('/', { headers: { 'if-none-match': String(headers.etag) } });
    expect([answer.status, answer.cache]).toEqual([
      304,
      'kvasir; fwd=uri-miss; fwd-status=304; detail=hit-for-miss:no-freshness',
    ]);
  });

  it('about a redirect get the redirect', async () => {
    const { ask } = await startSite(
      (app) => app.get('/', (_, res) => res.set({ 'Cache-Control': 'max-age=60', ETag: '"a"' }).redirect('/b')),
      { express },
    );
    await ask('/');
    expect((await ask('/', { headers: { 'if-none-match': '"a"' } })).status).toBe(302);
  });

  it('that forbid a change bypass the cache', async () => {
    const { ask } = await startSite(
      (app) => app.get('/', (_, res) => res.set('Cache-Control', 'max-age=60').send('x')),
      {
        express,
      },
    );
    await ask('/');
    const answer = await ask('/', { headers: { 'if-match': '"z"' } });
    expect(answer.cache).toBe('kvasir; fwd=bypass; fwd-status=200; detail=precondition');
  });
});
