import { createCache, KvasirError } from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { cachedPool, DEFAULTS } from '@kvasir/query';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { type Postgres, startPostgres } from './support/postgres.ts';
import { openShop, type Shop } from './support/shop.ts';

let postgres: Postgres;
let shop: Shop;

beforeAll(async () => {
  postgres = await startPostgres();
  shop = openShop(postgres.config);
  await shop.other.query('CREATE TABLE rates (id int, value int); INSERT INTO rates VALUES (1, 1), (2, 2)');
});
afterAll(async () => {
  await shop.close();
  await postgres.stop();
});

const SELECT = 'SELECT value FROM rates ORDER BY id';

describe('cachedPool', () => {
  it('is a pool to whoever looks', () => {
    const raw = new pg.Pool(postgres.config);
    const pool = cachedPool(raw);
    expect(pool).toBeInstanceOf(pg.Pool);
    expectTypeOf(pool).toExtend<pg.Pool>();
    expect(pool.options).toBe(raw.options);
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([0, 0, 0]);
    expect('query' in pool && 'invalidate' in pool && 'totalCount' in pool).toBe(true);
    expect(Reflect.get(pool, 'Client')).toBe(Reflect.get(raw, 'Client'));
  });

  it('passes events on, counts connections, and ends with its pool', async () => {
    const raw = new pg.Pool(postgres.config);
    const pool = cachedPool(raw);
    const events: string[] = [];
    expect(pool.on('connect', () => void events.push('connect'))).toBe(pool);
    pool.on('release', () => void events.push('release'));
    const client = await pool.connect();
    expect(client).toBeInstanceOf(pg.Client);
    client.release();
    expect(events).toEqual(['connect', 'release']);
    expect(raw.totalCount).toBe(1);
    await pool.query(SELECT);
    await pool.end();
    expect(raw.ended && pool.ended).toBe(true);
    await expect(pool.query(SELECT)).rejects.toThrow('after calling end');
  });

  it('checks a client out to a callback', async () => {
    const rows = await new Promise((resolve, reject) => {
      shop.pool.connect((error, client, done) => {
        if (error !== undefined && error !== null) return reject(error);
        client?.query(SELECT, (_error: unknown, result: pg.QueryResult) => {
          done();
          resolve(result.rows);
        });
      });
    });
    expect(rows).toEqual([{ value: 1 }, { value: 2 }]);
  });

  it('passes what is no plain query to the pool', async () => {
    const seen: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      const submitted = new pg.Query(SELECT);
      expect(shop.pool.query(submitted)).toBeDefined();
      submitted.on('row', (row) => void seen.push(row));
      submitted.on('end', () => resolve());
      submitted.on('error', reject);
    });
    expect(seen).toEqual([{ value: 1 }, { value: 2 }]);
    const refused = await new Promise((resolve) => void shop.pool.query(resolve as never));
    expect(refused).toMatchObject({ message: expect.stringContaining('not supported') });
    await expect(shop.pool.query(null as never)).rejects.toThrow(TypeError);
    const several = (await shop.pool.query('SELECT 1 AS a; SELECT 2 AS b')) as unknown as pg.QueryResult[];
    expect(several.map(({ rows }) => rows)).toEqual([[{ a: 1 }], [{ b: 2 }]]);
    expect((await shop.pool.query('')).command).toBeNull();
    await expect(shop.pool.query('SELEKT 1')).rejects.toMatchObject({ code: '42601' });
  });

  it('answers with a promise where a callback stands in the config, as the pool does', async () => {
    const config = { text: SELECT, callback: () => expect.fail('the pool passes over it') };
    for (const pool of [shop.other, shop.pool, shop.pool])
      expect((await pool.query(config)).rows).toEqual([{ value: 1 }, { value: 2 }]);
  });

  it('takes one config again and again, also with a node-postgres that writes the callback into it', async () => {
    class OlderClient extends pg.Client {
      override query(...args: unknown[]): never {
        const [config, , callback] = args;
        if (typeof config === 'object' && callback !== undefined) Object.assign(config as object, { callback });
        return (super.query as (...all: unknown[]) => never)(...args);
      }
    }
    const raw = new pg.Pool({ ...postgres.config, Client: OlderClient } as pg.PoolConfig);
    const pool = cachedPool(raw);
    const client = await pool.connect();
    const write = { text: 'UPDATE rates SET value = value' };
    for (let round = 0; round < 2; round++) expect((await client.query(write)).rowCount).toBe(2);
    client.release();
    const clock = { text: 'SELECT now(), value FROM rates' };
    for (let round = 0; round < 2; round++) expect((await pool.query(clock)).rowCount).toBe(2);
    await raw.end();
  });

  it('invalidates for a caller who holds the only connection', async () => {
    const raw = new pg.Pool({ ...postgres.config, max: 1 });
    const pool = cachedPool(raw);
    await pool.query(SELECT);
    const client = await pool.connect();
    await pool.invalidate('rates');
    client.release();
    const { loads } = pool.cache.stats();
    await pool.query(SELECT);
    expect(pool.cache.stats().loads).toBe(loads + 1);
    await raw.end();
  });

  it('keeps nothing under values that the caller changed before they were sent', async () => {
    const raw = new pg.Pool({ ...postgres.config, max: 1 });
    const pool = cachedPool(raw);
    const text = 'SELECT $1::int AS asked FROM rates LIMIT 1';
    await pool.query(SELECT);
    const client = await pool.connect();
    const values = [1];
    const asked = pool.query(text, values);
    while (raw.waitingCount === 0) await Promise.resolve();
    values[0] = 2;
    client.release();
    await asked;
    expect((await pool.query(text, [1])).rows).toEqual([{ asked: 1 }]);
    await raw.end();
  });

  it('a thrown error of a callback is uncaught, not swallowed', async () => {
    await shop.isKept(SELECT);
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    try {
      const thrown = await new Promise((resolve) => {
        process.once('uncaughtException', resolve);
        shop.pool.query(SELECT, () => {
          throw new Error('of the callback');
        });
      });
      expect(thrown).toMatchObject({ message: 'of the callback' });
    } finally {
      for (const listener of before) process.on('uncaughtException', listener);
    }
  });

  it('forgets after the ttl what nobody invalidates', async () => {
    expect(DEFAULTS.ttl).toBe('1m');
    const raw = new pg.Pool(postgres.config);
    const pool = cachedPool(raw, { ttl: 0 });
    await pool.query(SELECT);
    await pool.query(SELECT);
    expect(pool.cache.stats().hits).toBe(0);
    await raw.end();
  });

  it('goes on without a cache that was closed, or whose tiers fail', async () => {
    const cache = createCache({ tiers: [memory()] });
    const raw = new pg.Pool(postgres.config);
    const pool = cachedPool(raw, { cache });
    await pool.query(SELECT);
    await cache.close();
    expect((await pool.query(SELECT)).rows).toHaveLength(2);
    await pool.query('UPDATE rates SET value = value');
    expect((await pool.query(SELECT)).rows).toHaveLength(2);
    await raw.end();
  });

  it.each([
    [{}, { ttl: 'soon' }, 'ttl'],
    [{}, { maxResultBytes: -1 }, 'maxResultBytes'],
    [{}, { maxCatalogAge: 'old' }, 'maxCatalogAge'],
    [{}, { cache: {} }, 'cache'],
    [{}, { clock: 5 }, 'clock'],
    [{}, { tables: [] }, 'tables'],
    [null, {}, 'pool'],
    [{ query() {} }, {}, 'pool'],
  ])('refuses pool %j, options %j', (change, options, name) => {
    const raw = change === null || Object.keys(change).length > 0 ? change : new pg.Pool(postgres.config);
    const make = () => cachedPool(raw as never, options as never);
    expect(make).toThrow(KvasirError);
    expect(make).toThrow(name);
  });
});
