import type { OnRequest } from './line-parser.ts';

const EXPECTED = 'a JSON object whose `b` is an array of block ids';

/** Every block is asked for, from the first token on. */
export function parseBlocks(line: string, onRequest: OnRequest): string | undefined {
  const blocks = readBlocks(line);
  if (blocks === undefined) return EXPECTED;
  for (const block of blocks) onRequest(`${block}`, 0);
  return undefined;
}

function readBlocks(line: string): readonly number[] | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { b } = JSON.parse(line) as { b?: unknown };
    return Array.isArray(b) && b.every((id) => Number.isSafeInteger(id)) ? b : undefined;
  } catch {
    return undefined;
  }
}
