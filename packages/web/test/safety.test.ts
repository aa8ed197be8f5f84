/** What Express caches are known to do to their users, one test each: with two users where one could reach the other. */

import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Request, Response } from 'express';
import { describe, expect, it } from 'vitest';
import { EXPRESSES, startSite } from './support/site.ts';

const A = { cookie: 'session=a' };
const B = { cookie: 'session=b' };
const who = (req: Request): string => req.get('cookie') ?? req.get('authorization') ?? 'nobody';

describe.each(EXPRESSES)('safety on %s', (_name, express) => {
  /** Routes under an explicit `ttl`, the setting under which others fail. */
  const start = (handler: (req: Request, res: Response) => void, options: Parameters<typeof startSite>[1] = {}) =>
    startSite((app) => app.use(handler), { ttl: '1m', express, ...options });

  it("1. does not replay user A's Set-Cookie to B", async () => {
    let runs = 0;
    const { ask } = await start((_, res) => void res.cookie('session', `user ${++runs}`).send('welcome'));
    await ask('/');
    const second = await ask('/');
    expect(String(second.headers['set-cookie'])).toContain('user%202');
    expect(second.cache).toBe('kvasir; fwd=uri-miss; fwd-status=200; detail=hit-for-miss:set-cookie');
  });

  it('2. does not serve a response to Authorization A to B, nor to nobody', async () => {
    const { ask } = await start((req, res) => void res.set('Cache-Control', 'max-age=60').send(who(req)));
    expect((await ask('/', { headers: { authorization: 'A' } })).text).toBe('A');
    expect((await ask('/', { headers: { authorization: 'B' } })).text).toBe('B');
    expect((await ask('/')).text).toBe('nobody');
    expect((await ask('/', { headers: { authorization: 'B' } })).text).toBe('B');
  });

  it.each(['x-api-key', 'remote-user', 'cf-access-jwt-assertion', 'x-session-id'])(
    'does not serve what %s A got to B, nor to nobody, and theirs not to A',
    async (name) => {
      const { ask } = await start(
        (req, res) => void res.set('Cache-Control', 'max-age=60').send(req.get(name) ?? 'nobody'),
      );
      for (const user of ['A', 'B', 'A']) expect((await ask('/', { headers: { [name]: user } })).text).toBe(user);
      expect((await ask('/')).text).toBe('nobody');
      expect((await ask('/', { headers: { [name]: 'B' } })).text).toBe('B');
    },
  );

  it('shares among keys what is marked public, and keeps one page for each where Vary names the key', async () => {
    const { ask } = await start((req, res) => {
      res
        .set('Cache-Control', req.path === '/all' ? 'public, max-age=60' : 'max-age=60')
        .vary(req.path === '/own' ? 'X-Api-Key' : 'Accept');
      res.send(req.get('x-api-key'));
    });
    const get = (path: string, user: string) => ask(path, { headers: { 'x-api-key': user } });
    expect((await get('/all', 'A')).text).toBe('A');
    expect((await get('/all', 'B')).text).toBe('A');
    for (const user of ['A', 'B', 'A', 'B']) expect((await get('/own', user)).text).toBe(user);
    expect((await get('/own', 'B')).cache).toContain('hit');
  });

  it('3. does not serve a page built from cookie A to B, nor to nobody, and theirs not to A', async () => {
    const { ask } = await start((req, res) => void res.set('Cache-Control', 'max-age=60').send(who(req)));
    expect((await ask('/', { headers: A })).text).toBe('session=a');
    expect((await ask('/', { headers: B })).text).toBe('session=b');
    expect((await ask('/')).text).toBe('nobody');
    expect((await ask('/', { headers: A })).text).toBe('session=a');
  });

  it('4. heeds Vary: Accept-Language', async () => {
    const { ask } = await start(
      (req, res) => void res.set('Vary', 'Accept-Language').send(`in ${req.get('accept-language')}`),
    );
    for (const language of ['de', 'en', 'de'])
      expect((await ask('/', { headers: { 'accept-language': language } })).text).toBe(`in ${language}`);
    expect((await ask('/', { headers: { 'accept-language': 'en' } })).cache).toContain('hit');
  });

  it.each([
    ['5. private', 'private, max-age=60'],
    ['6. no-store', 'no-store'],
    ['no-cache', 'no-cache, max-age=60'],
    ['a degenerate private="" (CVE-2026-13697)', 'private="", max-age=60'],
    ['a qualified private="x-user"', 'max-age=60, private="x-user"'],
    ['a qualified no-cache="x-user"', 'max-age=60, no-cache="x-user"'],
    ['PRIVATE in capitals', 'PRIVATE, Max-Age=60'],
    ['a field that breaks its grammar', 'max-age=60; private'],
  ])('%s is not served to others', async (_title, field) => {
    let runs = 0;
    const { ask } = await start((_, res) => void res.set('Cache-Control', field).send(`run ${++runs}`));
    await ask('/');
    expect((await ask('/')).text).toBe('run 2');
  });

  it('7. keeps hosts apart', async () => {
    const { ask } = await start((req, res) => void res.send(req.get('host')));
    expect((await ask('/', { headers: { host: 'a.example' } })).text).toBe('a.example');
    expect((await ask('/', { headers: { host: 'b.example' } })).text).toBe('b.example');
    expect((await ask('/', { headers: { host: 'A.example' } })).cache).toContain('hit');
  });

  it('8. runs the app for every POST', async () => {
    let runs = 0;
    const { ask } = await start((_, res) => void res.send(`run ${++runs}`));
    expect((await ask('/', { method: 'POST' })).text).toBe('run 1');
    expect((await ask('/', { method: 'POST' })).text).toBe('run 2');
  });

  it("9. does not give a GET the POST's body", async () => {
    const { ask } = await start((req, res) => void res.send(req.method));
    await ask('/', { method: 'POST' });
    expect((await ask('/')).text).toBe('GET');
    expect((await ask('/', { method: 'POST' })).text).toBe('POST');
  });

  it('10. does not answer a plain GET with a 206', async () => {
    const { ask } = await start((req, res) => {
      if (req.get('range') === undefined) res.send('whole');
      else res.status(206).set('Content-Range', 'bytes 0-0/5').send('w');
    });
    expect((await ask('/', { headers: { range: 'bytes=0-0' } })).status).toBe(206);
    expect((await ask('/')).text).toBe('whole');
  });

  it('10b. does not keep a part that calls itself 200', async () => {
    const { ask } = await start((_, res) => void res.set('Content-Range', 'bytes 0-0/5').send('w'));
    await ask('/');
    expect((await ask('/')).cache).toContain('partial');
  });

  it('11. does not send gzip bytes to an identity client', async () => {
    const { ask } = await start((req, res) => {
      res.set('Vary', 'Accept-Encoding').type('text');
      if (req.acceptsEncodings('gzip', 'identity') === 'gzip')
        res.set('Content-Encoding', 'gzip').send(gzipSync('text'));
      else res.send('text');
    });
    await ask('/', { headers: { 'accept-encoding': 'gzip' } });
    const plain = await ask('/', { headers: { 'accept-encoding': 'identity' } });
    expect([plain.text, plain.headers['content-encoding']]).toEqual(['text', undefined]);
  });

  it('12. does not keep a 500', async () => {
    let runs = 0;
    const { ask } = await start((_, res) => void res.status(++runs === 1 ? 500 : 200).send('x'));
    expect((await ask('/')).status).toBe(500);
    expect((await ask('/')).status).toBe(200);
  });

  it('12b. keeps no server error, however explicit it is', async () => {
    let runs = 0;
    const { ask } = await start((_, res) => {
      runs++;
      res.status(503).set('Cache-Control', 'public, max-age=60').send('down');
    });
    await ask('/');
    await ask('/');
    expect(runs).toBe(2);
  });

  it('13. does not keep the short body of an app that ends early when its client aborts', async () => {
    let runs = 0;
    let left: () => void = () => {};
    const aborted = new Promise<void>((resolve) => {
      left = resolve;
    });
    const { ask, port } = await start((req, res) => {
      if (++runs > 1) return void res.send('the whole page');
      res.write('the who');
      req.socket.once('close', () => {
        res.end();
        left();
      });
    });
    const client = connect(port, '127.0.0.1', () => client.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'));
    client.once('data', () => client.destroy());
    await aborted;
    expect((await ask('/', { headers: { host: '127.0.0.1' } })).text).toBe('the whole page');
  });

  it('14. does not hang a key whose app destroyed the response mid-body', async () => {
    let runs = 0;
    const { ask } = await start((_, res) => {
      if (++runs > 1) return void res.send('fine');
      res.write('part');
      setImmediate(() => res.destroy());
    });
    const [first, second] = await Promise.allSettled([ask('/'), ask('/')]);
    expect(first.status).toBe('rejected');
    expect(second).toMatchObject({ status: 'fulfilled', value: { text: 'fine' } });
    expect((await ask('/')).text).toBe('fine');
  });

  it('15. runs the handler once for 100 concurrent misses', async () => {
    let runs = 0;
    const { ask, arrived } = await start((_, res) => {
      runs++;
      void arrived(100).then(() => res.send('x'.repeat(10_000)));
    });
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask('/')));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(runs).toBe(1);
    expect(answers.filter(({ cache }) => cache === 'kvasir; fwd=uri-miss; collapsed')).toHaveLength(99);
  });

  it('16. keeps a piped response', async () => {
    const { ask } = await start((_, res) => {
      res.type('text');
      void import('node:stream').then(({ Readable }) => Readable.from(['pi', 'ped']).pipe(res));
    });
    expect((await ask('/')).text).toBe('piped');
    const warm = await ask('/');
    expect([warm.text, warm.cache]).toEqual(['piped', 'kvasir; hit; ttl=60']);
  });

  it('17. understands an array-valued Cache-Control', async () => {
    let runs = 0;
    const { ask } = await start((req, res) => {
      res.setHeader('Cache-Control', req.path === '/private' ? ['max-age=60', 'private'] : ['public', 'max-age=60']);
      res.end(`run ${++runs}`);
    });
    await ask('/private');
    expect((await ask('/private')).text).toBe('run 2');
    await ask('/public');
    expect((await ask('/public')).text).toBe('run 3');
  });
});
