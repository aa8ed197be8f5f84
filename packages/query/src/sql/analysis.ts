/** A relation as the statement names it. */
export interface RelationName {
  readonly schema: string | undefined;
  readonly name: string;
}

export interface WrittenRelation extends RelationName {
  /** Rows are only added: foreign keys of other tables do nothing. */
  readonly insertOnly: boolean;
}

export interface CalledFunction {
  readonly schema: string | undefined;
  readonly name: string;
  readonly argumentCount: number;
}

/** Why a statement's result is never kept, as far as its text tells. */
export type Refusal =
  | 'not-a-select'
  | 'no-table'
  | 'writes'
  | 'locks'
  | 'clock'
  | 'session'
  | 'random'
  | 'many-statements'
  | 'unparsed';

/** What a statement's text says by itself, without the catalog. */
export interface Analysis {
  /** undefined: one SELECT, which may be kept if the catalog agrees. */
  readonly refusal: Refusal | undefined;
  readonly reads: readonly RelationName[];
  readonly writes: readonly WrittenRelation[];
  readonly functions: readonly CalledFunction[];
  /** Operators by name, without schema. */
  readonly operators: ReadonlySet<string>;
  /** Last parts of column references: `t.f` may also call the function f on a row of t. */
  readonly columns: ReadonlySet<string>;
  /** May write anything: CALL, DO, EXECUTE, text that does not parse. */
  readonly isOpaque: boolean;
  readonly changesSchema: boolean;
  /** May leave the connection with another search_path, role, time zone or temporary table. */
  readonly changesSession: boolean;
  /** May make what was written before it visible to others. */
  readonly mayCommit: boolean;
  /** Takes or gives up a transaction, or a savepoint. */
  readonly isTransactionControl: boolean;
  /** ROLLBACK of the whole transaction, and nothing else. */
  readonly isRollback: boolean;
}

export const NOTHING: Analysis = {
  refusal: undefined,
  reads: [],
  writes: [],
  functions: [],
  operators: new Set(),
  columns: new Set(),
  isOpaque: false,
  changesSchema: false,
  changesSession: false,
  mayCommit: false,
  isTransactionControl: false,
  isRollback: false,
};

/** Text that does not parse may be a dialect of an extension or a newer server: it may have done anything. */
export const UNPARSED: Analysis = {
  ...NOTHING,
  refusal: 'unparsed',
  isOpaque: true,
  changesSchema: true,
  changesSession: true,
  mayCommit: true,
};
