import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type Cache, createCache } from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { createApp as createInference } from '@kvasir-examples/inference';
import { createApp as createKvCache } from '@kvasir-examples/kv-cache';
import { createApp as createShop } from '@kvasir-examples/query';
import { createNews } from '@kvasir-examples/web';
import { createApp as createWeights, FILES } from '@kvasir-examples/weights';
import express, { type Express } from 'express';
import { describe, type Scenario } from './scenarios.ts';

export type { Scenario, ScenarioId } from './scenarios.ts';
export { runTour } from './tour.ts';

export interface Showcase {
  readonly app: Express;
  readonly scenarios: readonly Scenario[];
  /** Ends what was started: PostgreSQL, the origin of the weights, and their folders. */
  readonly close: () => Promise<void>;
}

const IMAGE = 'receipt.png';
const WEIGHTS = FILES.recognition;

/** All examples under one app, each with a cache of its own so that each can be forgotten and counted by itself. */
export async function createApp(): Promise<Showcase> {
  const newCache = (): Cache => createCache({ tiers: [memory({ maxBytes: '64MB' })], ttl: '10m' });
  const [weightsCache, newsCache] = [newCache(), newCache()];
  const [shop, weights] = await Promise.all([createShop(), createWeights({ cache: weightsCache })]);
  const inference = createInference();
  const news = createNews({ cache: newsCache });
  await inference.ready();

  const scenarios: readonly Scenario[] = [
    {
      id: 'inference',
      title: 'Inference: read a receipt',
      what: 'PaddleOCR, real trained weights under onnxruntime: find the lines, read each. inference() keeps the answer, memoize() each line.',
      request: {
        path: 'inference/read',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ image: IMAGE }),
      },
      link: 'inference/',
      crowd: 50,
      image: `inference/images/${IMAGE}`,
      forget: () => inference.cache.clear(),
      stats: () => inference.cache.stats(),
      excerpt: (body) =>
        shorten(
          (JSON.parse(body.toString()) as { lines: { text: string }[] }).lines.map((line) => line.text).join(' · '),
        ),
    },
    {
      id: 'weights',
      title: 'Weights: a recogniser of 10.8 MB',
      what: 'Pulled through from an HTTP origin in blocks of 1 MiB, each byte checked before it is called complete; then from memory.',
      request: { path: `weights/models/${WEIGHTS}` },
      link: 'weights/',
      crowd: 10,
      forget: () => weights.forget(WEIGHTS),
      stats: () => weightsCache.stats(),
      excerpt: (body) =>
        `${body.length.toLocaleString('en')} bytes, sha256 ${createHash('sha256').update(body).digest('hex').slice(0, 16)}…`,
    },
    {
      id: 'query',
      title: 'Query: the best-sellers',
      what: 'PostgreSQL joins 120,000 order lines. The pool knows which tables a SELECT reads; an order that commits makes it ask again.',
      request: { path: 'query/best-sellers' },
      link: 'query/',
      crowd: 50,
      forget: () => shop.cache.clear(),
      stats: () => shop.cache.stats(),
      excerpt: (body) => shorten(JSON.stringify((JSON.parse(body.toString()) as unknown[])[0])),
    },
    {
      id: 'web',
      title: 'Web: the front page',
      what: 'A page that searches its whole archive before it is written. Kept by its Cache-Control, purged by tag when an article on it is edited.',
      request: { path: 'web/' },
      link: 'web/',
      crowd: 50,
      forget: news.forget,
      stats: news.stats,
      excerpt: (body) =>
        shorten(
          [...body.toString().matchAll(/<h[123][^>]*>(.*?)<\/h/gs)]
            .map(([, text = '']) => text.replace(/<[^>]*>/g, '').trim())
            .join(' · '),
        ),
    },
  ];

  const app = express();
  app.use(express.static(fileURLToPath(new URL('page/', import.meta.url))));
  app.get('/api/scenarios', (_req, res) => void res.json(scenarios.map(describe)));
  app.get('/api/stats', (_req, res) => {
    res.set('Cache-Control', 'no-store').json(Object.fromEntries(scenarios.map(({ id, stats }) => [id, stats()])));
  });
  app.post('/api/scenarios/:id/forget', async (req, res) => {
    const scenario = scenarios.find(({ id }) => id === req.params.id);
    await scenario?.forget();
    res.sendStatus(scenario === undefined ? 404 : 204);
  });
  app.use('/inference', inference.app);
  app.use('/weights', weights.app);
  app.use('/query', shop.app);
  app.use('/web', news.app);
  app.use('/kv-cache', createKvCache());

  return {
    app,
    scenarios,
    async close() {
      await Promise.all([shop.close(), weights.close()]);
    },
  };
}

function shorten(text: string): string {
  return text.length > 110 ? `${text.slice(0, 109)}…` : text;
}

let showcase: Promise<Showcase> | undefined;

/** The showcase as one app; what it needs starts at the first request. */
export const app: Express = express().use((req, res, next) => {
  showcase ??= createApp();
  showcase.then((opened) => opened.app(req, res, next), next);
});
