import { createCache } from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { cachedPool } from '@kvasir/query';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CopyIn } from './support/copy-in.ts';
import { withGate } from './support/gate.ts';
import { type Postgres, startPostgres } from './support/postgres.ts';
import { openShop, type Shop } from './support/shop.ts';

const SELECT = 'SELECT value FROM rates WHERE id = 1';

let postgres: Postgres;
let shop: Shop;
let client: pg.PoolClient;

beforeAll(async () => {
  postgres = await startPostgres();
  shop = openShop(postgres.config);
  await shop.other.query('CREATE TABLE rates (id int PRIMARY KEY, value int); CREATE TABLE quiet (id int)');
  await shop.other.query(
    'CREATE TABLE late (id int PRIMARY KEY, rate int REFERENCES rates DEFERRABLE INITIALLY DEFERRED)',
  );
});
beforeEach(async () => {
  await shop.other.query('TRUNCATE rates, quiet, late; INSERT INTO rates VALUES (1, 1)');
  await shop.pool.cache.clear();
  client = await shop.pool.connect();
  expect(await valueOf()).toBe(1);
});
afterEach(() => client.release(true));
afterAll(async () => {
  await shop.close();
  await postgres.stop();
});

async function valueOf(): Promise<number> {
  return (await shop.pool.query(SELECT)).rows[0]?.value;
}

describe('a transaction', () => {
  it('shows nobody what it has not committed, and everybody what it has', async () => {
    await client.query('BEGIN');
    await client.query('UPDATE rates SET value = 2');
    expect(await valueOf()).toBe(1);
    expect((await client.query(SELECT)).rows).toEqual([{ value: 2 }]);
    expect(await valueOf()).toBe(1);
    expect(await shop.isHit(SELECT)).toBe(true);
    await client.query('COMMIT');
    expect(await valueOf()).toBe(2);
    expect(await shop.isHit(SELECT)).toBe(true);
  });

  it('that is rolled back was never seen, and costs nobody a miss', async () => {
    await client.query('BEGIN');
    await client.query('UPDATE rates SET value = 2');
    await client.query(SELECT);
    await client.query('ROLLBACK');
    expect(await shop.isHit(SELECT)).toBe(true);
    expect(await valueOf()).toBe(1);
  });

  it('whose savepoint is rolled back shows the rest', async () => {
    await client.query('BEGIN');
    await client.query('UPDATE rates SET value = 2');
    await client.query('SAVEPOINT s');
    await client.query('UPDATE rates SET value = 3');
    await client.query('ROLLBACK TO s');
    await client.query('COMMIT');
    expect(await valueOf()).toBe(2);
  });

  it('in pieces sent without waiting is followed all the same', async () => {
    const sent = ['BEGIN', 'UPDATE rates SET value = 2', SELECT, 'COMMIT'].map((text) => client.query(text));
    const results = await Promise.all(sent);
    expect(results[2]?.rows).toEqual([{ value: 2 }]);
    expect(await valueOf()).toBe(2);
  });

  it('in one text is followed', async () => {
    await shop.pool.query('BEGIN; UPDATE rates SET value = 2; COMMIT');
    expect(await valueOf()).toBe(2);
  });

  it('that ends in a text with others is followed', async () => {
    await client.query('BEGIN; UPDATE rates SET value = 2');
    expect(await valueOf()).toBe(1);
    await client.query('SELECT 1; COMMIT');
    expect(await valueOf()).toBe(2);
  });

  it('that chains another is visible at once', async () => {
    await client.query('BEGIN');
    await client.query('UPDATE rates SET value = 2');
    await client.query('COMMIT AND CHAIN');
    expect(await valueOf()).toBe(2);
    await client.query('UPDATE rates SET value = 3');
    await client.query('COMMIT');
    expect(await valueOf()).toBe(3);
  });

  it('whose COMMIT fails changed nothing', async () => {
    await client.query('BEGIN');
    await client.query('UPDATE rates SET value = 2');
    await client.query('INSERT INTO late VALUES (1, 77)');
    await expect(client.query('COMMIT')).rejects.toMatchObject({ code: '23503' });
    expect(await valueOf()).toBe(1);
    expect(await shop.isHit(SELECT)).toBe(true);
  });

  it('that failed and is committed nevertheless is rolled back', async () => {
    await client.query('BEGIN');
    await client.query('UPDATE rates SET value = 2');
    await expect(client.query('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
    expect((await client.query('COMMIT')).command).toBe('ROLLBACK');
    expect(await valueOf()).toBe(1);
  });

  it('on a client given back in its midst is not read from', async () => {
    const raw = new pg.Pool({ ...postgres.config, max: 1 });
    const pool = cachedPool(raw);
    expect((await pool.query(SELECT)).rows).toEqual([{ value: 1 }]);
    const left = await pool.connect();
    await left.query('BEGIN');
    await left.query('UPDATE rates SET value = 2');
    left.release();
    await pool.cache.clear();
    // The pool has this one connection: what it answers is right for its transaction, and for nobody else.
    expect((await pool.query(SELECT)).rows).toEqual([{ value: 2 }]);
    await pool.query('ROLLBACK');
    expect((await pool.query(SELECT)).rows).toEqual([{ value: 1 }]);
    await raw.end();
  });
});

describe('a write', () => {
  it('outside a transaction is visible when it returns, also through a callback', async () => {
    await client.query('UPDATE rates SET value = 2');
    expect(await valueOf()).toBe(2);
    await new Promise<void>((resolve, reject) => {
      shop.pool.query('UPDATE rates SET value = 3', (error: Error | undefined) => (error ? reject(error) : resolve()));
    });
    expect(await valueOf()).toBe(3);
    await new Promise<void>((resolve, reject) => {
      client.query('UPDATE rates SET value = $1', [4], (error) => (error ? reject(error) : resolve()));
    });
    expect(await valueOf()).toBe(4);
  });

  it('through a Query object is visible when it ends', async () => {
    const query = client.query(new pg.Query('UPDATE rates SET value = 2'));
    await new Promise<void>((resolve, reject) => {
      query.on('end', () => resolve());
      query.on('error', reject);
    });
    expect(await valueOf()).toBe(2);
  });

  it('by COPY from a stream is visible when it ends, and one that fails changes nothing', async () => {
    const count = async () => (await shop.pool.query('SELECT count(*)::int AS n FROM quiet')).rows[0].n;
    expect(await count()).toBe(0);
    const copy = client.query(new CopyIn('COPY quiet FROM STDIN', '1\n2\n'));
    await copy.done;
    expect(await count()).toBe(2);
    await expect(client.query(new CopyIn('COPY quiet FROM STDIN', 'x\n')).done).rejects.toMatchObject({
      code: '22P02',
    });
    expect(await count()).toBe(2);
  });

  it('through the pool itself, not the cached one, is seen', async () => {
    const raw = new pg.Pool(postgres.config);
    const pool = cachedPool(raw);
    expect((await pool.query(SELECT)).rows).toEqual([{ value: 1 }]);
    await raw.query('UPDATE rates SET value = 2');
    expect((await pool.query(SELECT)).rows).toEqual([{ value: 2 }]);
    await raw.end();
  });

  it('through another pool with the same cache is seen', async () => {
    const cache = createCache({ tiers: [memory()] });
    const raws = [new pg.Pool(postgres.config), new pg.Pool(postgres.config)];
    const [reader, writer] = raws.map((raw) => cachedPool(raw, { cache }));
    expect((await reader?.query(SELECT))?.rows).toEqual([{ value: 1 }]);
    await writer?.query('UPDATE rates SET value = 2');
    expect((await reader?.query(SELECT))?.rows).toEqual([{ value: 2 }]);
    await Promise.all(raws.map((raw) => raw.end()));
  });

  it('by a statement whose text is only in its name is seen', async () => {
    await client.query({ name: 'raise', text: 'UPDATE rates SET value = value + $1', values: [1] });
    expect(await valueOf()).toBe(2);
    await client.query({ name: 'raise', values: [5] } as unknown as pg.QueryConfig);
    expect(await valueOf()).toBe(7);
  });

  it('that fails changes nothing, and what is read after it is kept', async () => {
    await expect(shop.pool.query('UPDATE rates SET value = 1 / 0')).rejects.toMatchObject({ code: '22012' });
    expect(await valueOf()).toBe(1);
    expect(await shop.isHit(SELECT)).toBe(true);
  });

  it('through a cursor of SQL is seen at its commit', async () => {
    await client.query(
      'CREATE OR REPLACE FUNCTION bump() RETURNS int LANGUAGE sql AS $$ UPDATE rates SET value = value + 1 RETURNING value $$',
    );
    await client.query('BEGIN');
    await client.query('DECLARE c CURSOR FOR SELECT bump()');
    await client.query('FETCH ALL FROM c');
    expect(await valueOf()).toBe(1);
    await client.query('COMMIT');
    expect(await valueOf()).toBe(2);
  });

  it('by another program is seen after the ttl, or when it is told of', async () => {
    await shop.other.query('UPDATE rates SET value = 9');
    expect(await valueOf()).toBe(1);
    await shop.pool.invalidate('quiet');
    expect(await valueOf()).toBe(1);
    await shop.pool.invalidate('public.rates');
    expect(await valueOf()).toBe(9);
    await shop.other.query('UPDATE rates SET value = 10');
    await shop.pool.invalidate();
    expect(await valueOf()).toBe(10);
  });
});

describe('reads and writes at once', () => {
  it('20 callers of one question make one query', async () => {
    await shop.pool.cache.clear();
    const loads = shop.pool.cache.stats().loads;
    const results = await Promise.all(Array.from({ length: 20 }, () => shop.pool.query(SELECT)));
    expect(results.map(({ rows }) => rows)).toEqual(Array.from({ length: 20 }, () => [{ value: 1 }]));
    expect(shop.pool.cache.stats().loads).toBe(loads + 1);
  });

  it('a write that overtakes a slow read is not hidden by it', async () => {
    // IMMUTABLE is a lie here, so that a read which has its snapshot and waits at the gate counts as one that can be kept.
    await shop.pool.query(`CREATE OR REPLACE FUNCTION wait_for_gate(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN 1; END $$`);
    const slow = 'SELECT value, wait_for_gate(id) FROM rates WHERE id = 1';
    await withGate(postgres.config, 1, async (gate) => {
      const before = shop.pool.query(slow);
      await gate.waiting(1);
      await client.query('UPDATE rates SET value = 2');
      // This one must not get what the read brings that began before the write.
      const after = shop.pool.query(slow);
      await gate.open();
      expect((await before).rows[0].value).toBe(1);
      expect((await after).rows[0].value).toBe(2);
    });
    expect((await shop.pool.query(slow)).rows[0].value).toBe(2);
    expect(await valueOf()).toBe(2);
  });

  it('a read between the write and its COMMIT is served, but not for longer than to the COMMIT', async () => {
    await client.query('BEGIN');
    await client.query('UPDATE rates SET value = 2');
    await shop.pool.cache.clear();
    expect(await valueOf()).toBe(1);
    await client.query('COMMIT');
    expect(await valueOf()).toBe(2);
  });

  it('while a COMMIT is under way, reads go to the database and are not kept', async () => {
    await shop.pool.query(`
      CREATE TABLE slow (id int);
      CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(2); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow_commit()`);
    await valueOf();
    await withGate(postgres.config, 2, async (gate) => {
      await client.query('BEGIN');
      await client.query('UPDATE rates SET value = 2');
      await client.query('INSERT INTO slow VALUES (1)');
      const commit = client.query('COMMIT');
      await gate.waiting(1);
      const isKept = await shop.isKept(SELECT);
      const value = await valueOf();
      await gate.open();
      await commit;
      expect([isKept, value]).toEqual([false, 1]);
    });
    expect(await valueOf()).toBe(2);
    expect(await shop.isHit(SELECT)).toBe(true);
  });

  it('a connection that breaks at COMMIT leaves nothing behind that may be wrong', async () => {
    client.on('error', () => {});
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    await client.query('BEGIN');
    await client.query('UPDATE rates SET value = 2');
    await shop.other.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
    await expect(client.query('COMMIT')).rejects.toThrow();
    expect(await shop.isHit(SELECT)).toBe(false);
    expect(await valueOf()).toBe(1);
    expect(await shop.isHit(SELECT)).toBe(true);
  });
});
