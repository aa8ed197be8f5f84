import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from './support/postgres.ts';
import { openShop, type Shop } from './support/shop.ts';

let postgres: Postgres;
let shop: Shop;

beforeAll(async () => {
  postgres = await startPostgres();
  shop = openShop(postgres.config);
  await shop.other.query(`
    CREATE TABLE makers (id int PRIMARY KEY, name text);
    CREATE TABLE products (id int PRIMARY KEY, maker int REFERENCES makers ON DELETE CASCADE, name text, price int);
    CREATE TABLE reviews (id int PRIMARY KEY, product int REFERENCES products ON DELETE CASCADE, stars int);
    CREATE TABLE wishes (id int PRIMARY KEY, product int REFERENCES products ON DELETE SET NULL);
    CREATE TABLE rates (id int PRIMARY KEY, value int);
    CREATE TABLE log (id serial PRIMARY KEY, note text);
    CREATE TABLE audited (id int PRIMARY KEY, n int);
    CREATE TABLE ruled (id int PRIMARY KEY, n int);
    CREATE TABLE parts (id int, day date, n int) PARTITION BY RANGE (day);
    CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    CREATE TABLE animals (id int, name text);
    CREATE TABLE birds (wings int) INHERITS (animals);
    CREATE TABLE secrets (id int, owner text);
    ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
    CREATE VIEW dear AS SELECT * FROM products WHERE price > 10;
    CREATE VIEW dearest AS SELECT name FROM dear WHERE price > 100;
    CREATE VIEW clock AS SELECT now() AS at, count(*) FROM products;
    CREATE VIEW hidden AS SELECT * FROM secrets;
    CREATE VIEW opened AS SELECT id, value FROM rates;
    CREATE MATERIALIZED VIEW summary AS SELECT count(*)::int AS n FROM products;
    CREATE FUNCTION writes_log() RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (note) VALUES ('called'); RETURN 1; END $$;
    CREATE FUNCTION reads_products() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM products';
    CREATE FUNCTION doubled(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
    CREATE FUNCTION label(products) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1.name || (SELECT count(*) FROM rates)';
    CREATE FUNCTION same(int, int) RETURNS bool LANGUAGE sql STABLE AS 'SELECT $1 = $2 + (SELECT count(*) FROM rates WHERE false)';
    CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = same);
    CREATE VIEW writing AS SELECT writes_log() AS n;
    CREATE PROCEDURE reprice() LANGUAGE sql AS 'UPDATE products SET price = price + 1';
    CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (note) VALUES ('audit'); RETURN NEW; END $$;
    CREATE TRIGGER audit AFTER INSERT OR UPDATE ON audited FOR EACH ROW EXECUTE FUNCTION audit();
    CREATE TABLE stamped (id int PRIMARY KEY, n int, at timestamptz);
    CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := now(); RETURN NEW; END $$;
    CREATE TRIGGER stamp BEFORE UPDATE ON stamped FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION stamp();
    CREATE TABLE opaque (id int PRIMARY KEY, n int);
    CREATE FUNCTION obscure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'INSERT INTO ' || 'log (note) VALUES (''obscure'')'; RETURN NEW; END $$;
    CREATE TRIGGER obscure AFTER UPDATE ON opaque FOR EACH STATEMENT EXECUTE FUNCTION obscure();
    CREATE VIEW front AS SELECT id, n FROM stamped;
    CREATE FUNCTION front_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE audited SET n = NEW.n WHERE id = NEW.id; RETURN NEW; END $$;
    CREATE TRIGGER front_write INSTEAD OF UPDATE ON front FOR EACH ROW EXECUTE FUNCTION front_write();
    INSERT INTO stamped VALUES (1, 1); INSERT INTO opaque VALUES (1, 1);
    CREATE RULE also AS ON UPDATE TO ruled DO ALSO INSERT INTO log (note) VALUES ('rule');
    INSERT INTO makers SELECT n, 'maker ' || n FROM generate_series(1, 20) n;
    INSERT INTO products SELECT n, n, 'product ' || n, n * 10 FROM generate_series(1, 20) n;
    INSERT INTO reviews SELECT n, n, 5 FROM generate_series(1, 20) n;
    INSERT INTO wishes SELECT n, n FROM generate_series(1, 20) n;
    INSERT INTO rates VALUES (1, 1); INSERT INTO audited VALUES (1, 1); INSERT INTO ruled VALUES (1, 1);
    INSERT INTO parts VALUES (1, '2024-05-05', 1), (2, '2025-05-05', 1);
    INSERT INTO animals VALUES (1, 'ox'); INSERT INTO birds VALUES (2, 'owl', 2);`);
});
afterAll(async () => {
  await shop.close();
  await postgres.stop();
});

describe('a SELECT is answered from cache until what it read is written', () => {
  it.each<[what: string, select: string, write: string]>([
    ['a table', 'SELECT * FROM products', 'UPDATE products SET price = price + 1 WHERE id = 20'],
    ['a view over it', 'SELECT * FROM dear', 'UPDATE products SET price = price + 1 WHERE id = 20'],
    ['a view over a view', 'SELECT * FROM dearest', 'UPDATE products SET name = name || 1 WHERE id = 20'],
    [
      'a table below a CTE',
      'WITH x AS (SELECT * FROM products) SELECT * FROM x',
      'UPDATE products SET price = 1 WHERE id = 19',
    ],
    [
      'a subquery in WHERE',
      'SELECT * FROM makers WHERE id IN (SELECT maker FROM products WHERE price < 50)',
      'UPDATE products SET price = price + 30 WHERE id = 2',
    ],
    [
      'a write inside WITH',
      'SELECT count(*) FROM log',
      "WITH x AS (INSERT INTO log (note) VALUES ('x') RETURNING *) SELECT * FROM x",
    ],
    ['a row added', 'SELECT count(*) FROM makers', "INSERT INTO makers VALUES (21, 'new')"],
    ['ON DELETE CASCADE', 'SELECT count(*) FROM products', 'DELETE FROM makers WHERE id = 18'],
    ['ON DELETE CASCADE, two steps', 'SELECT count(*) FROM reviews', 'DELETE FROM makers WHERE id = 17'],
    ['ON DELETE SET NULL', 'SELECT count(product) FROM wishes', 'DELETE FROM products WHERE id = 16'],
    [
      'MERGE',
      'SELECT sum(price) FROM products',
      'MERGE INTO products p USING makers m ON p.maker = m.id AND m.id = 3 WHEN MATCHED THEN UPDATE SET price = 7',
    ],
    [
      'an upsert',
      'SELECT sum(value) FROM rates',
      'INSERT INTO rates VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET value = rates.value + 1',
    ],
    ['an updatable view', 'SELECT * FROM rates', 'UPDATE opened SET value = value + 1'],
    [
      'several statements in one text',
      'SELECT * FROM rates',
      'UPDATE rates SET value = 40; UPDATE rates SET value = 41',
    ],
    ['a procedure', 'SELECT sum(price) FROM products', 'CALL reprice()'],
    ['a DO block', 'SELECT sum(value) FROM rates', 'DO $$ BEGIN UPDATE rates SET value = value + 1; END $$'],
    ['a function that writes', 'SELECT count(*) FROM log', 'SELECT writes_log()'],
    ['a view that calls one', 'SELECT count(*) FROM log', 'SELECT * FROM writing'],
    ['a trigger', 'SELECT count(*) FROM log', 'UPDATE audited SET n = n + 1'],
    ['a trigger that runs SQL made of text', 'SELECT count(*) FROM log', 'UPDATE opaque SET n = n + 1'],
    ['a trigger that writes instead of the view', 'SELECT n FROM audited', 'UPDATE front SET n = n + 10'],
    ['a trigger behind a trigger', 'SELECT count(*) FROM log', 'UPDATE front SET n = n + 11'],
    ['what a trigger changes in the row', 'SELECT at FROM stamped', 'UPDATE stamped SET n = n + 1'],
    ['a rule', 'SELECT count(*) FROM log', 'UPDATE ruled SET n = n + 1'],
    ['a partition through its parent', 'SELECT sum(n) FROM parts_1', 'UPDATE parts SET n = n + 1'],
    ['the parent through a partition', 'SELECT sum(n) FROM parts', 'UPDATE parts_2 SET n = n + 1'],
    [
      'a row that moves to another partition',
      'SELECT count(*) FROM parts_2',
      "UPDATE parts SET day = '2025-06-06' WHERE id = 1",
    ],
    ['a table that inherits', 'SELECT * FROM animals', "UPDATE birds SET name = 'rook'"],
    ['a table that is inherited from', 'SELECT * FROM birds', "UPDATE animals SET name = name || '!'"],
    ['a materialised view', 'SELECT n FROM summary', 'REFRESH MATERIALIZED VIEW summary'],
    ['TRUNCATE', 'SELECT count(*) FROM wishes', 'TRUNCATE wishes'],
    ['TRUNCATE … CASCADE', 'SELECT count(*) FROM reviews', 'TRUNCATE products CASCADE'],
    ['ALTER TABLE', 'SELECT * FROM rates', 'ALTER TABLE rates ADD COLUMN unit text'],
    [
      'a view that is defined anew',
      'SELECT * FROM opened',
      'CREATE OR REPLACE VIEW opened AS SELECT id, value + 1000 AS value FROM rates',
    ],
    ['SELECT … INTO', 'SELECT count(*) FROM makers', 'SELECT * INTO makers_copy FROM makers'],
    [
      'EXPLAIN ANALYZE of a write',
      'SELECT sum(value) FROM rates',
      'EXPLAIN ANALYZE UPDATE rates SET value = value + 1',
    ],
    [
      'a prepared statement of SQL',
      'SELECT sum(value) FROM rates',
      'PREPARE p AS UPDATE rates SET value = value + 1; EXECUTE p; DEALLOCATE p',
    ],
  ])('%s', async (_, select, write) => {
    expect(await shop.isKept(select)).toBe(true);
    await shop.pool.query(write);
    const fresh = await shop.pool.query(select);
    const expected = await shop.other.query(select);
    expect(fresh.rows).toEqual(expected.rows);
    expect(await shop.isHit(select)).toBe(true);
  });

  it.each([
    ['another table', 'SELECT * FROM makers', 'UPDATE rates SET value = value + 1'],
    ['a referencing table, when a row is only added', 'SELECT * FROM products', "INSERT INTO makers VALUES (30, 'x')"],
    ['a table of which a plan was only explained', 'SELECT * FROM rates', 'EXPLAIN UPDATE rates SET value = 0'],
    ['what a trigger does not write', 'SELECT * FROM makers', 'UPDATE audited SET n = n + 1'],
    ['another table than one whose rows a trigger stamps', 'SELECT * FROM makers', 'UPDATE stamped SET n = n + 1'],
    ['an immutable function', 'SELECT doubled(id) FROM rates', 'SELECT doubled(1)'],
  ])('and not before: %s', async (_, select, write) => {
    expect(await shop.isKept(select)).toBe(true);
    await shop.pool.query(write);
    expect(await shop.isHit(select)).toBe(true);
  });
});

describe('what is never kept', () => {
  it.each([
    ['a locking read', 'SELECT * FROM makers FOR UPDATE'],
    ['a sharing one', 'SELECT * FROM makers FOR SHARE'],
    ['the clock, volatile', 'SELECT clock_timestamp(), id FROM makers'],
    ['the clock, stable', 'SELECT now(), id FROM makers'],
    ['the clock as a keyword', 'SELECT CURRENT_DATE, id FROM makers'],
    ['the clock in a text', "SELECT * FROM parts WHERE day < 'today'"],
    ['the clock through age()', 'SELECT age(day::timestamp) FROM parts'],
    ['the clock in a view', 'SELECT * FROM clock'],
    ['chance', 'SELECT * FROM makers ORDER BY random()'],
    ['a sample', 'SELECT * FROM makers TABLESAMPLE BERNOULLI (50)'],
    ['a sequence', "SELECT nextval('log_id_seq') FROM makers"],
    ['the state of a sequence', 'SELECT last_value FROM log_id_seq'],
    ['a setting', "SELECT current_setting('search_path') FROM makers"],
    ['the user', 'SELECT current_user FROM makers'],
    ['the catalog', 'SELECT relname FROM pg_class'],
    ['the information schema', 'SELECT table_name FROM information_schema.tables'],
    ['row-level security', 'SELECT * FROM secrets'],
    ['row-level security below a view', 'SELECT * FROM hidden'],
    ['a function that reads tables', 'SELECT reads_products() FROM makers'],
    ['a function of a row, written as a column', 'SELECT products.label FROM products'],
    ['an operator whose function reads tables', 'SELECT 1 FROM makers WHERE id === 1'],
    ['a write inside WITH', "WITH x AS (INSERT INTO log (note) VALUES ('y') RETURNING *) SELECT * FROM x, makers"],
    ['a query without a table, as health checks are', 'SELECT 1'],
  ])('%s', async (_, select) => {
    expect(await shop.isKept(select)).toBe(false);
  });

  it('a text value that PostgreSQL may read as a time', async () => {
    const select = 'SELECT count(*) FROM parts WHERE day < $1';
    expect(await shop.isKept(select, ['today'])).toBe(false);
    expect(await shop.isKept(select, ['2025-01-01'])).toBe(true);
  });

  it('a value whose text is only known when it is sent', async () => {
    const odd = { toPostgres: () => '1' };
    expect(await shop.isKept('SELECT count(*) FROM makers WHERE id = $1', [odd])).toBe(false);
  });
});

describe('what formats by the settings in the key is kept', () => {
  it.each([
    "SELECT to_char(day, 'YYYY'), date_trunc('day', day::timestamptz) FROM parts",
    'SELECT json_agg(m), jsonb_build_object(1, 2), row_to_json(m) FROM makers m GROUP BY m',
    "SELECT concat(name, 1), format('%s', name), array_to_string(array_agg(id), ',') FROM makers GROUP BY name",
    'SELECT age(day::timestamp, day::timestamp), extract(year FROM day) FROM parts',
    "SELECT count(*), sum(id), string_agg(name, ','), percentile_cont(0.5) WITHIN GROUP (ORDER BY id), rank(3) WITHIN GROUP (ORDER BY id) FROM makers",
    'SELECT row_number() OVER w, lag(id) OVER w, coalesce(id, 0), greatest(id, 1) FROM makers WINDOW w AS (ORDER BY id)',
  ])('%s', async (select) => {
    expect(await shop.isKept(select)).toBe(true);
  });
});

describe('values', () => {
  it('of another type or content are another question', async () => {
    const select = 'SELECT count(*)::int AS n FROM makers WHERE id::text = $1';
    expect(await shop.isKept(select, ['1'])).toBe(true);
    expect(await shop.isHit(select, [1])).toBe(false);
    expect(await shop.isHit(select, ['2'])).toBe(false);
    expect(await shop.isHit(select, ['1'])).toBe(true);
  });
});
