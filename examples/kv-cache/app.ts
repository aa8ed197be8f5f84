import express, { type Express } from 'express';
import type { Redis } from 'ioredis';
import { KVCache } from './kv-cache.ts';
import { printUniform, runUniformCases } from './uniform.ts';

export { KVCache } from './kv-cache.ts';

/** Over memory, or over Redis when a client is given. */
export function createApp(client?: Redis): Express {
  const app = express();
  const cache = new KVCache(client);

  app.get('/', (_req, res) => {
    res
      .type('text')
      .send(
        [
          'PUT /kv/greeting   {"hello":"world"}        keep a value (any JSON)',
          'GET /kv/greeting                            read it; every read counts as an access',
          'GET /worth/greeting?threshold=0.1           is it worth caching? P(greeting) > 0.1',
          'GET /uniform                                the uniform case, worked through',
          '',
        ].join('\n'),
      );
  });

  app.put('/kv/:key', express.json({ strict: false }), async (req, res) => {
    await cache.set(req.params['key'] as string, req.body);
    res.status(204).end();
  });

  app.get('/kv/:key', async (req, res) => {
    const value = await cache.get(req.params.key);
    if (value === undefined) res.status(404).json({ error: 'not in the cache' });
    else res.json(value);
  });

  app.get('/worth/:key', (req, res) => {
    const asked = new URL(req.originalUrl, 'http://localhost').searchParams.get('threshold');
    const threshold = Number(asked);
    if (!(threshold > 0 && threshold < 1)) {
      res.status(400).json({ error: `threshold: expected a number between 0 and 1, got ${asked}` });
      return;
    }
    const { key } = req.params;
    res.json({ key, threshold, probability: cache.probability(key), worth: cache.cacheKey(key, threshold) });
  });

  app.get('/uniform', async (_req, res) => {
    res.type('text').send(`${printUniform(await runUniformCases())}\n`);
  });

  return app;
}

export const app: Express = createApp();
