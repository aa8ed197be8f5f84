import { type Analysis, NOTHING, type Refusal, type RelationName } from '../sql/analysis.ts';
import type { Catalog, Relation } from './catalog.ts';
import { remember } from './remember.ts';

/** Why the catalog says that a SELECT is not kept. */
export type CatalogRefusal =
  | Refusal
  | 'unknown-table'
  | 'system-table'
  | 'foreign-table'
  | 'row-security'
  | 'function'
  | 'operator'
  | 'cast'
  | 'too-many-tables';

export type Reading =
  | { readonly refusal: CatalogRefusal }
  | { readonly refusal: undefined; readonly tables: readonly Relation[] };

/** A cache entry takes 128 tags; one is the database's. */
const MOST_TABLES = 100;

/** The tables (as roots of their trees) that a SELECT's answer depends on, through views, partitions and inheritance; or why it is not kept. */
export const resolveReads: (analysis: Analysis, catalog: Catalog) => Reading = remember(findReads);

function findReads(analysis: Analysis, catalog: Catalog): Reading {
  const tables = new Set<Relation>();
  const refusal = catalog.hasUnstableCast ? 'cast' : collect(analysis, catalog, tables, new Set());
  if (refusal !== undefined) return { refusal };
  return tables.size > MOST_TABLES ? { refusal: 'too-many-tables' } : { refusal: undefined, tables: [...tables] };
}

function collect(
  analysis: Analysis,
  catalog: Catalog,
  tables: Set<Relation>,
  views: Set<Relation>,
): CatalogRefusal | undefined {
  // A view without a table is fine where a statement without one is not: it has at least the view.
  if (analysis.refusal !== undefined && !(views.size > 0 && analysis.refusal === 'no-table')) return analysis.refusal;
  if (!analysis.functions.every((call) => catalog.functions.isSteady(call))) return 'function';
  if ([...analysis.columns].some((column) => catalog.functions.hidesCall(column))) return 'function';
  if ([...analysis.operators].some((operator) => catalog.unsteadyOperators.has(operator))) return 'operator';
  for (const name of analysis.reads) {
    const refusal = collectRelation(name, catalog, tables, views);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function collectRelation(
  name: RelationName,
  catalog: Catalog,
  tables: Set<Relation>,
  views: Set<Relation>,
): CatalogRefusal | undefined {
  const relation = catalog.find(name);
  if (relation === undefined) return 'unknown-table';
  if (isSystem(relation)) return 'system-table';
  if (relation.kind === 'v') {
    if (views.has(relation)) return undefined;
    views.add(relation);
    return relation.view === undefined ? 'unparsed' : collect(relation.view, catalog, tables, views);
  }
  for (const part of relation.tree) {
    if (part.kind === 'f') return 'foreign-table';
    if (part.isSecured) return 'row-security';
    for (const root of part.roots) tables.add(root);
  }
  return undefined;
}

/** Catalogs and sequences change without a statement that says so. */
function isSystem(relation: Relation): boolean {
  return relation.kind === 'S' || relation.schema === 'pg_catalog' || relation.schema === 'information_schema';
}

/** What a statement may have changed. */
export interface Writing {
  /** Roots of their trees; undefined: anything at all, the session included, as code runs that is not looked at. */
  readonly tables: readonly Relation[] | undefined;
}

const ANYTHING: Writing = { tables: undefined };

export const resolveWrites: (analysis: Analysis, catalog: Catalog) => Writing = remember(findWrites);

function findWrites(analysis: Analysis, catalog: Catalog): Writing {
  if (analysis.isOpaque || analysis.changesSchema || runsUnknownCode(analysis, catalog)) return ANYTHING;
  const touched: Touched = { added: new Set(), changed: new Set() };
  if (!touchAll(analysis, catalog, touched)) return ANYTHING;
  const tables = new Set([...touched.added, ...touched.changed].flatMap(({ roots }) => roots));
  return { tables: [...tables] };
}

/** Tables by name, `table` or `schema.table`, with those that change when they do; undefined when one is not found or runs code. */
export function resolveNames(names: readonly string[], catalog: Catalog): readonly Relation[] | undefined {
  const writes = names.map((full) => {
    const dot = full.indexOf('.');
    const schema = dot < 0 ? undefined : full.slice(0, dot);
    return { schema, name: full.slice(dot + 1), insertOnly: false };
  });
  return findWrites({ ...NOTHING, writes }, catalog).tables;
}

interface Touched {
  readonly added: Set<Relation>;
  /** Updated or deleted from: foreign keys have been followed. */
  readonly changed: Set<Relation>;
}

/** False when it cannot be said what one of the writes reaches. */
function touchAll({ writes }: Analysis, catalog: Catalog, touched: Touched): boolean {
  return writes.every((written) => {
    const relation = catalog.find(written);
    return relation !== undefined && touch(relation, written.insertOnly, catalog, touched);
  });
}

/** Follows a write through trees, views, triggers and foreign keys; false when it may run code on its way that is not looked at. */
function touch(relation: Relation, insertOnly: boolean, catalog: Catalog, touched: Touched): boolean {
  if (relation.kind === 'v') return touchView(relation, insertOnly, catalog, touched);
  if (relation.kind === 'm' && (relation.view === undefined || runsUnknownCode(relation.view, catalog))) return false;
  for (const part of relation.roots.flatMap(({ tree }) => tree)) {
    if (part.isActive || part.kind === 'f') return false;
    const reached = insertOnly ? touched.added : touched.changed;
    if (reached.has(part)) continue;
    reached.add(part);
    if (!part.triggers.every((code) => touchCode(code, catalog, touched))) return false;
    if (insertOnly) continue;
    for (const referencing of part.cascades) if (!touch(referencing, false, catalog, touched)) return false;
  }
  return true;
}

function touchCode(code: Analysis, catalog: Catalog, touched: Touched): boolean {
  const isKnown = !code.isOpaque && !code.changesSchema && !code.changesSession && !runsUnknownCode(code, catalog);
  return isKnown && touchAll(code, catalog, touched);
}

/** Writing an updatable view writes its table; which of several it would be is PostgreSQL's to say, so all count. */
function touchView(relation: Relation, insertOnly: boolean, catalog: Catalog, touched: Touched): boolean {
  const { view, isActive, triggers } = relation;
  if (isActive || view === undefined || runsUnknownCode(view, catalog)) return false;
  if (!triggers.every((code) => touchCode(code, catalog, touched))) return false;
  return view.reads.every((name) => {
    const read = catalog.find(name);
    return read !== undefined && touch(read, insertOnly, catalog, touched);
  });
}

/** Also through the views it reads. PostgreSQL refuses views that read themselves. */
function runsUnknownCode(analysis: Analysis, catalog: Catalog): boolean {
  const { functions, volatileOperators } = catalog;
  return (
    analysis.functions.some((call) => functions.mayDoAnything(call)) ||
    [...analysis.columns].some((column) => functions.hidesWriter(column)) ||
    [...analysis.operators].some((operator) => volatileOperators.has(operator)) ||
    analysis.reads.some((name) => {
      const relation = catalog.find(name);
      return relation?.kind === 'v' && (relation.view === undefined || runsUnknownCode(relation.view, catalog));
    })
  );
}
