import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser, parse } from '../../src/sql/parser.ts';
import { analyseFunction } from '../../src/sql/plpgsql.ts';

beforeAll(() => loadParser());

function analyse(body: string, declare = ''): { writes: string[]; functions: string[]; isOpaque: boolean } {
  const definition = `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ ${declare} BEGIN ${body} END $$`;
  const analyses = analyseFunction(definition, parse);
  return {
    writes: analyses.flatMap(({ writes }) => writes.map(({ name }) => name)),
    functions: analyses.flatMap(({ functions }) => functions.map(({ name }) => name)),
    isOpaque: analyses.some(({ isOpaque }) => isOpaque),
  };
}

describe('the SQL of a PL/pgSQL function', () => {
  it.each<[what: string, body: string, writes: string[], functions: string[]]>([
    ['an assignment', 'NEW.updated_at := now(); RETURN NEW;', [], ['now']],
    ['one with =', 'NEW.n = (SELECT max(n) FROM a); RETURN NEW;', [], ['max']],
    ['a statement', 'INSERT INTO log VALUES (NEW.id); RETURN NULL;', ['log'], []],
    [
      'a condition and what depends on it',
      "IF lower(NEW.a) = 'x' THEN DELETE FROM b; ELSE UPDATE c SET n = 1; END IF; RETURN NEW;",
      ['b', 'c'],
      ['lower'],
    ],
    [
      'loops',
      'FOR r IN SELECT * FROM g() LOOP UPDATE c SET n = 1; END LOOP; WHILE h() LOOP DELETE FROM d; END LOOP; RETURN NEW;',
      ['c', 'd'],
      ['g', 'h'],
    ],
    [
      'PERFORM and CASE',
      'PERFORM g(1); CASE h(2) WHEN 1 THEN DELETE FROM d; ELSE NULL; END CASE; RETURN NEW;',
      ['d'],
      ['g', 'h'],
    ],
    [
      'a default, a handler, what is raised and returned',
      "RAISE NOTICE '%', g(1); RETURN h(NEW); EXCEPTION WHEN OTHERS THEN DELETE FROM d; RETURN NULL;",
      ['d'],
      ['g', 'h', 'i'],
    ],
  ])('is found in %s', (_, body, writes, functions) => {
    const declare = functions.includes('i') ? 'DECLARE r record; n int := i(3);' : 'DECLARE r record;';
    const found = analyse(body, declare);
    expect(found.isOpaque).toBe(false);
    expect(found.writes.toSorted()).toEqual(writes);
    expect(found.functions).toEqual(expect.arrayContaining(functions));
  });

  it.each([
    ['EXECUTE', "EXECUTE 'DELETE FROM a'; RETURN NEW;"],
    ['a loop over EXECUTE', "FOR r IN EXECUTE 'SELECT g()' LOOP END LOOP; RETURN NEW;"],
    ['CALL', 'CALL p(); RETURN NEW;'],
    ['a cursor', 'OPEN c; RETURN NEW;'],
    ['a subscript with an equals sign', 'NEW.flags[1 + (2 = 2)::int] := true; RETURN NEW;'],
    ['what does not parse', 'SELEKT; RETURN NEW;'],
  ])('counts as anything with %s', (_, body) => {
    expect(analyse(body, 'DECLARE r record; c CURSOR FOR SELECT 1;').isOpaque).toBe(true);
  });
});
