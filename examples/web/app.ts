import { type Cache, type CacheStats, createCache } from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { web } from '@kvasir/web';
import express, { type Express, type Request } from 'express';
import { type Article, SECTIONS } from './archive.ts';
import { Newsroom } from './newsroom.ts';
import { articlePage, editPage, type Frame, frontPage, sectionPage } from './page.ts';

export interface NewsOptions {
  /** Default: a memory cache of its own. */
  readonly cache?: Cache;
}

export interface NewsApp {
  readonly app: Express;
  readonly stats: () => CacheStats;
  /** The next request for anything is a cold one. */
  readonly forget: () => Promise<void>;
}

/** The news site, to listen by itself or to be mounted under any path. */
export function createNews(options: NewsOptions = {}): NewsApp {
  const cache = options.cache ?? createCache({ tiers: [memory({ maxBytes: '32MB' })] });
  const newsroom = new Newsroom();
  const app = express();
  // A reader's reload is a reader's reload: it does not make the archive be searched again.
  const pages = web({ cache, clientDirectives: false, tags: ['news'] });

  app.use(pages);
  app.use((_req, res, next) => {
    // For everybody: the cache keeps it for ten minutes, browsers ask each time, and get 304 while nothing has changed.
    res.set('Cache-Control', 'public, max-age=0, s-maxage=600');
    next();
  });

  app.get('/', (req, res) => {
    res.send(
      timed(req, (frame) => {
        const newest = newsroom.newest(9);
        const background = newsroom.background(newest.slice(0, 3), 3);
        req.kvasir?.tags(...[...newest, ...background].map(tagOf));
        return frontPage(newest, background, frame());
      }),
    );
  });

  app.get('/section/:section', (req, res, next) => {
    const { section } = req.params;
    if (!SECTIONS.includes(section)) return next();
    res.send(
      timed(req, (frame) => {
        const newest = newsroom.newest(9, section);
        const background = newsroom.background(newest.slice(0, 2), 4);
        req.kvasir?.tags(...[...newest, ...background].map(tagOf));
        return sectionPage(section, newest, background, frame());
      }),
    );
  });

  app.get('/article/:id', (req, res, next) => {
    const article = newsroom.find(Number(req.params.id));
    if (article === undefined) return next();
    res.send(
      timed(req, (frame) => {
        const related = newsroom.related(article);
        req.kvasir?.tags(...[article, ...related.alike, ...related.others].map(tagOf));
        return articlePage(article, related, frame());
      }),
    );
  });

  app.get('/article/:id/edit', (req, res, next) => {
    const article = newsroom.find(Number(req.params.id));
    if (article === undefined) return next();
    res.set('Cache-Control', 'no-store').send(editPage(article, { base: req.baseUrl, ms: 0, at: new Date() }));
  });

  app.post('/article/:id', express.urlencoded({ extended: false, limit: '10kb' }), async (req, res, next) => {
    const article = newsroom.find(Number(req.params['id']));
    const { headline } = (req.body ?? {}) as { headline?: unknown };
    if (article === undefined) return next();
    if (typeof headline !== 'string' || headline.trim() === '') return void res.status(400).send('A headline, please.');
    newsroom.setHeadline(article, headline.trim().slice(0, 200));
    // Every page that shows the article carries its tag: the front page, its section, and whatever calls it related.
    await pages.invalidateTags(tagOf(article));
    res.redirect(303, `${req.baseUrl}/article/${article.id}`);
  });

  return { app, stats: () => cache.stats(), forget: () => pages.invalidateTags('news') };
}

export function createApp(options: NewsOptions = {}): Express {
  return createNews(options).app;
}

/** `write` calls `frame` when all is found and only the page is left to be written. */
function timed(req: Request, write: (frame: () => Frame) => string): string {
  const started = performance.now();
  return write(() => ({ base: req.baseUrl, ms: performance.now() - started, at: new Date() }));
}

function tagOf({ id }: Article): string {
  return `article-${id}`;
}

export const app: Express = createApp();
