import { isKeyed } from '../session/settings.ts';
import type { Analysis, Refusal } from './analysis.ts';
import { type Findings, noFindings } from './findings.ts';
import { isNode, listAt, type Node, nodeAt, textAt } from './tree.ts';
import { relationOf, walk } from './walk.ts';

/** Statements that change neither rows nor schema nor what a later SELECT on the connection sees. Their parts are not looked at. */
const HARMLESS: ReadonlySet<string> = new Set([
  'VariableShowStmt',
  'ListenStmt',
  'UnlistenStmt',
  'NotifyStmt',
  'FetchStmt',
  'ClosePortalStmt',
  'DeallocateStmt',
  'PrepareStmt',
  'LockStmt',
  'ConstraintsSetStmt',
  'CheckPointStmt',
  'VacuumStmt',
  'ReindexStmt',
]);

/** Statements whose every part is what it reads and writes. */
const PLAIN: ReadonlySet<string> = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'DeclareCursorStmt',
]);

/** Reads the parsed statements of one query text. */
export function analyse(statements: readonly unknown[]): Analysis {
  const found = noFindings();
  const nodes = statements.flatMap((item) => {
    const node = isNode(item) ? nodeAt(item, 'stmt') : undefined;
    return node === undefined ? [] : [node];
  });
  for (const node of nodes) analyseStatement(node, found);
  return { ...found, isRollback: found.isRollback && nodes.length === 1, refusal: refuse(nodes, found) };
}

function analyseStatement(statement: Node, found: Findings): void {
  const [kind] = Object.keys(statement);
  const node = kind === undefined ? undefined : nodeAt(statement, kind);
  if (kind === undefined || node === undefined || HARMLESS.has(kind)) return;
  if (PLAIN.has(kind)) walk(statement, found);
  else if (kind === 'ExplainStmt') analyseExplain(node, found);
  else if (kind === 'CopyStmt') analyseCopy(node, found);
  else if (kind === 'TransactionStmt') analyseTransaction(node, found);
  else if (kind === 'RefreshMatViewStmt') {
    const relation = nodeAt(node, 'relation');
    if (relation !== undefined) found.writes.push({ ...relationOf(relation), insertOnly: true });
  } else if (kind === 'VariableSetStmt') {
    // SET TRANSACTION and SET SESSION CHARACTERISTICS (VAR_SET_MULTI) choose isolation, which one SELECT does not show.
    const name = textAt(node, 'name');
    if (node['kind'] === 'VAR_RESET_ALL' || (name !== undefined && isKeyed(name))) found.changesSession = true;
  } else if (kind === 'DiscardStmt' || kind === 'LoadStmt') found.changesSession = true;
  // CASCADE empties whatever refers to the table, without regard to ON DELETE.
  else if (kind === 'TruncateStmt') found.isOpaque = true;
  else if (kind === 'CallStmt' || kind === 'DoStmt' || kind === 'ExecuteStmt') addAnything(found);
  else {
    // Everything else is taken for DDL. It may shadow a table with a temporary one, or change what search_path finds.
    found.changesSchema = true;
    found.changesSession = true;
  }
}

function addAnything(found: Findings): void {
  found.isOpaque = true;
  found.changesSchema = true;
  found.changesSession = true;
  found.mayCommit = true;
}

/** Plain EXPLAIN runs nothing. */
function analyseExplain(node: Node, found: Findings): void {
  const runs = listAt(node, 'options').some(
    (option) => isNode(option) && textAt(nodeAt(option, 'DefElem') ?? {}, 'defname') === 'analyze',
  );
  const query = nodeAt(node, 'query');
  if (runs && query !== undefined) analyseStatement(query, found);
}

function analyseCopy(node: Node, found: Findings): void {
  const relation = nodeAt(node, 'relation');
  if (node['is_from'] === true && relation !== undefined)
    found.writes.push({ ...relationOf(relation), insertOnly: true });
  walk(node['query'], found);
}

function analyseTransaction(node: Node, found: Findings): void {
  found.isTransactionControl = true;
  switch (node['kind']) {
    case 'TRANS_STMT_COMMIT':
    case 'TRANS_STMT_PREPARE':
      found.mayCommit = true;
      break;
    case 'TRANS_STMT_COMMIT_PREPARED':
      // What was prepared, and by whom, is not known here.
      addAnything(found);
      break;
    case 'TRANS_STMT_ROLLBACK':
      found.isRollback = true;
      break;
  }
}

function refuse(nodes: readonly Node[], found: Findings): Refusal | undefined {
  const [only] = nodes;
  if (only === undefined || nodes.length > 1) return 'many-statements';
  if (!('SelectStmt' in only)) return 'not-a-select';
  if (found.writes.length > 0 || found.changesSchema) return 'writes';
  const [first] = found.refusals;
  return first ?? (found.reads.length === 0 ? 'no-table' : undefined);
}
