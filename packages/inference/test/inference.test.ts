import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCache } from '@kvasir/core';
import { ManualClock } from '@kvasir/core/testing';
import { memory } from '@kvasir/memory';
import express, { type Express } from 'express';
import { describe, expect, it } from 'vitest';
import { type InferenceOptions, inference } from '../src/index.ts';
import { createModel, type Model } from './support/model.ts';
import { EXPRESS_VERSIONS, listen, post } from './support/server.ts';

const CHAT = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };

function appOf(model: Model, options?: InferenceOptions, create: () => Express = express): Express {
  const app = create();
  app.use(inference(options));
  app.use(express.json({ limit: '20mb' }));
  app.post('/{*path}', model.handler);
  return app;
}

describe.each(EXPRESS_VERSIONS)('inference() on %s', (_name, create) => {
  function app(model: Model, options?: InferenceOptions): Express {
    const made = create();
    made.use(inference(options), create.json(), model.handler);
    return made;
  }

  it('answers the same request again without the handler, byte for byte', async () => {
    const model = createModel();
    const { url } = await listen(app(model));
    const cold = await post(`${url}/v1/chat/completions`, CHAT);
    const coldBody = await cold.text();
    const warm = await post(`${url}/v1/chat/completions`, CHAT);
    expect(await warm.text()).toBe(coldBody);
    expect(model.calls).toHaveLength(1);
    expect(cold.headers.get('cache-status')).toBe('kvasir; fwd=miss; fwd-status=200');
    expect(warm.headers.get('cache-status')).toMatch(/^kvasir; hit; ttl=3[56]\d\d$/);
    expect(warm.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('answers a stream again byte for byte, with its fields but not its request id', async () => {
    const model = createModel();
    const { url } = await listen(app(model));
    const ask = () => post(`${url}/v1/chat/completions`, { ...CHAT, stream: true });
    const cold = await ask();
    const coldBody = await cold.text();
    const warm = await ask();
    expect(coldBody).toMatch(/data: \[DONE\]\n\n$/);
    expect(await warm.text()).toBe(coldBody);
    expect(warm.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(cold.headers.get('x-request-id')).toBe('req_stream');
    expect(warm.headers.get('x-request-id')).toBeNull();
    expect(model.calls).toHaveLength(1);
  });

  it('lets everything but POST pass untouched', async () => {
    const made = create();
    made.use(inference());
    made.get('/models', (_req, res) => void res.json(['m']));
    const { url } = await listen(made);
    const response = await fetch(`${url}/models`);
    expect(await response.json()).toEqual(['m']);
    expect(response.headers.get('cache-status')).toBeNull();
  });

  it('gives every request its req.kvasir', async () => {
    const made = create();
    made.use(inference());
    made.use('/', (req, res) => void res.json(typeof req.kvasir?.ttl));
    const { url } = await listen(made);
    for (const method of ['GET', 'PUT', 'POST']) expect(await (await fetch(url, { method })).json()).toBe('function');
  });

  it('stands behind another over the same cache', async () => {
    const model = createModel();
    const cache = createCache({ tiers: [memory()] });
    const made = create();
    made.use(create.json(), inference({ cache, ttl: '1m' }), inference({ cache, ttl: '1d' }), model.handler);
    const { url } = await listen(made);
    for (let ask = 0; ask < 2; ask++) await (await post(`${url}/v1/chat/completions`, CHAT)).text();
    expect(model.calls).toHaveLength(1);
  });

  it('leaves the errors of the handler to the app, and keeps none of them', async () => {
    const made = create();
    let calls = 0;
    made.use(inference());
    made.post('/fail', (_req, _res, next) => {
      calls++;
      next(new Error('no GPU'));
    });
    made.use(
      ((_error, _req, res, _next) => void res.status(503).json({ error: 'busy' })) as express.ErrorRequestHandler,
    );
    const { url } = await listen(made);
    for (let ask = 0; ask < 2; ask++) {
      const response = await post(`${url}/fail`, {});
      expect(response.status).toBe(503);
      expect(response.headers.get('cache-status')).toBe('kvasir; fwd=miss; fwd-status=503; detail=status');
    }
    expect(calls).toBe(2);
  });

  it('gives a handler without a body parser of its own the parsed body', async () => {
    const made = create();
    made.use(inference());
    made.post('/echo', (req, res) => void res.json(req.body));
    const { url } = await listen(made);
    expect(await (await post(`${url}/echo`, '{"b": [1.50, "ü"]}')).json()).toEqual({ b: [1.5, 'ü'] });
  });

  it('keeps a request whole that a body parser has read before', async () => {
    const model = createModel();
    const made = create();
    made.use(create.json(), inference(), model.handler);
    const { url } = await listen(made);
    const ask = async (body: string): Promise<string> => (await post(`${url}/v1/chat/completions`, body)).text();
    const cold = await ask('{"model":"m","messages":[]}');
    expect(await ask('{ "messages": [], "model": "m" }')).toBe(cold);
    expect(await ask('{"model":"m","messages":[1]}')).not.toBe(cold);
    expect(model.calls).toHaveLength(2);
  });

  it('routes mounted below a path are told apart by their whole path and query', async () => {
    const model = createModel();
    const made = create();
    const router = create.Router();
    router.use(inference(), create.json(), model.handler);
    made.use('/a', router).use('/b', router);
    const { url } = await listen(made);
    for (const path of ['/a/v1/chat/completions', '/b/v1/chat/completions', '/a/v1/chat/completions?api-version=2'])
      await (await post(url + path, CHAT)).text();
    expect(model.calls).toHaveLength(3);
  });
});

describe('inference()', () => {
  it('asks the model again when the answer is no longer fresh', async () => {
    const clock = new ManualClock();
    const model = createModel();
    const cache = createCache({ tiers: [memory({ clock })], clock });
    const { url } = await listen(appOf(model, { cache, clock, ttl: '10m' }));
    const status = async (): Promise<string | null> => {
      const response = await post(`${url}/v1/chat/completions`, CHAT);
      await response.text();
      return response.headers.get('cache-status');
    };
    expect(await status()).toContain('fwd=miss');
    await clock.advance(599_000);
    expect(await status()).toBe('kvasir; hit; ttl=1');
    await clock.advance(1000);
    expect(await status()).toContain('fwd=miss');
    expect(model.calls).toHaveLength(2);
  });

  it('forgets the answers that a route has tagged', async () => {
    const model = createModel();
    const cache = createCache({ tiers: [memory()] });
    const app = express();
    app.use(inference({ cache }), express.json());
    app.use((req, _res, next) => {
      req.kvasir?.tags('prompt:greeting');
      next();
    });
    app.use(model.handler);
    const { url } = await listen(app);
    const ask = async (): Promise<void> => void (await (await post(`${url}/v1/chat/completions`, CHAT)).text());
    await ask();
    await cache.invalidateTags('prompt:farewell');
    await ask();
    expect(model.calls).toHaveLength(1);
    await cache.invalidateTags('prompt:greeting');
    await ask();
    expect(model.calls).toHaveLength(2);
  });

  it.each([
    ['no-store', { 'cache-control': 'no-store' }, 'kvasir; fwd=bypass; detail=no-store', 1],
    ['no-cache', { 'cache-control': 'no-cache' }, 'kvasir; fwd=request; fwd-status=200', 1],
  ])('makes a new call for a request that says %s', async (_name, headers, status, extra) => {
    const model = createModel();
    const { url } = await listen(appOf(model));
    const ask = async (with_: Record<string, string> = {}): Promise<string | null> => {
      const response = await post(`${url}/v1/chat/completions`, CHAT, { headers: with_ });
      await response.text();
      return response.headers.get('cache-status');
    };
    await ask();
    expect(await ask(headers)).toBe(status);
    expect(await ask()).toContain('hit');
    expect(model.calls).toHaveLength(1 + extra);
  });

  it('obeys a route that says skip, and one that says how long', async () => {
    const clock = new ManualClock();
    let calls = 0;
    const app = express();
    app.use(inference({ cache: createCache({ tiers: [memory({ clock })], clock }), clock }));
    app.post('/skip', (req, res) => {
      req.kvasir?.skip();
      res.json({ calls: ++calls });
    });
    app.post('/brief', (req, res) => {
      req.kvasir?.ttl('5s');
      res.json({ calls: ++calls });
    });
    const { url } = await listen(app);
    const ask = async (path: string): Promise<unknown> => (await post(url + path, {})).json();
    expect([await ask('/skip'), await ask('/skip')]).toEqual([{ calls: 1 }, { calls: 2 }]);
    const skipped = await post(`${url}/skip`, {});
    expect(skipped.headers.get('cache-status')).toBe('kvasir; fwd=miss; fwd-status=200; detail=skip');
    calls = 2;
    expect([await ask('/brief'), await ask('/brief')]).toEqual([{ calls: 3 }, { calls: 3 }]);
    await clock.advance(5000);
    expect(await ask('/brief')).toEqual({ calls: 4 });
  });

  it('lets a client go whose handler throws where nothing catches it', async () => {
    const handle = inference();
    const server = createServer((req, res) =>
      handle(req, res, () => {
        throw new Error('not caught');
      }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(post(`http://127.0.0.1:${port}`, {})).rejects.toThrow('fetch failed');
    server.close();
  });

  it('keeps the bytes of answers that are no text', async () => {
    const audio = Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 37) % 256));
    let calls = 0;
    const app = express();
    app.use(inference());
    app.post('/v1/audio/speech', (_req, res) => {
      calls++;
      res.type('audio/mpeg').send(audio);
    });
    const { url } = await listen(app);
    const ask = async (): Promise<Buffer> =>
      Buffer.from(await (await post(`${url}/v1/audio/speech`, { input: 'hi' })).arrayBuffer());
    expect((await ask()).equals(audio) && (await ask()).equals(audio)).toBe(true);
    expect(calls).toBe(1);
  });

  it('passes on what it keeps no answer of, and says why', async () => {
    const app = express();
    app.use(inference({ maxAnswerBytes: 100 }));
    app.post('/cookie', (_req, res) => void res.cookie('session', 's').json({}));
    app.post('/private', (_req, res) => void res.set('cache-control', 'private').json({}));
    app.post('/vary', (_req, res) => void res.vary('X-Plan').json({}));
    app.post('/gzip', (_req, res) => void res.set('content-encoding', 'br').end('x'));
    app.post('/created', (_req, res) => void res.status(201).json({}));
    app.post('/long', (_req, res) => void res.json('x'.repeat(200)));
    app.post('/broken', (_req, res) => void res.type('json').end('{"a":'));
    app.post('/nothing', (_req, res) => void res.end());
    app.post('/error', (_req, res) => void res.json({ error: { message: 'overloaded' } }));
    const { server, url } = await listen(app);
    expect(server.listening).toBe(true);
    const statuses: Record<string, (string | null)[]> = {};
    for (const path of ['cookie', 'private', 'vary', 'created', 'long', 'broken', 'nothing', 'error']) {
      const statusesOfPath: (string | null)[] = [];
      for (let ask = 0; ask < 2; ask++) {
        const response = await post(`${url}/${path}`, {});
        await response.text();
        statusesOfPath.push(response.headers.get('cache-status'));
      }
      statuses[path] = statusesOfPath;
    }
    const twice = (status: string): string[] => [status, status];
    expect(statuses).toEqual({
      cookie: twice('kvasir; fwd=miss; fwd-status=200; detail=set-cookie'),
      private: twice('kvasir; fwd=miss; fwd-status=200; detail=no-store'),
      vary: twice('kvasir; fwd=miss; fwd-status=200; detail=vary'),
      created: twice('kvasir; fwd=miss; fwd-status=201; detail=status'),
      long: twice('kvasir; fwd=miss; fwd-status=200'),
      broken: twice('kvasir; fwd=miss; fwd-status=200'),
      nothing: twice('kvasir; fwd=miss; fwd-status=200'),
      error: twice('kvasir; fwd=miss; fwd-status=200'),
    });
  });

  it('keeps nothing to which a session that is mounted before it adds its cookie, early or late', async () => {
    let calls = 0;
    const app = express();
    app.use('/early', (_req, res, next) => {
      res.cookie('session', 'new');
      next();
    });
    app.use('/late', (_req, res, next) => {
      const writeHead = res.writeHead.bind(res);
      res.writeHead = ((...args: Parameters<typeof writeHead>) => {
        res.setHeader('set-cookie', 'session=new');
        return writeHead(...args);
      }) as typeof writeHead;
      next();
    });
    app.use(inference());
    app.post('/{*path}', (_req, res) => void res.json({ calls: ++calls }));
    const { url } = await listen(app);
    for (const path of ['/early', '/early', '/late', '/late']) {
      const response = await post(url + path, {});
      expect(response.headers.getSetCookie()).toHaveLength(1);
    }
    expect(calls).toBe(4);
  });

  it('does not replay what other middleware set for another request', async () => {
    let requests = 0;
    const app = express();
    app.use((_req, res, next) => {
      res.set('x-trace', String(++requests)).vary('Origin');
      next();
    });
    app.use(inference());
    app.post('/', (_req, res) => void res.set('x-model', 'm1').json({}));
    const { url } = await listen(app);
    await (await post(url, {})).text();
    const warm = await post(url, {});
    expect(warm.headers.get('cache-status')).toContain('hit');
    expect([warm.headers.get('x-trace'), warm.headers.get('x-model'), warm.headers.get('vary')]).toEqual([
      '2',
      'm1',
      'Origin',
    ]);
  });
});
