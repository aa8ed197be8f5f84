import { readTrace, type TraceInfo } from '@kvasir/cli';
import type { Format } from '../../src/trace/format.ts';
import type { LineParser } from '../../src/trace/line-parser.ts';
import { writeFile } from '../support.ts';

export type Told = [key: string, size: number];

/** What a parser tells of a line; undefined when it is not of its format. */
export function parse(parser: LineParser, line: string): Told[] | undefined {
  const told: Told[] = [];
  return parser(line, (key, size) => told.push([key, size])) === undefined ? told : undefined;
}

/** Reads `content` as a file. */
export async function read(
  name: string,
  content: string | Buffer,
  format?: Format,
): Promise<TraceInfo & { readonly told: Told[] }> {
  const told: Told[] = [];
  const info = await readTrace(writeFile(name, content), (key, size) => told.push([key, size]), { format });
  return { ...info, told };
}
