import type { CalledFunction, Refusal, RelationName, WrittenRelation } from './analysis.ts';

/** What the walk over a syntax tree has found so far. */
export interface Findings {
  readonly reads: RelationName[];
  readonly writes: WrittenRelation[];
  readonly functions: CalledFunction[];
  readonly operators: Set<string>;
  readonly columns: Set<string>;
  readonly refusals: Set<Refusal>;
  isOpaque: boolean;
  changesSchema: boolean;
  changesSession: boolean;
  mayCommit: boolean;
  isTransactionControl: boolean;
  isRollback: boolean;
}

export function noFindings(): Findings {
  return {
    reads: [],
    writes: [],
    functions: [],
    operators: new Set(),
    columns: new Set(),
    refusals: new Set(),
    isOpaque: false,
    changesSchema: false,
    changesSession: false,
    mayCommit: false,
    isTransactionControl: false,
    isRollback: false,
  };
}
