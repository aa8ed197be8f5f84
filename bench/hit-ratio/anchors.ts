import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What others hit on one trace at one capacity: hits by policy, `lru`, `caf-head`, `opt` and more. */
export interface Anchor {
  readonly trace: string;
  readonly capacity: number;
  readonly requests: number;
  readonly hits: Readonly<Record<string, number>>;
}

const FILE = 'ANCHORS.tsv';
const KEYS = ['trace', 'capacity', 'requests'];

/** The cells of ANCHORS.tsv in `folder`, none when there is no such file. */
export function readAnchors(folder: string): Anchor[] {
  const path = join(folder, FILE);
  return existsSync(path) ? parseAnchors(path, readFileSync(path, 'utf8')) : [];
}

/** Throws an Error that names file and line. */
export function parseAnchors(path: string, text: string): Anchor[] {
  const anchors: Anchor[] = [];
  let columns: readonly string[] | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const cells = line.split('\t');
    if (columns === undefined) {
      if (KEYS.some((key, at) => cells[at] !== key))
        throw new Error(
          `${path}:${index + 1}: expected the columns ${KEYS.join(', ')} first, got ${line.slice(0, 60)}`,
        );
      columns = cells;
      continue;
    }
    const numbers = cells.slice(1).map(Number);
    if (cells.length !== columns.length || !numbers.every((number) => Number.isInteger(number) && number >= 0))
      throw new Error(
        `${path}:${index + 1}: expected a name and ${columns.length - 1} counts, got ${line.slice(0, 60)}`,
      );
    const [capacity = 0, requests = 0, ...hits] = numbers;
    const names = columns.slice(KEYS.length);
    anchors.push({
      trace: cells[0] ?? '',
      capacity,
      requests,
      hits: Object.fromEntries(names.map((name, at) => [name, hits[at] ?? 0])),
    });
  }
  return anchors;
}
