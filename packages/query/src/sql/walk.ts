import { readsClock } from '../key.ts';
import { isKeyed } from '../session/settings.ts';
import type { RelationName } from './analysis.ts';
import type { Findings } from './findings.ts';
import { isNode, listAt, type Node, namesAt, nodeAt, textAt } from './tree.ts';

/** Names that WITH gives to subqueries where the walk stands; they hide tables of the same unqualified name. */
type Scope = ReadonlySet<string>;

/**
 * Collects everything below `value`. The walk descends into every field of every node, so a construct that it does not know by name
 * still gives up its tables and functions.
 */
export function walk(value: unknown, found: Findings, scope: Scope = new Set()): void {
  if (Array.isArray(value)) for (const item of value) walk(item, found, scope);
  else if (isNode(value)) walkNode(value, found, scope);
}

function walkNode(node: Node, found: Findings, outer: Scope): void {
  const withClause = nodeAt(node, 'withClause');
  const scope = withClause === undefined ? outer : walkWith(withClause, found, outer);
  for (const [field, value] of Object.entries(node)) {
    if (field === 'withClause') continue;
    if (isNode(value)) visit(field, value, found, scope);
    walk(value, found, scope);
  }
  if (listAt(node, 'lockingClause').length > 0) found.refusals.add('locks');
  if (nodeAt(node, 'intoClause') !== undefined) found.changesSchema = true;
}

/** The scope for the statement that the WITH belongs to. A subquery sees those before it; with RECURSIVE, all and itself. */
function walkWith(withClause: Node, found: Findings, outer: Scope): Scope {
  const ctes = listAt(withClause, 'ctes').flatMap((item) => {
    const cte = isNode(item) ? nodeAt(item, 'CommonTableExpr') : undefined;
    return cte === undefined ? [] : [cte];
  });
  const names = ctes.map((cte) => textAt(cte, 'ctename') ?? '');
  const scope = new Set(outer);
  if (withClause['recursive'] === true) for (const name of names) scope.add(name);
  ctes.forEach((cte, index) => {
    walk(cte, found, new Set(scope));
    scope.add(names[index] ?? '');
  });
  return scope;
}

function visit(kind: string, node: Node, found: Findings, scope: Scope): void {
  switch (kind) {
    case 'RangeVar': {
      const relation = relationOf(node);
      if (relation.schema !== undefined || !scope.has(relation.name)) found.reads.push(relation);
      break;
    }
    case 'InsertStmt':
    case 'UpdateStmt':
    case 'DeleteStmt':
    case 'MergeStmt':
      visitWrite(kind, node, found);
      break;
    case 'FuncCall':
      visitCall(node, found);
      break;
    case 'A_Expr':
      addOperator(found, namesAt(node, 'name'));
      break;
    case 'SubLink':
      addOperator(found, namesAt(node, 'operName'));
      break;
    case 'SortBy':
      addOperator(found, namesAt(node, 'useOp'));
      break;
    case 'ColumnRef':
      addColumn(found, namesAt(node, 'fields'));
      break;
    case 'A_Indirection':
      addColumn(found, namesAt(node, 'indirection'));
      break;
    case 'SQLValueFunction':
      found.refusals.add(isClock(textAt(node, 'op')) ? 'clock' : 'session');
      break;
    case 'RangeTableSample':
      found.refusals.add('random');
      break;
    case 'A_Const':
      if (readsClock(textAt(nodeAt(node, 'sval') ?? {}, 'sval') ?? '')) found.refusals.add('clock');
      break;
  }
}

function visitWrite(kind: string, node: Node, found: Findings): void {
  const relation = nodeAt(node, 'relation');
  if (relation === undefined) return;
  const insertOnly = kind === 'InsertStmt' && nodeAt(node, 'onConflictClause')?.['action'] !== 'ONCONFLICT_UPDATE';
  found.writes.push({ ...relationOf(relation), insertOnly });
}

function visitCall(node: Node, found: Findings): void {
  const names = namesAt(node, 'funcname');
  const name = names.at(-1);
  if (name === undefined) return;
  if (name === 'set_config' && setsKeyedSetting(node)) found.changesSession = true;
  const ordered = node['agg_within_group'] === true ? listAt(node, 'agg_order').length : 0;
  found.functions.push({
    schema: names.length > 1 ? names.at(-2) : undefined,
    name,
    argumentCount: listAt(node, 'args').length + ordered,
  });
}

function setsKeyedSetting(call: Node): boolean {
  const [first] = listAt(call, 'args');
  const constant = isNode(first) ? nodeAt(nodeAt(first, 'A_Const') ?? {}, 'sval') : undefined;
  const name = constant === undefined ? undefined : textAt(constant, 'sval');
  return name === undefined || isKeyed(name);
}

export function relationOf(node: Node): RelationName {
  return { schema: textAt(node, 'schemaname'), name: textAt(node, 'relname') ?? '' };
}

function addOperator(found: Findings, names: readonly string[]): void {
  const name = names.at(-1);
  if (name !== undefined) found.operators.add(name);
}

function addColumn(found: Findings, names: readonly string[]): void {
  const name = names.at(-1);
  if (name !== undefined) found.columns.add(name);
}

function isClock(op: string | undefined): boolean {
  return op !== undefined && /TIME|DATE/.test(op);
}
