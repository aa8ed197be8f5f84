import { basename } from 'node:path';
import { type Format, formatOfName, formatOfText, guardKeys, isLineFormat, LINE_FORMATS } from './format.ts';
import type { OnRequest } from './line-parser.ts';
import { LineReader, type Reader } from './lines.ts';
import { readBytes } from './read-bytes.ts';
import { traceError } from './trace-error.ts';
import { WordReader } from './words.ts';

export interface ReadOptions {
  /** Default: by the name's ending, else by the first lines. */
  readonly format?: Format | undefined;
  /** Bytes of the file read so far. */
  readonly onProgress?: (bytes: number) => void;
}

export interface TraceInfo {
  readonly format: Format;
  readonly requests: number;
}

/** So much is looked at to tell one kind of text from another. */
const SNIFFED_BYTES = 2 ** 16;

/** Reads a trace once, a chunk at a time, and tells each request in order. Throws INVALID_TRACE, naming the file and the line or byte. */
export async function readTrace(path: string, onRequest: OnRequest, options: ReadOptions = {}): Promise<TraceInfo> {
  let requests = 0;
  const count: OnRequest = (key, size) => {
    requests++;
    onRequest(key, size);
  };
  const told = options.format ?? formatOfName(basename(path));
  let format = told;
  let reader: Reader | undefined;
  const start = (bytes: Buffer): Reader => {
    format ??= sniff(path, bytes);
    reader = open(path, format, told === undefined, count);
    reader.push(bytes);
    return reader;
  };
  let head = Buffer.alloc(0);
  const position = (): string => reader?.position ?? 'at its beginning';
  for await (const chunk of readBytes(path, options.onProgress ?? (() => {}), position)) {
    if (reader !== undefined) {
      reader.push(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (format !== undefined || head.length >= SNIFFED_BYTES) start(head);
  }
  (reader ?? start(head)).end();
  if (format === undefined || requests === 0) throw traceError(path, `no requests in it (read as ${format})`);
  return { format, requests };
}

function open(path: string, format: Format, isGuess: boolean, onRequest: OnRequest): Reader {
  if (!isLineFormat(format)) return new WordReader(path, format, onRequest);
  const parse = LINE_FORMATS[format].makeParser();
  return new LineReader(path, isGuess && format === 'keys' ? guardKeys(parse) : parse, onRequest);
}

function sniff(path: string, head: Buffer): Format {
  const lines = head.toString('latin1', 0, SNIFFED_BYTES).split(/\r?\n/);
  // The last one may be cut, here or in its writer.
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines;
  const format = formatOfText(whole);
  if (format === undefined) throw traceError(path, 'no text, and no name that tells a format; name it by --format');
  return format;
}
