import { parseAccessLog } from './access-log.ts';
import { parseBlocks } from './blocks.ts';
import { makeCsvParser } from './csv.ts';
import { parseKey } from './keys.ts';
import type { LineParser } from './line-parser.ts';
import { parseMonitor } from './redis-monitor.ts';

/**
 * keys: a key a line · csv: key,size · log: access log, common or combined · redis: output of MONITOR · blocks: an LLM request a line, `b` its block
 * ids · u32: ids of four bytes, little-endian · idsz: id and size, four bytes each · cid: client and id, four bytes each.
 */
export type Format = LineFormat | WordFormat;
export type LineFormat = 'keys' | 'csv' | 'log' | 'redis' | 'blocks';
export type WordFormat = 'u32' | 'idsz' | 'cid';

interface Traits {
  readonly hasSizes: boolean;
  readonly makeParser: () => LineParser;
}

export const LINE_FORMATS: Readonly<Record<LineFormat, Traits>> = {
  keys: { hasSizes: false, makeParser: () => parseKey },
  csv: { hasSizes: true, makeParser: makeCsvParser },
  log: { hasSizes: true, makeParser: () => parseAccessLog },
  redis: { hasSizes: false, makeParser: () => parseMonitor },
  blocks: { hasSizes: false, makeParser: () => parseBlocks },
};

export const WORD_FORMATS: Readonly<Record<WordFormat, { readonly hasSizes: boolean }>> = {
  u32: { hasSizes: false },
  idsz: { hasSizes: true },
  cid: { hasSizes: false },
};

export const FORMATS: readonly string[] = [...Object.keys(LINE_FORMATS), ...Object.keys(WORD_FORMATS)];

export function isLineFormat(format: Format): format is LineFormat {
  return format in LINE_FORMATS;
}

/** Whether requests of this format say how large the answer was. */
export function hasSizes(format: Format): boolean {
  return isLineFormat(format) ? LINE_FORMATS[format].hasSizes : WORD_FORMATS[format].hasSizes;
}

/** By the ending of the name, with or without `.gz`; words of four bytes do not tell what they are. */
export function formatOfName(name: string): Format | undefined {
  const bare = name.replace(/\.gz$/i, '');
  if (bare.endsWith('.idsz.u32')) return 'idsz';
  if (bare.endsWith('.cid.u32')) return 'cid';
  if (bare.endsWith('.u32')) return 'u32';
  return bare.endsWith('.kv.jsonl') ? 'blocks' : undefined;
}

/** Lines that are looked at. */
const SNIFFED = 20;
const TAB = 9;
const SPACE = 32;
/** What has neither is a line of none of the unmistakable formats. */
const MAY_BE_OTHER = /["{]/;

/** By the first lines; undefined when they are no text. */
export function formatOfText(lines: readonly string[]): LineFormat | undefined {
  const first = lines.filter((line) => line !== '').slice(0, SNIFFED);
  if (!first.every(isText)) return undefined;
  const own = first.map(formatOfLine).find((format) => format !== undefined);
  if (own !== undefined) return own;
  const parseCsv = makeCsvParser();
  return first.length > 0 && first.every((line) => parseCsv(line, () => {}) === undefined) ? 'csv' : 'keys';
}

/** Keys may look like anything but a line of another format: then the trace is mixed. */
export function guardKeys(parse: LineParser): LineParser {
  return (line, onRequest) => {
    const other = formatOfLine(line);
    return other === undefined ? parse(line, onRequest) : `a key like those before it, not a line of format ${other}`;
  };
}

/** No key, path or JSON has control characters as they are, but for tabs. */
function isText(line: string): boolean {
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code < SPACE && code !== TAB) return false;
  }
  return true;
}

/** The format that a line can only be of, if there is one. */
function formatOfLine(line: string): LineFormat | undefined {
  if (!MAY_BE_OTHER.test(line)) return undefined;
  const formats = ['log', 'redis', 'blocks'] as const;
  return formats.find((format) => LINE_FORMATS[format].makeParser()(line, () => {}) === undefined);
}
