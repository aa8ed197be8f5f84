export type Row = Readonly<Record<string, string>>;

function cells(line: string): string[] {
  return line
    .replace(/^\s*\|/, '')
    .replace(/\|\s*$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll('\\|', '|').trim());
}

/** `option of createCache` is the column `option`. */
function columnOf(columns: readonly string[]): (cell: string) => string {
  return (cell) => columns.find((column) => `${cell.toLowerCase()} `.startsWith(`${column} `)) ?? cell.toLowerCase();
}

/** The rows of every table in a page whose head has all of `columns`, in any case. */
export function findRows(text: string, ...columns: readonly string[]): Row[] {
  const rows: Row[] = [];
  let head: string[] | undefined;
  for (const line of text.split('\n')) {
    if (!line.trimStart().startsWith('|')) head = undefined;
    else if (head === undefined) head = cells(line).map(columnOf(columns));
    else if (!/^[\s|:-]+$/.test(line) && columns.every((column) => head?.includes(column))) {
      const values = cells(line);
      rows.push(Object.fromEntries(head.map((name, index) => [name, values[index] ?? ''])));
    }
  }
  return rows;
}

/** What a cell says in code: `` `'1m'` `` -> 1m, `` `64MB` `` -> 64MB; a cell without code says itself. */
export function plain(cell: string): string {
  const code = /`([^`]+)`/.exec(cell)?.[1] ?? cell;
  return code.replace(/^(['"])(.*)\1$/, '$2').trim();
}
