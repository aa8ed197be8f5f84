/** Columns set to the right but for the first, two spaces between them. `marked` cells are bold, where `isRich`. */
export function formatTable(
  rows: readonly (readonly string[])[],
  marked: (row: number, column: number) => boolean = () => false,
  isRich = false,
): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row, y) =>
      row
        .map((cell, x) => {
          const padded = x === 0 ? cell.padEnd(widths[x] ?? 0) : cell.padStart(widths[x] ?? 0);
          return isRich && marked(y, x) ? `\x1b[1m${padded}\x1b[22m` : padded;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
