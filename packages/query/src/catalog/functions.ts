import type { CalledFunction } from '../sql/analysis.ts';
import type { Facts } from './facts.ts';

/**
 * Functions of pg_catalog that are only STABLE because they format by settings of the session (time zone, DateStyle, text search
 * configuration, output functions of types). Those settings are part of a result's key, so these are as good as immutable here; the other stable
 * ones read the clock, the session or the catalog.
 */
const FORMATTING: ReadonlySet<string> = new Set(
  `array_to_json array_to_string concat concat_ws date_add date_part date_subtract date_trunc extract format generate_series
  json_agg json_agg_strict json_build_array json_build_object json_object_agg json_object_agg_strict json_object_agg_unique
  json_object_agg_unique_strict json_populate_record json_populate_recordset json_to_record json_to_recordset json_to_tsvector
  jsonb_agg jsonb_agg_strict jsonb_build_array jsonb_build_object jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique
  jsonb_object_agg_unique_strict jsonb_path_exists_tz jsonb_path_match_tz jsonb_path_query_array_tz jsonb_path_query_first_tz
  jsonb_path_query_tz jsonb_populate_record jsonb_populate_recordset jsonb_to_record jsonb_to_recordset jsonb_to_tsvector
  make_timestamptz phraseto_tsquery plainto_tsquery quote_literal quote_nullable row_to_json timezone to_char to_date to_json to_jsonb
  to_number to_timestamp to_tsquery to_tsvector ts_headline websearch_to_tsquery`.split(/\s+/),
);

/** Functions of pg_catalog that run SQL given to them as text. */
const RUN_TEXT: ReadonlySet<string> = new Set(
  'query_to_xml query_to_xmlschema query_to_xml_and_xmlschema ts_rewrite ts_stat'.split(' '),
);

interface KnownFunction {
  readonly schema: string;
  readonly name: string;
  readonly fewest: number;
  readonly most: number;
  readonly isImmutable: boolean;
  readonly mayWrite: boolean;
}

const SYSTEM = 'pg_catalog';

/** What calls may do, by name: whether an answer can be kept, and whether a statement writes more than it says. */
export class Functions {
  readonly #byName = new Map<string, KnownFunction[]>();
  readonly #immutable: ReadonlySet<string>;
  readonly #path: readonly string[];

  constructor(facts: Pick<Facts, 'functions' | 'immutable' | 'path'>) {
    this.#path = facts.path;
    this.#immutable = new Set(facts.immutable);
    for (const [schema, name, fewest, most, isImmutable, mayWrite] of facts.functions) {
      const known = { schema, name, fewest, most, isImmutable, mayWrite };
      const same = this.#byName.get(name);
      if (same === undefined) this.#byName.set(name, [known]);
      else same.push(known);
    }
  }

  /** The call's answer depends on its arguments, on rows and on keyed settings only. */
  isSteady(call: CalledFunction): boolean {
    const candidates = this.#candidates(call);
    if (candidates.length === 0) return this.#isImmutable(call);
    return candidates.every((fact) => fact.isImmutable || (fact.schema === SYSTEM && FORMATTING.has(fact.name)));
  }

  /** The call may write tables, change the schema or the session. */
  mayDoAnything(call: CalledFunction): boolean {
    const candidates = this.#candidates(call);
    if (candidates.length === 0) return !this.#isImmutable(call);
    return candidates.some((fact) => (fact.schema === SYSTEM ? RUN_TEXT.has(fact.name) : fact.mayWrite));
  }

  /** `t.name` may be a function of one argument called on a row of t. */
  hidesCall(column: string): boolean {
    return this.#ofRow(column).some((fact) => !fact.isImmutable);
  }

  hidesWriter(column: string): boolean {
    return this.#ofRow(column).some((fact) => fact.mayWrite);
  }

  #ofRow(column: string): readonly KnownFunction[] {
    const call = { schema: undefined, name: column, argumentCount: 1 };
    return this.#fitting(call).filter((fact) => fact.schema !== SYSTEM);
  }

  #isImmutable({ schema, name }: CalledFunction): boolean {
    return (schema === undefined || schema === SYSTEM) && this.#immutable.has(name);
  }

  /** Every overload that the name and number of arguments could mean: argument types are not known here. */
  #candidates(call: CalledFunction): readonly KnownFunction[] {
    const fitting = this.#fitting(call);
    // The immutable ones of pg_catalog are not listed one by one: where there is one of the name, it is the one that fits.
    return fitting.length > 0 || this.#isImmutable(call) ? fitting : this.#visible(call);
  }

  #fitting(call: CalledFunction): readonly KnownFunction[] {
    return this.#visible(call).filter((fact) => fact.fewest <= call.argumentCount && call.argumentCount <= fact.most);
  }

  #visible({ schema, name }: CalledFunction): readonly KnownFunction[] {
    return (this.#byName.get(name) ?? []).filter((fact) =>
      schema === undefined ? this.#path.includes(fact.schema) : fact.schema === schema,
    );
  }
}
