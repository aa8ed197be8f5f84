import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Catalog } from '../src/catalog/catalog.ts';
import { FACTS_SQL, type Facts } from '../src/catalog/facts.ts';
import { resolveReads, resolveWrites } from '../src/catalog/resolve.ts';
import { loadParser, parse } from '../src/sql/parser.ts';
import { type Postgres, startPostgres } from './support/postgres.ts';

/** PostgreSQL itself says which relations a statement touched: those that its transaction holds locks on. */
let postgres: Postgres;
let client: pg.Client;
let catalog: Catalog;

beforeAll(async () => {
  await loadParser();
  postgres = await startPostgres();
  client = new pg.Client(postgres.config);
  await client.connect();
  await client.query(`
    CREATE TABLE a (id int PRIMARY KEY, n int, t text);
    CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE ON UPDATE CASCADE, n int);
    CREATE TABLE c (id int PRIMARY KEY, b int REFERENCES b ON DELETE SET NULL, n int);
    CREATE TABLE d (id int PRIMARY KEY, c int REFERENCES c, n int);
    CREATE SCHEMA s; CREATE TABLE s.a (id int, n int);
    CREATE TABLE "Odd ""name" (id int);
    CREATE TABLE p (id int, day int) PARTITION BY LIST (day);
    CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2) PARTITION BY LIST (id);
    CREATE TABLE p21 PARTITION OF p2 FOR VALUES IN (1, 2, 3);
    CREATE TABLE i (id int); CREATE TABLE i1 (x int) INHERITS (i); CREATE TABLE i2 (y int) INHERITS (i1, s.a);
    CREATE VIEW v AS SELECT a.id, b.n FROM a JOIN b ON b.a = a.id;
    CREATE VIEW vv AS SELECT v.*, (SELECT max(n) FROM c) AS most FROM v WHERE EXISTS (SELECT FROM d);
    CREATE VIEW vw AS WITH a AS (SELECT * FROM c) SELECT * FROM a;
    CREATE VIEW simple AS SELECT id, n FROM a WHERE n > 0;
    CREATE MATERIALIZED VIEW m AS SELECT * FROM a;
    INSERT INTO a SELECT g, g, 'x' FROM generate_series(1, 5) g; INSERT INTO b SELECT g, g, g FROM generate_series(1, 5) g;
    INSERT INTO c SELECT g, g, g FROM generate_series(1, 5) g; INSERT INTO p VALUES (1, 1), (1, 2); INSERT INTO d VALUES (1, 1, 1);`);
  const [[json]] = (await client.query<[string]>({ text: FACTS_SQL, rowMode: 'array' })).rows as [[string]];
  catalog = new Catalog(JSON.parse(json) as Facts, parse);
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

/** Tables and materialised views that a statement of this transaction locked, and how, as `schema.name`. */
async function locksOf(sql: string): Promise<{ name: string; writes: boolean }[]> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    const { rows } = await client.query(`
      SELECT n.nspname || '.' || c.relname AS name, bool_or(l.mode <> 'AccessShareLock' AND l.mode <> 'RowShareLock') AS writes
      FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE l.pid = pg_backend_pid() AND c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') GROUP BY 1`);
    return rows;
  } finally {
    await client.query('ROLLBACK');
  }
}

/** The tags, by the names that stand in them, of a relation. */
function rootsOf(name: string): string[] {
  const [schema, ...rest] = name.split('.');
  return (catalog.find({ schema, name: rest.join('.') })?.roots ?? []).map((root) => `${root.schema}.${root.name}`);
}

describe('the tables found for a SELECT are those that PostgreSQL locks', () => {
  it.each([
    'SELECT * FROM a',
    'TABLE s.a',
    'SELECT * FROM "Odd ""name"',
    'SELECT * FROM a, b WHERE a.id = b.a',
    'SELECT * FROM a LEFT JOIN (b JOIN c ON c.b = b.id) ON b.a = a.id',
    'SELECT * FROM a WHERE id IN (SELECT a FROM b WHERE n > ALL (SELECT n FROM c))',
    'SELECT (SELECT count(*) FROM b WHERE b.a = a.id) FROM a ORDER BY (SELECT max(id) FROM d)',
    'SELECT * FROM a, LATERAL (SELECT * FROM b WHERE b.a = a.id LIMIT 1) x',
    'SELECT * FROM a CROSS JOIN LATERAL generate_series(1, (SELECT count(*) FROM c)) g',
    'WITH x AS (SELECT * FROM a), y AS MATERIALIZED (SELECT * FROM x JOIN b USING (id)) SELECT * FROM y',
    'WITH a AS (SELECT * FROM a) SELECT * FROM a',
    'WITH a AS (SELECT * FROM b) SELECT * FROM a, s.a AS other',
    'WITH RECURSIVE t AS (SELECT id FROM a WHERE id = 1 UNION ALL SELECT b.id FROM b JOIN t ON b.a = t.id + 1) SELECT * FROM t',
    'SELECT * FROM a UNION SELECT id, n, NULL FROM b INTERSECT SELECT id, n, NULL FROM c EXCEPT SELECT id, n, NULL FROM d',
    'SELECT * FROM (VALUES ((SELECT max(id) FROM a)), ((SELECT min(id) FROM b))) v(x)',
    'SELECT CASE WHEN EXISTS (SELECT FROM a) THEN (SELECT id FROM b LIMIT 1) ELSE (SELECT id FROM c LIMIT 1) END FROM d',
    'SELECT ARRAY(SELECT id FROM a), ROW((SELECT min(id) FROM b)) FROM c GROUP BY (SELECT max(id) FROM d)',
    'SELECT count(*) FILTER (WHERE id IN (SELECT id FROM b)) OVER (ORDER BY (SELECT min(id) FROM c)) FROM a',
    'SELECT * FROM a WHERE (id, n) = (SELECT id, n FROM b LIMIT 1) LIMIT (SELECT count(*) FROM c)',
    'SELECT * FROM a GROUP BY id HAVING count(*) > (SELECT count(*) FROM b) OFFSET (SELECT 0 FROM d LIMIT 1)',
    'SELECT * FROM v',
    'SELECT * FROM vv',
    'SELECT * FROM vw',
    'SELECT * FROM simple JOIN v USING (id)',
    'SELECT * FROM m',
    'SELECT * FROM p',
    'SELECT * FROM p WHERE day = 1',
    'SELECT * FROM p2',
    'SELECT * FROM p21',
    'SELECT * FROM ONLY i',
    'SELECT * FROM i',
    'SELECT * FROM i1',
    'SELECT * FROM i2',
    'SELECT * FROM s.a',
    'SELECT DISTINCT ON (n) a.* FROM a JOIN b USING (n) ORDER BY n, a.id DESC',
    'SELECT jsonb_agg(x) FROM (SELECT a.id, (SELECT json_agg(b) FROM b WHERE b.a = a.id) AS bs FROM a) x',
    'SELECT * FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY(SELECT id FROM a))) r',
    'SELECT grouping(n), n FROM a GROUP BY ROLLUP (n)',
    'SELECT a.t COLLATE "C", a.n::text::varchar, NULLIF(a.n, (SELECT 1 FROM b LIMIT 1)) FROM a',
    'SELECT * FROM a NATURAL JOIN b NATURAL JOIN c',
  ])('%s', async (sql) => {
    const reading = resolveReads(parse(sql), catalog);
    expect(reading.refusal).toBeUndefined();
    const found = reading.refusal === undefined ? reading.tables.map(({ schema, name }) => `${schema}.${name}`) : [];
    const locked = await locksOf(sql);
    expect(locked.length).toBeGreaterThan(0);
    for (const { name } of locked) expect(found).toEqual(expect.arrayContaining(rootsOf(name)));
  });
});

describe('the tables found for a write are at least those that PostgreSQL locks for writing', () => {
  it.each([
    "INSERT INTO a VALUES (9, 9, 'x')",
    'INSERT INTO b SELECT id + 10, id, n FROM a',
    'UPDATE a SET n = 0',
    'UPDATE a SET id = id + 100',
    'DELETE FROM a WHERE id = 4',
    'DELETE FROM c WHERE id = 5',
    'DELETE FROM b USING a WHERE a.id = b.a AND a.n = 3',
    'WITH gone AS (DELETE FROM d RETURNING *), more AS (UPDATE c SET n = 1) INSERT INTO s.a SELECT id, n FROM gone',
    'MERGE INTO c USING a ON a.id = c.id WHEN MATCHED THEN UPDATE SET n = a.n WHEN NOT MATCHED THEN INSERT VALUES (a.id, NULL, 0)',
    'UPDATE simple SET n = 5',
    'INSERT INTO p VALUES (2, 2)',
    'UPDATE p SET day = 3 - day WHERE id = 1',
    'DELETE FROM p21',
    'UPDATE i SET id = 0',
    'UPDATE i1 SET id = 0',
    'REFRESH MATERIALIZED VIEW m',
    'INSERT INTO a VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET id = a.id + 50',
  ])('%s', async (sql) => {
    const { tables } = resolveWrites(parse(sql), catalog);
    const found = tables?.map(({ schema, name }) => `${schema}.${name}`) ?? [];
    const locked = (await locksOf(sql)).filter(({ writes }) => writes);
    expect(locked.length).toBeGreaterThan(0);
    for (const { name } of locked) expect(found).toEqual(expect.arrayContaining(rootsOf(name)));
  });
});
