/** What one look at pg_catalog brings back; oids as numbers. */
export interface Facts {
  /** Effective search path of the connection that looked, pg_catalog included where it stands. */
  readonly path: readonly string[];
  readonly relations: readonly RelationFact[];
  readonly inherits: readonly (readonly [child: number, parent: number])[];
  /** Foreign keys with ON DELETE or ON UPDATE that writes: CASCADE, SET NULL, SET DEFAULT. */
  readonly cascades: readonly (readonly [referenced: number, referencing: number])[];
  /** Relations whose writes may run code that is not looked at: rules, defaults that call volatile functions. */
  readonly active: readonly number[];
  /** Triggers: their function as `CREATE FUNCTION …`, null when it is not one of PL/pgSQL or has settings of its own. */
  readonly triggers: readonly (readonly [relation: number, definition: string | null])[];
  readonly views: readonly (readonly [oid: number, definition: string | null])[];
  readonly functions: readonly FunctionFact[];
  /** Names of the immutable functions of pg_catalog. */
  readonly immutable: readonly string[];
  /** Operators outside pg_catalog whose function is not immutable. */
  readonly operators: readonly (readonly [name: string, isVolatile: boolean])[];
  /** There is a cast outside pg_catalog whose function is not immutable; casts need not be visible in a statement. */
  readonly hasUnstableCast: boolean;
}

export type RelationFact = readonly [
  oid: number,
  schema: string,
  name: string,
  /** pg_class.relkind: r table, p partitioned, v view, m materialised view, f foreign, S sequence. */
  kind: string,
  /** Row-level security is on. */
  isSecured: boolean,
];

/** A function outside pg_catalog, or one of pg_catalog that is not immutable. */
export type FunctionFact = readonly [
  schema: string,
  name: string,
  fewest: number,
  /** 1,000 when variadic. */
  most: number,
  /** Immutable, and if it is an aggregate, so are its parts. */
  isImmutable: boolean,
  /** Volatile, and not of an extension whose functions touch no table. */
  mayWrite: boolean,
];

/** Extensions whose volatile functions make random values and nothing else. */
const CONTAINED_EXTENSIONS = "'uuid-ossp','pgcrypto','pg_uuidv7'";

const OWN = "n.nspname NOT IN ('pg_catalog','information_schema') AND n.nspname NOT LIKE 'pg\\_t%'";

/**
 * One statement, so that all facts are of one snapshot. Objects of pg_temp are left out: a connection that has some is not used for
 * cached reads at all.
 */
export const FACTS_SQL: string = `SELECT pg_catalog.json_build_object(
'path', pg_catalog.to_json(pg_catalog.current_schemas(true)),
'relations', (SELECT coalesce(json_agg(json_build_array(c.oid::int8, n.nspname, c.relname, c.relkind, c.relrowsecurity)), '[]')
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r','p','v','m','f','S') AND n.nspname NOT LIKE 'pg\\_t%'),
'inherits', (SELECT coalesce(json_agg(json_build_array(inhrelid::int8, inhparent::int8)), '[]') FROM pg_catalog.pg_inherits),
'cascades', (SELECT coalesce(json_agg(json_build_array(confrelid::int8, conrelid::int8)), '[]') FROM pg_catalog.pg_constraint
  WHERE contype = 'f' AND (confdeltype IN ('c','n','d') OR confupdtype IN ('c','n','d'))),
'active', (SELECT coalesce(json_agg(DISTINCT relation::int8), '[]') FROM (
  SELECT ev_class FROM pg_catalog.pg_rewrite WHERE ev_type <> '1'
  UNION ALL SELECT a.adrelid FROM pg_catalog.pg_attrdef a
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_catalog.pg_proc'::regclass
    JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid WHERE p.provolatile = 'v'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e JOIN pg_catalog.pg_extension x ON x.oid = e.refobjid
      WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e' AND x.extname IN (${CONTAINED_EXTENSIONS}))
  ) AS code(relation)),
'triggers', (SELECT coalesce(json_agg(json_build_array(t.tgrelid::int8,
    CASE WHEN l.lanname = 'plpgsql' AND p.proconfig IS NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
      JOIN pg_catalog.pg_proc called ON called.oid = d.refobjid AND called.provolatile = 'v'
      WHERE d.classid = 'pg_catalog.pg_trigger'::regclass AND d.objid = t.oid AND d.refclassid = 'pg_catalog.pg_proc'::regclass AND called.oid <> t.tgfoid)
    THEN pg_catalog.pg_get_functiondef(p.oid) END)), '[]')
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'),
'views', (SELECT coalesce(json_agg(json_build_array(c.oid::int8, pg_catalog.pg_get_viewdef(c.oid))), '[]')
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v','m') AND ${OWN}),
'functions', (SELECT coalesce(json_agg(json_build_array(n.nspname, p.proname, p.pronargs - p.pronargdefaults,
    CASE WHEN p.provariadic <> 0 THEN 1000 ELSE p.pronargs END,
    p.provolatile = 'i' AND p.oid NOT IN (SELECT a.aggfnoid FROM pg_catalog.pg_aggregate a
      JOIN pg_catalog.pg_proc part ON part.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggmtransfn, a.aggmfinalfn)
      WHERE a.aggfnoid >= 16384 AND part.provolatile <> 'i'),
    p.provolatile = 'v' AND x.extname IS NULL)), '[]')
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  LEFT JOIN pg_catalog.pg_depend e ON e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'
  LEFT JOIN pg_catalog.pg_extension x ON x.oid = e.refobjid AND x.extname IN (${CONTAINED_EXTENSIONS})
  WHERE n.nspname <> 'pg_catalog' OR p.provolatile <> 'i'),
'immutable', (SELECT json_agg(DISTINCT proname) FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = 'pg_catalog' AND p.provolatile = 'i'),
'operators', (SELECT coalesce(json_agg(json_build_array(o.oprname, p.provolatile = 'v')), '[]') FROM pg_catalog.pg_operator o
  JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode::oid
  WHERE n.nspname <> 'pg_catalog' AND p.provolatile <> 'i'),
'hasUnstableCast', EXISTS (SELECT FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname <> 'pg_catalog' AND p.provolatile <> 'i')
)::text`;
