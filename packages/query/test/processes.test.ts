import { createCache } from '@kvasir/core';
import { memoryBus, memoryRemote } from '@kvasir/core/testing';
import { memory } from '@kvasir/memory';
import { type CachedPool, cachedPool } from '@kvasir/query';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withGate } from './support/gate.ts';
import { type Postgres, startPostgres } from './support/postgres.ts';

const SELECT = 'SELECT value FROM rates WHERE id = 1';

let postgres: Postgres;
let raws: pg.Pool[];
/** Each with its own memory, as two processes have, over one remote tier and one bus. */
let one: pg.Pool & CachedPool;
let other: pg.Pool & CachedPool;

beforeAll(async () => {
  postgres = await startPostgres();
  const remote = memoryRemote();
  const bus = memoryBus();
  raws = [new pg.Pool(postgres.config), new pg.Pool(postgres.config)];
  const open = (raw: pg.Pool | undefined) => {
    raw?.on('error', () => {});
    const cache = createCache({ tiers: [memory(), remote], bus, remoteDeadline: '10s' });
    return cachedPool(raw ?? new pg.Pool(), { cache });
  };
  one = open(raws[0]);
  other = open(raws[1]);
  await one.query('CREATE TABLE rates (id int PRIMARY KEY, value int)');
});
beforeEach(async () => {
  await one.query('TRUNCATE rates; INSERT INTO rates VALUES (1, 1)');
  await other.query('SELECT 1');
});
afterAll(async () => {
  await Promise.all(raws.map((raw) => raw.end()));
  await postgres.stop();
});

async function isHit(pool: pg.Pool & CachedPool): Promise<boolean> {
  const before = pool.cache.stats().hits;
  await pool.query(SELECT);
  return pool.cache.stats().hits > before;
}

describe('two processes over one remote tier', () => {
  it('share what one of them has loaded', async () => {
    await one.query(SELECT);
    expect(await isHit(other)).toBe(true);
  });

  it('hear of each other’s writes', async () => {
    await one.query(SELECT);
    await other.query(SELECT);
    await other.query('UPDATE rates SET value = 2');
    expect((await one.query(SELECT)).rows).toEqual([{ value: 2 }]);
    await one.query('UPDATE rates SET value = 3');
    expect((await other.query(SELECT)).rows).toEqual([{ value: 3 }]);
  });

  it('have forgotten what was read before, when a COMMIT is sent: a crash after it leaves nothing as old as that', async () => {
    await one.query(`CREATE OR REPLACE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(3); RETURN NULL; END $$`);
    await one.query('DROP TRIGGER IF EXISTS wait ON rates');
    await one.query(`CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON rates DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION wait_at_commit()`);
    await other.query(SELECT);
    expect(await isHit(other)).toBe(true);

    await withGate(postgres.config, 3, async (gate) => {
      const client = await one.connect();
      await client.query('BEGIN');
      await client.query('UPDATE rates SET value = 2');
      const hasBefore = await isHit(other);
      const commit = client.query('COMMIT');
      await gate.waiting(1);
      const hasAfter = await isHit(other);
      await gate.open();
      await commit;
      client.release();
      expect([hasBefore, hasAfter]).toEqual([true, false]);
    });
    expect((await other.query(SELECT)).rows).toEqual([{ value: 2 }]);
  });
});
