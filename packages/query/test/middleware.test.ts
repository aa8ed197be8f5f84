import type { Server } from 'node:http';
import { KvasirError } from '@kvasir/core';
import { type CachedPool, cachedPool, query } from '@kvasir/query';
import express from 'express';
import express4 from 'express4';
import pg from 'pg';
import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from './support/postgres.ts';

let postgres: Postgres;
let raw: pg.Pool;
let pool: pg.Pool & CachedPool;

beforeAll(async () => {
  postgres = await startPostgres();
  raw = new pg.Pool(postgres.config);
  raw.on('error', () => {});
  pool = cachedPool(raw);
  await pool.query('CREATE TABLE rates (id int, value int); INSERT INTO rates VALUES (1, 1)');
});
beforeEach(async () => {
  await pool.query('UPDATE rates SET value = 1');
  await pool.cache.clear();
});
afterAll(async () => {
  await raw.end();
  await postgres.stop();
});

const rates = 'SELECT value FROM rates';

function appOf(create: typeof express, options?: Parameters<typeof query>[0]): ReturnType<typeof express> {
  const app = create();
  app.use(query(options));
  app.get('/rates', async (_req, res) => void res.json((await pool.query(rates)).rows));
  app.get('/both', async (_req, res) => {
    const [first, second] = await Promise.all([pool.query(rates), pool.query('SELECT id FROM rates')]);
    res.json([first.rows, second.rows]);
  });
  app.get('/clock', async (_req, res) => void res.json((await pool.query('SELECT now(), id FROM rates')).rows));
  app.get('/none', (_req, res) => void res.json([]));
  app.get('/skip', async (req, res) => {
    req.kvasir?.skip();
    res.json((await pool.query(rates)).rows);
  });
  app.post('/rates', async (_req, res) => {
    await pool.query('UPDATE rates SET value = value + 1');
    res.json((await pool.query(rates)).rows);
  });
  app.post('/transaction', async (_req, res) => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('UPDATE rates SET value = 7');
    await client.query('COMMIT');
    client.release();
    res.json((await pool.query(rates)).rows);
  });
  app.get('/stream', async (_req, res) => {
    await pool.query(rates);
    res.write('[');
    res.end(']');
  });
  return app;
}

describe.each([
  ['Express 5', express],
  ['Express 4', express4 as unknown as typeof express],
])('query() in %s', (_, create) => {
  const statusOf = async (app: ReturnType<typeof express>, path: string) =>
    (await request(app).get(path)).headers['cache-status'];

  it('sums up the queries of a request in Cache-Status', async () => {
    const app = appOf(create);
    expect(await statusOf(app, '/rates')).toBe('kvasir; fwd=miss; detail=query:0/1');
    expect(await statusOf(app, '/rates')).toBe('kvasir; hit; detail=query:1/1');
    expect(await statusOf(app, '/both')).toBe('kvasir; fwd=miss; detail=query:1/2');
    expect(await statusOf(app, '/both')).toBe('kvasir; hit; detail=query:2/2');
    expect(await statusOf(app, '/clock')).toBe('kvasir; fwd=bypass; detail=query:0/1');
    expect(await statusOf(app, '/stream')).toBe('kvasir; hit; detail=query:1/1');
    expect(await statusOf(app, '/none')).toBeUndefined();
  });

  it('takes the queries of a request past the cache when it says skip', async () => {
    const app = appOf(create);
    await request(app).get('/rates');
    expect(await statusOf(app, '/skip')).toBe('kvasir; fwd=bypass; detail=query:0/1');
    expect(await statusOf(app, '/rates')).toBe('kvasir; hit; detail=query:1/1');
  });

  it.each(['/rates', '/transaction'])('shows a request what it wrote itself: POST %s', async (path) => {
    const app = appOf(create);
    await request(app).get('/rates');
    const written = await request(app).post(path);
    expect(written.body).toEqual([{ value: path === '/rates' ? 2 : 7 }]);
    expect(written.headers['set-cookie']).toBeUndefined();
    expect((await request(app).get('/rates')).body).toEqual(written.body);
  });

  it('with readYourWrites takes the next requests of a client that wrote past the cache, and of no other', async () => {
    const app = appOf(create, { readYourWrites: '10s' });
    const agent = request.agent(app);
    await agent.get('/rates');
    expect((await agent.get('/rates')).headers['set-cookie']).toBeUndefined();
    const written = await agent.post('/rates');
    expect(written.headers['set-cookie']).toEqual(['kvasir-wrote=1; Path=/; Max-Age=10; HttpOnly; SameSite=Lax']);
    expect((await agent.get('/rates')).headers['cache-status']).toBe('kvasir; fwd=bypass; detail=query:0/1');
    expect(await statusOf(app, '/rates')).toBe('kvasir; fwd=miss; detail=query:0/1');
    expect(await statusOf(app, '/rates')).toBe('kvasir; hit; detail=query:1/1');
  });

  it('keeps requests that run at once apart', async () => {
    const app = appOf(create);
    const server: Server = app.listen(0, '127.0.0.1');
    await request(server).get('/rates');
    const paths = Array.from({ length: 20 }, (_unused, n) => (n % 2 === 0 ? '/rates' : '/skip'));
    const answers = await Promise.all(paths.map((path) => request(server).get(path)));
    expect(answers.map(({ headers }) => headers['cache-status'])).toEqual(
      paths.map((path) => `kvasir; ${path === '/rates' ? 'hit; detail=query:1/1' : 'fwd=bypass; detail=query:0/1'}`),
    );
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('query() options', () => {
  it.each([
    [{ readYourWrites: 'soon' }, 'readYourWrites'],
    [{ cookie: true }, 'cookie'],
  ])('refuses %j', (options, name) => {
    const make = () => query(options as never);
    expect(make).toThrow(KvasirError);
    expect(make).toThrow(name);
  });
});
