import { beforeAll, describe, expect, it } from 'vitest';
import { Analyses, loadParser, parse } from '../../src/sql/parser.ts';

beforeAll(() => loadParser());

const names = (relations: readonly { schema: string | undefined; name: string }[]) =>
  relations.map(({ schema, name }) => (schema === undefined ? name : `${schema}.${name}`));

describe('the tables that a statement reads', () => {
  it.each<[sql: string, ...tables: string[]]>([
    ['SELECT * FROM a', 'a'],
    ['TABLE a', 'a'],
    ['SELECT * FROM s.a JOIN b USING (id)', 's.a', 'b'],
    ['SELECT (SELECT max(x) FROM a) FROM b', 'a', 'b'],
    ['SELECT 1 FROM a WHERE EXISTS (SELECT FROM b WHERE b.id = a.id)', 'a', 'b'],
    ['SELECT 1 FROM a WHERE id IN (SELECT id FROM b)', 'a', 'b'],
    ['SELECT * FROM a, LATERAL (SELECT * FROM b WHERE b.id = a.id) x', 'a', 'b'],
    ['SELECT * FROM a UNION ALL (SELECT * FROM b EXCEPT SELECT * FROM c)', 'a', 'b', 'c'],
    ['SELECT * FROM a ORDER BY (SELECT count(*) FROM b)', 'a', 'b'],
    ['SELECT count(*) FILTER (WHERE x IN (SELECT x FROM b)) FROM a', 'a', 'b'],
    ['SELECT * FROM (VALUES ((SELECT max(id) FROM a))) v', 'a'],
    ['SELECT * FROM ROWS FROM (generate_series(1, (SELECT max(id) FROM a)))', 'a'],
    ["SELECT * FROM a, XMLTABLE('/r' PASSING (SELECT x FROM b) COLUMNS y int)", 'a', 'b'],
    ['SELECT ARRAY(SELECT id FROM a), CASE WHEN (SELECT true FROM b) THEN 1 END FROM c', 'a', 'b', 'c'],
    ['SELECT * FROM ONLY a', 'a'],
    ['SELECT * FROM "Odd Name"', 'Odd Name'],
  ])('%s', (sql, ...tables) => {
    expect(names(parse(sql).reads).toSorted()).toEqual(tables.toSorted());
  });
});

describe('names given by WITH', () => {
  it.each<[what: string, sql: string, ...tables: string[]]>([
    ['hide a table of the name', 'WITH a AS (SELECT * FROM b) SELECT * FROM a', 'b'],
    ['do not hide a table with a schema', 'WITH a AS (SELECT 1) SELECT * FROM s.a', 's.a'],
    ['do not hide the table in their own query', 'WITH a AS (SELECT * FROM a) SELECT * FROM a', 'a'],
    ['hide it there when recursive', 'WITH RECURSIVE a AS (SELECT 1 UNION SELECT * FROM a) SELECT * FROM a'],
    ['are seen by later ones', 'WITH a AS (SELECT * FROM x), b AS (SELECT * FROM a) SELECT * FROM b', 'x'],
    ['are not seen by earlier ones', 'WITH b AS (SELECT * FROM a), a AS (SELECT * FROM x) SELECT * FROM b', 'a', 'x'],
    ['are seen in subqueries', 'WITH a AS (SELECT 1) SELECT (SELECT * FROM (SELECT * FROM a) q)'],
    ['end with their subquery', 'SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) q, a', 'a'],
    [
      'of an inner query hide outer ones',
      'WITH a AS (SELECT * FROM x) SELECT * FROM (WITH a AS (SELECT * FROM y) SELECT * FROM a) q',
      'x',
      'y',
    ],
  ])('%s', (_, sql, ...tables) => {
    expect(names(parse(sql).reads).toSorted()).toEqual(tables.toSorted());
  });
});

describe('the tables that a statement writes', () => {
  it.each<[sql: string, ...tables: string[]]>([
    ['INSERT INTO a SELECT * FROM b', 'a'],
    ['UPDATE a SET x = b.x FROM b', 'a'],
    ['DELETE FROM s.a USING b', 's.a'],
    ['MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE', 'a'],
    ['COPY a FROM STDIN', 'a'],
    ['REFRESH MATERIALIZED VIEW a', 'a'],
    ['WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone', 'a'],
    ['WITH x AS (INSERT INTO a VALUES (1) RETURNING *) UPDATE b SET n = 1', 'a', 'b'],
    ['EXPLAIN ANALYZE DELETE FROM a', 'a'],
    ['COPY (DELETE FROM a RETURNING *) TO STDOUT', 'a'],
    ['DECLARE c CURSOR FOR SELECT 1'],
    ['EXPLAIN DELETE FROM a'],
    ['COPY a TO STDOUT'],
    ['PREPARE p AS DELETE FROM a'],
  ])('%s', (sql, ...tables) => {
    expect(names(parse(sql).writes).toSorted()).toEqual(tables.toSorted());
    expect(parse(sql).refusal).toBeDefined();
  });

  it('knows an insert that may update from one that only adds', () => {
    const insertOnly = (sql: string) => parse(sql).writes[0]?.insertOnly;
    expect(insertOnly('INSERT INTO a VALUES (1)')).toBe(true);
    expect(insertOnly('INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING')).toBe(true);
    expect(insertOnly('INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET x = 1')).toBe(false);
    expect(insertOnly('DELETE FROM a')).toBe(false);
  });
});

describe('what is never kept, by the text alone', () => {
  it.each([
    ['SELECT * FROM a FOR UPDATE', 'locks'],
    ['SELECT * FROM (SELECT * FROM a FOR SHARE) q', 'locks'],
    ['WITH x AS (SELECT * FROM a FOR NO KEY UPDATE) SELECT * FROM x', 'locks'],
    ['WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x, a', 'writes'],
    ['SELECT * INTO b FROM a', 'writes'],
    ['SELECT a.*, CURRENT_DATE FROM a', 'clock'],
    ['SELECT a.*, LOCALTIMESTAMP(0) FROM a', 'clock'],
    ["SELECT * FROM a WHERE at > 'yesterday'", 'clock'],
    ["SELECT * FROM a WHERE at > timestamptz 'now'", 'clock'],
    ['SELECT * FROM a WHERE owner = CURRENT_USER', 'session'],
    ['SELECT * FROM a WHERE owner = SESSION_USER', 'session'],
    ['SELECT * FROM a TABLESAMPLE SYSTEM (10)', 'random'],
    ['SELECT * FROM a; SELECT * FROM b', 'many-statements'],
    ['', 'many-statements'],
    ['-- nothing', 'many-statements'],
    ['SELECT 1', 'no-table'],
    ['SHOW search_path', 'not-a-select'],
    ['EXPLAIN SELECT * FROM a', 'not-a-select'],
    ['DECLARE c CURSOR FOR SELECT * FROM a', 'not-a-select'],
    ['FETCH ALL FROM c', 'not-a-select'],
    ['EXECUTE p', 'not-a-select'],
    ['INSERT INTO a VALUES (1) RETURNING *', 'not-a-select'],
    ['SELEKT * FROM a', 'unparsed'],
  ])('%s', (sql, refusal) => {
    expect(parse(sql).refusal).toBe(refusal);
  });
});

describe('statements that may have done anything', () => {
  it.each(['CALL p()', 'DO $$ BEGIN END $$', 'EXECUTE p', "COMMIT PREPARED 'x'", 'SELEKT 1', 'TRUNCATE a'])(
    '%s',
    (sql) => {
      expect(parse(sql).isOpaque).toBe(true);
    },
  );

  it.each([
    'CREATE TABLE a (id int)',
    'CREATE TABLE a AS SELECT 1',
    'DROP VIEW v',
    'ALTER TABLE a ADD b int',
    'GRANT SELECT ON a TO b',
    'CREATE TEMP TABLE a (id int)',
  ])('changes the schema: %s', (sql) => {
    expect(parse(sql)).toMatchObject({ changesSchema: true, changesSession: true });
  });

  it('takes a text that is too long to parse for one of them', () => {
    expect(parse(`SELECT * FROM a WHERE x IN (${'1,'.repeat(200_000)}1)`)).toMatchObject({
      isOpaque: true,
      refusal: 'unparsed',
    });
  });

  it.each([
    'VACUUM a',
    'LISTEN x',
    'NOTIFY x',
    'BEGIN',
    'SAVEPOINT s',
    'SHOW x',
    'FETCH c',
    '',
    'SET TRANSACTION READ ONLY',
  ])('is none of them: %j', (sql) => {
    expect(parse(sql)).toMatchObject({ isOpaque: false, changesSchema: false, changesSession: false, writes: [] });
  });
});

describe('statements that change the session', () => {
  it.each([
    'SET search_path TO x',
    'SET LOCAL search_path TO x',
    "SET TIME ZONE 'UTC'",
    'SET ROLE x',
    'SET SESSION AUTHORIZATION x',
    'RESET search_path',
    'RESET ALL',
    'DISCARD ALL',
    "SELECT set_config('search_path', 'x', false)",
    "SELECT set_config($1, 'x', false)",
    "SELECT pg_catalog.set_config('TimeZone', 'UTC', true)",
  ])('%s', (sql) => {
    expect(parse(sql).changesSession).toBe(true);
  });

  it.each(['SET statement_timeout = 100', "SET LOCAL app.tenant = 'x'", "SELECT set_config('app.tenant', 'x', true)"])(
    'does not for what no kept result depends on: %s',
    (sql) => {
      expect(parse(sql).changesSession).toBe(false);
    },
  );
});

describe('transaction control', () => {
  it.each([
    ['COMMIT', true, false],
    ['END', true, false],
    ['COMMIT AND CHAIN', true, false],
    ["PREPARE TRANSACTION 'x'", true, false],
    ['ROLLBACK', false, true],
    ['ABORT', false, true],
    ['ROLLBACK TO s', false, false],
    ['BEGIN', false, false],
    ['UPDATE a SET x = 1; COMMIT', true, false],
    ['ROLLBACK; UPDATE a SET x = 1', false, false],
  ])('%s', (sql, mayCommit, isRollback) => {
    expect(parse(sql)).toMatchObject({ mayCommit, isRollback, isTransactionControl: true });
  });
});

describe('Analyses', () => {
  it('parses a text once while it is in use, and holds a bounded number', () => {
    const analyses = new Analyses();
    const first = analyses.of('SELECT * FROM a');
    for (let n = 0; n < 999; n++) analyses.of(`SELECT ${n} FROM a`);
    expect(analyses.of('SELECT * FROM a')).toBe(first);
    for (let n = 0; n < 1_000; n++) analyses.of(`SELECT -${n} FROM b`);
    expect(analyses.of('SELECT * FROM a')).not.toBe(first);
  });

  it('holds a bounded number of characters', () => {
    const analyses = new Analyses();
    const long = (n: number) => `SELECT '${String(n).repeat(100_000)}' FROM a`;
    const first = analyses.of(long(1));
    expect(analyses.of(long(1))).toBe(first);
    for (let n = 10; n < 40; n++) analyses.of(long(n));
    expect(analyses.of(long(1))).not.toBe(first);
  });
});
