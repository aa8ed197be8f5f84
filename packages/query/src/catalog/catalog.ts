import { type Analysis, type RelationName, UNPARSED } from '../sql/analysis.ts';
import { analyseFunction } from '../sql/plpgsql.ts';
import type { Facts } from './facts.ts';
import { Functions } from './functions.ts';

export interface Relation {
  readonly schema: string;
  readonly name: string;
  /** As in pg_class.relkind: r table, p partitioned, v view, m materialised view, f foreign, S sequence. */
  readonly kind: string;
  /** Row-level security is on: what it shows depends on more than the session's settings. */
  readonly isSecured: boolean;
  /** The topmost tables it inherits from or is a partition of; itself when there are none. Their tags stand for the whole tree. */
  readonly roots: readonly Relation[];
  /** Itself, its partitions and the tables that inherit from it, all the way down. */
  readonly tree: readonly Relation[];
  /** Tables whose rows change or go when rows here do, by foreign key. */
  readonly cascades: readonly Relation[];
  /** A write here may run code that is not looked at. */
  readonly isActive: boolean;
  /** What the triggers here do: every statement of their functions. */
  readonly triggers: readonly Analysis[];
  /** What its query says, for a view (materialised too) whose text could be had. */
  readonly view: Analysis | undefined;
}

/** The schema of one database as one connection sees it: names become relations, and relations what they stand for. */
export class Catalog {
  readonly functions: Functions;
  /** Operators whose name may mean one outside pg_catalog that is not immutable. */
  readonly unsteadyOperators: ReadonlySet<string>;
  readonly volatileOperators: ReadonlySet<string>;
  readonly hasUnstableCast: boolean;
  readonly #path: readonly string[];
  readonly #byName: ReadonlyMap<string, Relation>;

  /** `parse` reads a view's query. */
  constructor(facts: Facts, parse: (text: string) => Analysis) {
    this.functions = new Functions(facts);
    this.unsteadyOperators = new Set(facts.operators.map(([name]) => name));
    this.volatileOperators = new Set(facts.operators.flatMap(([name, isVolatile]) => (isVolatile ? [name] : [])));
    this.hasUnstableCast = facts.hasUnstableCast;
    this.#path = facts.path;
    this.#byName = relate(facts, parse);
  }

  find({ schema, name }: RelationName): Relation | undefined {
    if (schema !== undefined) return this.#byName.get(nameOf(schema, name));
    for (const candidate of this.#path) {
      const relation = this.#byName.get(nameOf(candidate, name));
      if (relation !== undefined) return relation;
    }
    return undefined;
  }
}

function nameOf(schema: string, name: string): string {
  return JSON.stringify([schema, name]);
}

function relate(facts: Facts, parse: (text: string) => Analysis): ReadonlyMap<string, Relation> {
  const parents = group(facts.inherits);
  const children = group(facts.inherits.map(([child, parent]) => [parent, child] as const));
  const cascades = group(facts.cascades);
  const active = new Set(facts.active);
  const views = new Map(facts.views);
  const triggers = group(facts.triggers);
  const byOid = new Map<number, Relation>();
  const relationsOf = (oids: Iterable<number>) => [...oids].flatMap((oid) => byOid.get(oid) ?? []);
  for (const [oid, schema, name, kind, isSecured] of facts.relations) {
    const definition = views.get(oid);
    byOid.set(oid, {
      schema,
      name,
      kind,
      isSecured,
      get roots() {
        return relationsOf([...closure(oid, parents)].filter((ancestor) => !parents.has(ancestor)));
      },
      get tree() {
        return relationsOf(closure(oid, children));
      },
      get cascades() {
        return relationsOf(cascades.get(oid) ?? []);
      },
      isActive: active.has(oid),
      get triggers() {
        return (triggers.get(oid) ?? []).flatMap((code) => (code === null ? UNPARSED : analyseFunction(code, parse)));
      },
      get view() {
        return typeof definition === 'string' ? parse(definition) : undefined;
      },
    });
  }
  return new Map([...byOid.values()].map((relation) => [nameOf(relation.schema, relation.name), relation]));
}

/** `start` and everything reachable from it. */
function closure(start: number, edges: ReadonlyMap<number, readonly number[]>): Set<number> {
  const seen = new Set([start]);
  for (const oid of seen) for (const next of edges.get(oid) ?? []) seen.add(next);
  return seen;
}

function group<T>(pairs: Iterable<readonly [number, T]>): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const [from, to] of pairs) {
    const known = groups.get(from);
    if (known === undefined) groups.set(from, [to]);
    else known.push(to);
  }
  return groups;
}
