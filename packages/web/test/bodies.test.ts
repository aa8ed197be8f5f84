import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ErrorRequestHandler, Express, Response } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, EXPRESSES, startSite, turns } from './support/site.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvasir-web-'));
  await writeFile(join(folder, 'page.html'), '<h1>from a file</h1>');
  await writeFile(join(folder, 'big.bin'), Buffer.alloc(3_000_000, 'x'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A raw client, which can leave and can refuse to read. */
function dial(port: number, path = '/'): Socket {
  const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`));
  socket.on('error', () => {});
  return socket;
}
const HOST = { host: '127.0.0.1' };
const fresh = (res: Response): Response => res.set('Cache-Control', 'max-age=60');

describe.each(EXPRESSES)('whatever way a handler answers on %s', (_name, express) => {
  const ways: [string, (res: Response) => void, string][] = [
    ['send', (res) => void res.send('text'), 'text'],
    ['json', (res) => void res.json({ a: ['ä'] }), '{"a":["ä"]}'],
    ['end', (res) => void res.end('text'), 'text'],
    ['write and end', (res) => void (res.write('te'), res.end(Buffer.from('xt'))), 'text'],
    [
      'writeHead',
      (res) => void res.writeHead(200, { 'Content-Type': 'text/x', 'Cache-Control': 'max-age=60' }).end('a'),
      'a',
    ],
    ['pipe', (res) => void Readable.from(['pi', 'pe']).pipe(res), 'pipe'],
    ['sendFile', (res) => res.sendFile(join(folder, 'page.html'), { cacheControl: false }), '<h1>from a file</h1>'],
    ['sendStatus 404', (res) => void res.sendStatus(404), 'Not Found'],
  ];
  it.each(ways)('%s is answered again as it was', async (_way, answer, text) => {
    const { ask } = await startSite((app) => app.get('/', (_req, res) => answer(fresh(res))), { express });
    const cold = await ask('/');
    const warm = await ask('/');
    expect([cold.text, warm.text, warm.status]).toEqual([text, text, cold.status]);
    expect(warm.cache).toBe('kvasir; hit; ttl=60');
    expect(warm.headers['content-length']).toBe(String(Buffer.byteLength(text)));
    for (const name of ['content-type', 'etag', 'last-modified', 'x-powered-by'])
      expect(warm.headers[name]).toBe(cold.headers[name]);
  });

  it('redirects are answered again with their Location', async () => {
    const { ask } = await startSite((app) => app.get('/', (_, res) => fresh(res).redirect('/next')), { express });
    await ask('/');
    const warm = await ask('/');
    expect([warm.status, warm.headers.location, warm.cache]).toEqual([302, '/next', 'kvasir; hit; ttl=60']);
  });

  it('HEAD is answered from a stored GET, and never becomes an empty GET', async () => {
    let runs = 0;
    const { ask } = await startSite((app) => app.get('/', (_, res) => fresh(res).send(`run ${++runs}`)), { express });
    const cold = await ask('/', { method: 'HEAD' });
    expect([cold.text, cold.cache]).toEqual(['', 'kvasir; fwd=uri-miss; fwd-status=200; detail=head']);
    expect((await ask('/')).text).toBe('run 2');
    const warm = await ask('/', { method: 'HEAD' });
    expect([warm.text, warm.headers['content-length'], warm.cache]).toEqual(['', '5', 'kvasir; hit; ttl=60']);
  });

  it('an error handed to next is not stored', async () => {
    let runs = 0;
    const { ask } = await startSite(
      (app) => {
        app.get('/', (_req, res, next) => {
          fresh(res);
          if (++runs === 1) next(new Error('broken'));
          else res.send('fine');
        });
        const sorry: ErrorRequestHandler = (_error, _req, res, _next) => void res.status(500).send('sorry');
        app.use(sorry);
      },
      { express },
    );
    expect((await ask('/')).text).toBe('sorry');
    expect((await ask('/')).text).toBe('fine');
  });

  it('what is thrown by a handler is not stored', async () => {
    let runs = 0;
    const { ask } = await startSite(
      (app) => {
        app.set('env', 'test');
        app.get('/', (_req, res) => {
          if (++runs === 1) throw new Error('broken');
          fresh(res).send('fine');
        });
      },
      { express },
    );
    expect((await ask('/')).status).toBe(500);
    expect((await ask('/')).text).toBe('fine');
  });
});

describe('bodies that are not whole', () => {
  it('an end before Content-Length bytes is not stored', async () => {
    let runs = 0;
    const { ask, port } = await startSite((app) =>
      app.get('/', (req, res) => {
        if (++runs > 1) return void fresh(res).send('the whole page');
        fresh(res).set('Content-Length', '100');
        res.write('short');
        res.end();
        setImmediate(() => req.socket.destroy());
      }),
    );
    await new Promise((resolve) => dial(port).resume().on('close', resolve));
    expect((await ask('/', { headers: HOST })).text).toBe('the whole page');
  });

  it('an error handed to next before Content-Length bytes lets at once go who waits', async () => {
    let runs = 0;
    const { ask, app, arrived } = await startSite((site) =>
      site.get('/', async (_req, res, next) => {
        if (++runs > 1) return void res.set('Cache-Control', 'max-age=60').send('whole');
        await arrived(2);
        res.set({ 'Cache-Control': 'max-age=60', 'Content-Length': '100' }).write('part');
        next(new Error('no disk'));
      }),
    );
    app.set('env', 'test');
    const [first, second] = await Promise.allSettled([ask('/'), ask('/')]);
    expect(first.status).toBe('rejected');
    expect(second).toMatchObject({ status: 'fulfilled', value: { text: 'whole' } });
  });

  it('a pipe whose source breaks is not stored, and who waited gets a whole answer', async () => {
    let runs = 0;
    const { ask, arrived } = await startSite((app) =>
      app.get('/', (_req, res) => {
        fresh(res);
        if (++runs > 1) return void res.send('whole');
        const source = Readable.from(
          (async function* () {
            yield 'part';
            await arrived(4);
            throw new Error('source broke');
          })(),
        );
        source.on('error', () => res.destroy()).pipe(res);
      }),
    );
    const [first, ...others] = await Promise.allSettled([ask('/'), ask('/'), ask('/'), ask('/')]);
    expect(first?.status).toBe('rejected');
    for (const other of others) expect(other).toMatchObject({ value: { text: 'whole' } });
    expect(runs).toBe(2);
  });

  it('a body above maxBodyBytes passes through, and is not waited for again', async () => {
    let runs = 0;
    const { ask } = await startSite(
      (app) =>
        app.get('/', (_req, res) => {
          runs++;
          fresh(res).write('x'.repeat(900));
          res.end('y'.repeat(200));
        }),
      { maxBodyBytes: 1000 },
    );
    expect((await ask('/')).text).toHaveLength(1100);
    const second = await ask('/');
    expect([second.text.length, runs]).toEqual([1100, 2]);
    expect(second.cache).toContain('hit-for-miss:too-large');
  });

  it('a sendFile above maxBodyBytes is known by its Content-Length', async () => {
    const { ask } = await startSite((app) =>
      app.get('/', (_req, res) => fresh(res).sendFile(join(folder, 'big.bin'), { cacheControl: false })),
    );
    const { body, cache } = await ask('/');
    expect([body.length, cache]).toEqual([3_000_000, 'kvasir; fwd=uri-miss; fwd-status=200; detail=too-large']);
  });
});

describe('clients that leave or do not read', () => {
  it('the handler of a client that left still fills the cache for who waits', async () => {
    let runs = 0;
    let gone: Promise<unknown> = Promise.resolve();
    const { ask, port, arrived } = await startSite((app) =>
      app.get('/', async (req, res) => {
        runs++;
        gone = new Promise((resolve) => req.socket.once('close', resolve));
        await gone;
        await turns();
        fresh(res).send('for the others');
      }),
    );
    const leader = dial(port);
    await arrived(1);
    const waiting = ask('/', { headers: HOST });
    await arrived(2);
    leader.destroy();
    expect((await waiting).text).toBe('for the others');
    expect((await ask('/', { headers: HOST })).cache).toContain('; hit');
    expect(runs).toBe(1);
  });

  it('when it leaves mid-stream, one of who waits takes over', async () => {
    let runs = 0;
    let release: () => void = () => {};
    const { ask, port, arrived } = await startSite((app) =>
      app.get('/', (_req, res) => {
        fresh(res);
        if (++runs > 1) return void res.end('second try');
        res.write('first');
        res.once('close', () => release());
      }),
    );
    const leader = dial(port);
    await new Promise((resolve) => leader.once('data', resolve));
    const waiting = Promise.all([ask('/', { headers: HOST }), ask('/', { headers: HOST })]);
    await arrived(3);
    const closed = new Promise<void>((resolve) => {
      release = resolve;
    });
    leader.destroy();
    await closed;
    expect((await waiting).map(({ text }) => text)).toEqual(['second try', 'second try']);
    expect(runs).toBe(2);
  });

  it('a leader that does not read stalls nobody', async () => {
    // More than both sockets hold.
    const blocks = 20;
    let runs = 0;
    const { ask, port, arrived } = await startSite(
      (app) =>
        app.get('/', (_req, res) => {
          runs++;
          Readable.from(Array.from({ length: blocks }, () => Buffer.alloc(1_000_000))).pipe(fresh(res));
        }),
      { maxBodyBytes: '32MB' },
    );
    const leader = dial(port);
    leader.pause();
    await arrived(1);
    const { body } = await ask('/', { headers: HOST });
    expect([body.length, runs]).toEqual([blocks * 1_000_000, 1]);
    leader.destroy();
  });

  it('who waits too long for another runs the handler itself', async () => {
    let runs = 0;
    let answer: () => void = () => {};
    const { ask, clock, arrived } = await startSite((app) =>
      app.get('/', (_req, res) => {
        fresh(res);
        if (++runs > 1) return void res.send('own');
        answer = () => void res.send('slow');
      }),
    );
    const slow = ask('/');
    await arrived(1);
    const waiting = ask('/');
    await arrived(2);
    await clock.advance(10_000);
    const own = await waiting;
    expect([own.text, own.cache]).toEqual(['own', 'kvasir; fwd=uri-miss; fwd-status=200; detail=late']);
    answer();
    expect((await slow).text).toBe('slow');
    expect((await ask('/')).text).toBe('slow');
  });
});

describe('compression', () => {
  /** A gzip of the plainest kind, in the way of the `compression` package. */
  function compress(app: Express): void {
    app.use((req, res, next) => {
      const end = res.end.bind(res);
      const writeHead = res.writeHead.bind(res);
      res.vary('Accept-Encoding');
      const zips = req.acceptsEncodings('gzip') === 'gzip' && req.get('accept-encoding') !== undefined;
      res.writeHead = ((status: number) => {
        if (zips) res.set('Content-Encoding', 'gzip').removeHeader('Content-Length');
        return writeHead(status);
      }) as typeof res.writeHead;
      res.end = ((chunk?: string | Buffer) => {
        if (!res.headersSent) res.writeHead(res.statusCode);
        return end(zips && chunk !== undefined ? gzipSync(chunk) : chunk);
      }) as typeof res.end;
      next();
    });
  }
  const read = (answer: Answer): string =>
    (answer.headers['content-encoding'] === 'gzip' ? gunzipSync(answer.body) : answer.body).toString();

  it.each(['before', 'after'] as const)('mounted %s gives each client the coding that it takes', async (where) => {
    const { ask } = await startSite(
      (app) => {
        if (where === 'after') compress(app);
        app.get('/', (_req, res) => fresh(res).send('a page'));
      },
      where === 'before' ? { before: compress } : {},
    );
    for (let round = 0; round < 2; round++) {
      const zipped = await ask('/', { headers: { 'accept-encoding': 'gzip' } });
      const plain = await ask('/');
      expect([read(zipped), read(plain)]).toEqual(['a page', 'a page']);
      expect([zipped.headers['content-encoding'], plain.headers['content-encoding']]).toEqual(['gzip', undefined]);
      if (round === 1) expect([zipped.cache, plain.cache]).toEqual(['kvasir; hit; ttl=60', 'kvasir; hit; ttl=60']);
    }
  });
});
