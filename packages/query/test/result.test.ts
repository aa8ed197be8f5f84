import { createCache } from '@kvasir/core';
import { memoryRemote } from '@kvasir/core/testing';
import { cachedPool } from '@kvasir/query';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from './support/postgres.ts';
import { openShop, type Shop } from './support/shop.ts';

let postgres: Postgres;
let shop: Shop;

beforeAll(async () => {
  postgres = await startPostgres();
  shop = openShop(postgres.config);
  await shop.other.query(`
    CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE TABLE every (id int PRIMARY KEY, big bigint, price numeric(20, 3), ratio float8, odd float4, flag bool, at timestamptz, local timestamp,
      day date, span interval, bytes bytea, doc jsonb, old json, tags text[], grid int[][], moments timestamptz[], mood mood, note text, ip inet, u uuid,
      "__proto__" text, "toString" text);
    INSERT INTO every VALUES
      (1, 9007199254740993, 1234567890.120, 0.1, 1.5, true, '2024-02-29 12:34:56.789+00', '2024-02-29 12:34:56', '2024-02-29', '1 day 02:03:04',
        '\\x00ff10', '{"a": [1, null, {"b": "c"}]}', '[1, 2]', '{a,"b c",NULL}', '{{1,2},{3,4}}', '{2024-01-01 00:00:00+00}', 'happy', E'ünï\\nline', '10.0.0.1',
        '123e4567-e89b-12d3-a456-426614174000', 'p', 't'),
      (2, -1, 'NaN', 'Infinity', '-0', false, 'infinity', '0044-03-15 BC', 'infinity', '-1 mon', '', 'null', '""', '{}', NULL, NULL, NULL, '', NULL, NULL, NULL, NULL);
    INSERT INTO every (id) VALUES (3);
    CREATE TABLE empty (id int);`);
});
afterAll(async () => {
  await shop.close();
  await postgres.stop();
});

const EVERY = 'SELECT * FROM every ORDER BY id';

describe('a result from cache', () => {
  it.each<[what: string, query: pg.QueryConfig & { rowMode?: 'array' }]>([
    ['every type, NULL and odd column names', { text: EVERY }],
    ['rows as arrays', { text: EVERY, rowMode: 'array' }],
    ['columns of one name', { text: 'SELECT id, note AS id FROM every ORDER BY 1', rowMode: 'array' }],
    ['no rows', { text: 'SELECT * FROM empty' }],
    ['no columns', { text: 'SELECT FROM every' }],
    ['a named statement', { text: 'SELECT note FROM every WHERE id = $1', name: 'note', values: [1] }],
    ['parsers of the query', { text: EVERY, types: { getTypeParser: () => (text: string) => ({ text }) } }],
  ])('is deeply equal to the one of the database: %s', async (_, query) => {
    const expected = await shop.other.query(query);
    const loaded = await shop.pool.query(query);
    const hits = shop.pool.cache.stats().hits;
    const kept = await shop.pool.query(query);
    expect(shop.pool.cache.stats().hits).toBe(hits + 1);
    // node-postgres keeps its parsers on the result: two pools have two sets, so only what callers read is compared.
    expect(visible(loaded)).toStrictEqual(visible(expected));
    expect(visible(kept)).toStrictEqual(visible(expected));
    expect(Object.getPrototypeOf(kept)).toBe(Object.getPrototypeOf(expected));
  });

  it('has the same through a callback', async () => {
    const expected = await shop.other.query(EVERY);
    const viaCallback = () =>
      new Promise<pg.QueryResult>((resolve, reject) => {
        shop.pool.query(EVERY, (error, result) => (error ? reject(error) : resolve(result)));
      });
    await viaCallback();
    expect(visible(await viaCallback())).toStrictEqual(visible(expected));
  });

  it('is its own for each caller, so that one who changes it poisons nobody', async () => {
    const expected = visible(await shop.other.query(EVERY));
    for (let round = 0; round < 3; round++) {
      const result = await shop.pool.query(EVERY);
      expect(visible(result)).toStrictEqual(expected);
      result.rows[0].doc.a.push('poison');
      result.rows[0].bytes.fill(0x61);
      result.rows[0].at.setTime(0);
      result.rows[0].tags.length = 0;
      result.rows.pop();
      (result.fields[0] as { name: string }).name = 'poison';
    }
  });

  it('is not shared between callers who wait for one query either', async () => {
    const text = 'SELECT doc FROM every WHERE id = 1 ORDER BY 1';
    const [one, other] = await Promise.all([shop.pool.query(text), shop.pool.query(text)]);
    one?.rows[0].doc.a.push('poison');
    expect(other?.rows[0].doc).toEqual({ a: [1, null, { b: 'c' }] });
  });

  it('is parsed by each caller with its own parsers', async () => {
    const text = 'SELECT big FROM every ORDER BY id LIMIT 1';
    const asBigInt = { text, types: { getTypeParser: () => BigInt } } as unknown as pg.QueryConfig;
    expect((await shop.pool.query(text)).rows).toEqual([{ big: '9007199254740993' }]);
    const hits = shop.pool.cache.stats().hits;
    expect((await shop.pool.query(asBigInt)).rows).toEqual([{ big: 9007199254740993n }]);
    expect((await shop.pool.query(text)).rows).toEqual([{ big: '9007199254740993' }]);
    expect(shop.pool.cache.stats().hits).toBe(hits + 2);
  });

  it('is parsed with the parsers set on the pool', async () => {
    const types = new pg.TypeOverrides();
    types.setTypeParser(20, BigInt);
    const raw = new pg.Pool({ ...postgres.config, types });
    const pool = cachedPool(raw);
    const query = 'SELECT big FROM every WHERE id = 1';
    expect((await pool.query(query)).rows).toEqual([{ big: 9007199254740993n }]);
    expect((await pool.query(query)).rows).toEqual([{ big: 9007199254740993n }]);
    expect(pool.cache.stats().hits).toBe(1);
    await raw.end();
  });

  it('is the same after it has been through a remote tier, in a process that never asked the database for it', async () => {
    const remote = memoryRemote();
    const [one, other] = [1, 2].map(() => {
      const raw = new pg.Pool(postgres.config);
      return { raw, pool: cachedPool(raw, { cache: createCache({ tiers: [remote], remoteDeadline: '10s' }) }) };
    });
    const expected = await shop.other.query(EVERY);
    await one?.pool.query(EVERY);
    await one?.pool.cache.close();
    const result = await other?.pool.query(EVERY);
    expect(other?.pool.cache.stats()).toMatchObject({ hits: 1, loads: 0 });
    expect(result && visible(result)).toStrictEqual(visible(expected));
    await Promise.all([one?.raw.end(), other?.raw.end()]);
  });
});

describe('a result that is not kept', () => {
  it('is one of binary cells', async () => {
    const raw = new pg.Pool({ ...postgres.config, binary: true } as pg.PoolConfig);
    const pool = cachedPool(raw);
    // node-postgres asks for binary cells only where it binds values.
    const text = 'SELECT id FROM every WHERE id = $1';
    await pool.query(text, [1]);
    expect((await pool.query(text, [1])).rows).toEqual([{ id: 1 }]);
    expect(pool.cache.stats().hits).toBe(0);
    await raw.end();
  });

  it('is one above the size limit, which every caller still gets', async () => {
    const raw = new pg.Pool(postgres.config);
    const pool = cachedPool(raw, { maxResultBytes: 200 });
    const large = "SELECT repeat('x', 300) AS x FROM every WHERE id = 1";
    const small = 'SELECT note FROM every WHERE id = 2';
    for (let round = 0; round < 2; round++) {
      expect((await pool.query(large)).rows).toEqual([{ x: 'x'.repeat(300) }]);
      await pool.query(small);
    }
    expect(pool.cache.stats().hits).toBe(1);
    await raw.end();
  });

  it('is an error, which is told as node-postgres tells it', async () => {
    const text = 'SELECT 1 / (id - 1) FROM every WHERE id = 1';
    const expected = await shop.other.query(text).catch((error: unknown) => error);
    const loads = shop.pool.cache.stats().loads;
    for (let round = 0; round < 2; round++) {
      const error = await shop.pool.query(text).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(pg.DatabaseError);
      expect(error).toMatchObject({ code: (expected as pg.DatabaseError).code, message: 'division by zero' });
    }
    expect(shop.pool.cache.stats().loads).toBe(loads + 2);
  });
});

function visible({ command, rowCount, oid, fields, rows }: pg.QueryResult): object {
  return { command, rowCount, oid, fields, rows };
}
