import { createCache } from '@kvasir/core';
import { ManualClock } from '@kvasir/core/testing';
import { memory } from '@kvasir/memory';
import { cachedPool } from '@kvasir/query';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from './support/postgres.ts';
import { openShop, type Shop } from './support/shop.ts';

const SELECT = 'SELECT name FROM tenants';

let postgres: Postgres;

beforeAll(async () => {
  postgres = await startPostgres();
  const client = new pg.Client(postgres.config);
  await client.connect();
  await client.query(`
    CREATE SCHEMA a; CREATE TABLE a.tenants (name text, at timestamptz DEFAULT '2024-01-01 00:00:00Z'); INSERT INTO a.tenants VALUES ('a');
    CREATE SCHEMA b; CREATE TABLE b.tenants (name text, at timestamptz DEFAULT '2024-01-01 00:00:00Z'); INSERT INTO b.tenants VALUES ('b');
    CREATE ROLE kvasir_reader; GRANT USAGE ON SCHEMA a TO kvasir_reader;
    CREATE ROLE kvasir_limited LOGIN PASSWORD 'limited'; GRANT USAGE ON SCHEMA a TO kvasir_limited; GRANT SELECT ON a.tenants TO kvasir_limited;
    REVOKE SELECT ON pg_catalog.pg_inherits FROM PUBLIC;
    CREATE FUNCTION a.switch(path text) RETURNS text LANGUAGE plpgsql AS
      $$ BEGIN RETURN set_config('search_path', path, false); END $$;
    CREATE TABLE a.switches (id int);
    CREATE FUNCTION a.switch_to_b() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', 'b', false); RETURN NEW; END $$;
    CREATE TRIGGER switch BEFORE INSERT ON a.switches FOR EACH ROW EXECUTE FUNCTION a.switch_to_b();`);
  await client.end();
});
afterAll(async () => {
  // Roles belong to the server, which may be one that goes on.
  const client = new pg.Client(postgres.config);
  await client.connect();
  await client.query('DROP OWNED BY kvasir_reader, kvasir_limited; DROP ROLE kvasir_reader, kvasir_limited');
  await client.end();
  await postgres.stop();
});

/** A shop of one connection, whose search_path is `path`, so that what a session says holds for all its queries. */
async function withShop(path: string, run: (shop: Shop) => Promise<void>, max = 1): Promise<void> {
  const shop = openShop({ ...postgres.config, max, options: `-c search_path=${path}` });
  try {
    await run(shop);
  } finally {
    await shop.close();
  }
}

async function nameIn(pool: pg.Pool): Promise<string> {
  return (await pool.query(SELECT)).rows[0].name;
}

describe('pools on one cache', () => {
  it('with other search paths answer each from its own schema', async () => {
    const cache = createCache({ tiers: [memory()] });
    const raws = ['a', 'b'].map((path) => new pg.Pool({ ...postgres.config, options: `-c search_path=${path}` }));
    const [a, b] = raws.map((raw) => cachedPool(raw, { cache }));
    for (let round = 0; round < 2; round++) {
      expect((await a?.query(SELECT))?.rows).toEqual([{ name: 'a' }]);
      expect((await b?.query(SELECT))?.rows).toEqual([{ name: 'b' }]);
    }
    expect(cache.stats()).toMatchObject({ hits: 2, loads: 2 });
    await Promise.all(raws.map((raw) => raw.end()));
  });

  it('with other time zones write times each in its own', async () => {
    const cache = createCache({ tiers: [memory()] });
    const raws = ['UTC', 'Asia/Tokyo'].map(
      (zone) => new pg.Pool({ ...postgres.config, options: `-c TimeZone=${zone}` }),
    );
    const texts = [];
    for (const raw of raws)
      texts.push((await cachedPool(raw, { cache }).query('SELECT at::text FROM a.tenants')).rows[0].at);
    expect(texts).toEqual(['2024-01-01 00:00:00+00', '2024-01-01 09:00:00+09']);
    await Promise.all(raws.map((raw) => raw.end()));
  });
});

describe('a statement through the pool that changes the session', () => {
  it.each([
    ['SET search_path', 'SET search_path TO b', 'SET search_path TO a'],
    ['set_config', "SELECT set_config('search_path', 'b', false)", "SELECT set_config('search_path', 'a', false)"],
    ['a function that does it', "SELECT switch('b, a')", 'RESET search_path'],
    ['SET in a DO block', "DO $$ BEGIN PERFORM set_config('search_path', 'b', false); END $$", 'RESET ALL'],
  ])('makes its answers those of another session, until it is undone: %s', async (_, change, undo) => {
    await withShop('a', async (shop) => {
      expect(await nameIn(shop.pool)).toBe('a');
      await shop.pool.query(change);
      expect(await nameIn(shop.pool)).toBe('b');
      expect(await nameIn(shop.pool)).toBe('b');
      await shop.pool.query(undo);
      expect(await nameIn(shop.pool)).toBe('a');
      expect(await shop.isHit(SELECT)).toBe(true);
    });
  });

  it('on one connection of several takes all reads past the cache', async () => {
    await withShop(
      'a',
      async (shop) => {
        expect(await shop.isKept(SELECT)).toBe(true);
        await Promise.all([
          shop.pool.query('SELECT pg_advisory_lock(7), pg_advisory_unlock(7)'),
          shop.pool.query('SET search_path TO b'),
        ]);
        expect(await shop.isKept(SELECT)).toBe(false);
        await Promise.all([shop.pool.query('RESET search_path'), shop.pool.query('RESET search_path')]);
        expect(await nameIn(shop.pool)).toBe('a');
      },
      2,
    );
  });

  it('another role is another session', async () => {
    await withShop('a', async (shop) => {
      expect(await nameIn(shop.pool)).toBe('a');
      await shop.pool.query('SET ROLE kvasir_reader');
      await expect(shop.pool.query(SELECT)).rejects.toMatchObject({ code: '42501' });
    });
  });

  it('SET LOCAL ends with its transaction', async () => {
    await withShop('a', async (shop) => {
      expect(await nameIn(shop.pool)).toBe('a');
      const client = await shop.pool.connect();
      await client.query('BEGIN');
      await client.query('SET LOCAL search_path TO b');
      expect((await client.query(SELECT)).rows).toEqual([{ name: 'b' }]);
      await client.query('COMMIT');
      client.release();
      expect(await nameIn(shop.pool)).toBe('a');
      expect(await shop.isHit(SELECT)).toBe(true);
    });
  });

  it('SET on a client that is still checked out concerns nobody else', async () => {
    await withShop(
      'a',
      async (shop) => {
        expect(await shop.isKept(SELECT)).toBe(true);
        const client = await shop.pool.connect();
        await client.query('SET search_path TO b');
        expect(await shop.isHit(SELECT)).toBe(true);
        client.release();
        expect(await shop.isHit(SELECT)).toBe(false);
      },
      2,
    );
  });

  it('a connection that was changed and is gone leaves nothing behind', async () => {
    await withShop('a', async (shop) => {
      expect(await nameIn(shop.pool)).toBe('a');
      await shop.pool.query('SET search_path TO b');
      expect(await shop.isKept(SELECT)).toBe(true);
      (await shop.pool.connect()).release(true);
      expect(await nameIn(shop.pool)).toBe('a');
    });
  });

  it('a write under another search path is not taken for one of the table of that name here', async () => {
    await withShop('a', async (shop) => {
      const there = 'SELECT name FROM b.tenants';
      expect(await shop.isKept(there)).toBe(true);
      const client = await shop.pool.connect();
      await client.query('BEGIN');
      await client.query('SET LOCAL search_path TO b');
      await client.query("UPDATE tenants SET name = 'c'");
      await client.query('COMMIT');
      client.release();
      expect((await shop.pool.query(there)).rows).toEqual([{ name: 'c' }]);
      await shop.pool.query("UPDATE b.tenants SET name = 'b'");
    });
  });

  it('is one whose trigger does it: what it answers is kept for its own session', async () => {
    const cache = createCache({ tiers: [memory()] });
    const raws = [1, 2].map(() => new pg.Pool({ ...postgres.config, max: 1, options: '-c search_path=a' }));
    const [changed, other] = raws.map((raw) => cachedPool(raw, { cache }));
    if (changed === undefined || other === undefined) throw new Error('two pools');
    expect([await nameIn(changed), await nameIn(other)]).toEqual(['a', 'a']);
    await changed.query('INSERT INTO switches DEFAULT VALUES');
    expect([await nameIn(changed), await nameIn(other)]).toEqual(['b', 'a']);
    await Promise.all(raws.map((raw) => raw.end()));
  });

  it('a search path set on each new connection is the session of them all', async () => {
    const raw = new pg.Pool(postgres.config);
    const pool = cachedPool(raw);
    raw.on('connect', (client) => void client.query('SET search_path TO b'));
    for (let round = 0; round < 4; round++) expect(await nameIn(pool)).toBe('b');
    expect(pool.cache.stats().hits).toBeGreaterThan(0);
    await raw.end();
  });

  it('a search path set on each new connection is also that of one that never comes back', async () => {
    const raw = new pg.Pool(postgres.config);
    const pool = cachedPool(raw);
    raw.on('connect', (client) => void client.query('SET search_path TO b'));
    const listening = await pool.connect();
    await listening.query('LISTEN changes');
    for (let round = 0; round < 4; round++) expect(await nameIn(pool)).toBe('b');
    expect(pool.cache.stats().hits).toBeGreaterThan(0);
    listening.release();
    await raw.end();
  });
});

describe('a temporary table', () => {
  it('that hides a real one is read, and nothing is kept while it is there', async () => {
    await withShop('a', async (shop) => {
      expect(await nameIn(shop.pool)).toBe('a');
      await shop.pool.query("CREATE TEMP TABLE tenants AS SELECT 'temporary' AS name");
      expect(await nameIn(shop.pool)).toBe('temporary');
      expect(await shop.isKept(SELECT)).toBe(false);
      await shop.pool.query('DROP TABLE pg_temp.tenants');
      expect(await nameIn(shop.pool)).toBe('a');
      expect(await shop.isHit(SELECT)).toBe(true);
    });
  });

  it('or view that hides a real one writes its own table', async () => {
    const run = async (shop: Shop) => {
      const there = 'SELECT name FROM b.tenants';
      const client = await shop.pool.connect();
      try {
        await client.query('CREATE TEMP VIEW tenants AS SELECT * FROM b.tenants');
        expect(await shop.isKept(there)).toBe(true);
        await client.query("UPDATE tenants SET name = 'c'");
        expect((await shop.pool.query(there)).rows).toEqual([{ name: 'c' }]);
      } finally {
        await client.query("UPDATE tenants SET name = 'b'");
        client.release(true);
      }
    };
    await withShop('a', run, 2);
  });
});

describe('the catalog', () => {
  it('is looked at again when it is old, so that triggers of others are found', async () => {
    const clock = new ManualClock();
    const shop = openShop(postgres.config, {
      clock,
      cache: createCache({ tiers: [memory({ clock })], clock, ttl: '1h' }),
      ttl: '1h',
    });
    await shop.other.query(`CREATE TABLE counted (id int); CREATE TABLE counts (n int); INSERT INTO counts VALUES (0);
      CREATE FUNCTION count_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE counts SET n = n + 1; RETURN NULL; END $$`);
    const select = 'SELECT n FROM counts';
    expect((await shop.pool.query(select)).rows).toEqual([{ n: 0 }]);
    await shop.other.query('CREATE TRIGGER up AFTER INSERT ON counted FOR EACH ROW EXECUTE FUNCTION count_up()');
    await clock.advance(60_000);
    await shop.pool.query('INSERT INTO counted VALUES (1)');
    expect((await shop.pool.query(select)).rows).toEqual([{ n: 1 }]);
    await shop.close();
  });

  it('that cannot be read leaves everything to the database', async () => {
    const limited = { ...postgres.config, user: 'kvasir_limited', password: 'limited', options: '-c search_path=a' };
    const raw = new pg.Pool(limited);
    const pool = cachedPool(raw);
    expect(await nameIn(pool)).toBe('a');
    expect(await nameIn(pool)).toBe('a');
    expect(pool.cache.stats()).toMatchObject({ hits: 0, loads: 0 });
    await raw.end();
  });
});

describe('a database that cannot be reached', () => {
  it('is told of by the error of node-postgres itself', async () => {
    const raw = new pg.Pool({ host: '127.0.0.1', port: 1 });
    const pool = cachedPool(raw);
    await expect(pool.query(SELECT)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(pool.query('UPDATE tenants SET name = 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await raw.end();
  });
});
