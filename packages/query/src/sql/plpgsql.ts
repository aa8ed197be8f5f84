import { parsePlPgSQLSync } from 'libpg-query';
import { type Analysis, UNPARSED } from './analysis.ts';
import { isNode, type Node, nodeAt, textAt } from './tree.ts';

/** Statements of PL/pgSQL whose SQL stands in them as text. Any other (EXECUTE, CALL, COMMIT, cursors) may run what cannot be read here. */
const READABLE: ReadonlySet<string> = new Set(
  'block assign if case loop while fori fors foreach_a exit return raise assert execsql perform getdiag'
    .split(' ')
    .map((kind) => `PLpgSQL_stmt_${kind}`),
);

/** raw_parser's modes: what kind of text an expression is. */
const STATEMENT = 0;
const EXPRESSION = 2;
const ASSIGNMENT = /^[^=]*?:?=/;

/** Every statement and expression of a PL/pgSQL function, given as `CREATE FUNCTION …`; `[UNPARSED]` where not all of it can be read. */
export function analyseFunction(definition: string, parse: (text: string) => Analysis): readonly Analysis[] {
  try {
    const texts: string[] = [];
    return collect(parsePlPgSQLSync(definition), texts) && texts.length > 0 ? texts.map(parse) : [UNPARSED];
  } catch {
    return [UNPARSED];
  }
}

/** Adds the SQL below `value` to `texts`; false when there is some that cannot be read. */
function collect(value: unknown, texts: string[]): boolean {
  if (Array.isArray(value)) return value.every((item) => collect(item, texts));
  if (!isNode(value)) return true;
  const expression = nodeAt(value, 'PLpgSQL_expr');
  if (expression !== undefined) return addText(expression, texts);
  return Object.entries(value).every(([field, inner]) => {
    const isStatement = field.startsWith('PLpgSQL_stmt_');
    return (!isStatement || READABLE.has(field)) && collect(inner, texts);
  });
}

function addText(expression: Node, texts: string[]): boolean {
  const query = textAt(expression, 'query');
  const mode = expression['parseMode'] ?? STATEMENT;
  if (query === undefined) return false;
  if (mode === STATEMENT) texts.push(query);
  else if (mode === EXPRESSION) texts.push(`SELECT ${query}`);
  // `target := expression`. A target with an = in its subscript leaves text that does not parse, which counts as anything.
  else texts.push(`SELECT ${query.replace(ASSIGNMENT, '')}`);
  return true;
}
