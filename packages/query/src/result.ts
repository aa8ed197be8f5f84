import type { Field, Result, TypeParsers } from './pg-shape.ts';
import type { Session } from './session/measure.ts';

/**
 * A result as the server wrote it: cells as text, not yet parsed. Each caller gets its own, made by the pool's own Result class with the
 * caller's own type parsers, so that Date, Buffer, BigInt and whatever class a parser makes are what they were, and nobody can change what
 * the next one gets. Parsing again also costs less than a structured clone of parsed rows (docs/decisions.md).
 */
export interface KeptResult {
  readonly command: string | null;
  readonly rowCount: number | null;
  readonly oid: number | null;
  readonly fields: readonly Field[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Type parsers that leave every cell as it came. */
export const UNPARSED_CELLS: TypeParsers = { getTypeParser: () => (cell: unknown) => cell };

/** undefined when a cell is not text: the connection was told to use the binary format. */
export function keep(result: Result): KeptResult | undefined {
  const { command, rowCount, oid, fields } = result;
  if (!fields.every(({ format }) => format === 'text')) return undefined;
  return {
    command,
    rowCount,
    oid,
    fields: fields.map((field) => ({ ...field })),
    rows: result.rows as (string | null)[][],
  };
}

/** Bytes of the cells, about: what a limit on results is compared with. */
export function weigh({ rows }: KeptResult): number {
  let bytes = 0;
  for (const row of rows) for (const cell of row) bytes += 8 + (cell?.length ?? 0);
  return bytes;
}

export function restore(
  kept: KeptResult,
  session: Session,
  rowMode: string | undefined,
  types: TypeParsers | undefined,
): Result {
  const result = new session.Result(rowMode, types ?? session.types);
  result.addFields(kept.fields.map((field) => Object.assign(Object.create(session.fieldPrototype), field)));
  for (const row of kept.rows) result.addRow(result.parseRow(row));
  result.command = kept.command;
  result.rowCount = kept.rowCount;
  result.oid = kept.oid;
  return result;
}
