import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const FORMATS = ['idsz.u32', 'cid.u32', 'u32', 'kv.jsonl'] as const;
type Format = (typeof FORMATS)[number];

export interface TraceFile {
  readonly name: string;
  readonly path: string;
  readonly format: Format;
  /** `x-sized` where `x` is there too: the same requests once more, of which only the sizes are of interest. */
  readonly isTwin: boolean;
}

export interface Trace {
  /** One id a request, in order. */
  readonly ids: Uint32Array;
  /** Bytes of the object asked for, one a request, where the trace knows. */
  readonly sizes: Uint32Array | undefined;
  readonly uniqueIds: number;
}

/** The traces of `folder` by name: `name.u32.gz` and the like, whoever put them there. */
export function listTraces(folder: string): TraceFile[] {
  const found: Omit<TraceFile, 'isTwin'>[] = [];
  for (const file of readdirSync(folder).sort()) {
    const format = FORMATS.find((candidate) => file.endsWith(`.${candidate}.gz`));
    if (format !== undefined)
      found.push({ name: file.slice(0, -`.${format}.gz`.length), path: join(folder, file), format });
  }
  const twins = new Set(found.map(({ name }) => `${name}-sized`));
  return found.map((file) => ({ ...file, isTwin: twins.has(file.name) }));
}

/** Bytes of the trace when unpacked, from the last four of the gzip file (RFC 1952, section 2.3.1): enough to tell long traces from short ones. */
export function readLength(file: TraceFile): number {
  const tail = Buffer.alloc(4);
  const descriptor = openSync(file.path, 'r');
  try {
    readSync(descriptor, tail, 0, 4, Math.max(0, fstatSync(descriptor).size - 4));
  } finally {
    closeSync(descriptor);
  }
  return tail.readUInt32LE();
}

/** Throws an Error that names the file, and the line where there are lines, when it is damaged. */
export function readTrace(file: TraceFile): Trace {
  const bytes = unpack(file);
  switch (file.format) {
    case 'u32':
      return describe(readNumbers(file, bytes, 1), undefined);
    case 'idsz.u32': {
      const pairs = readNumbers(file, bytes, 2);
      return describe(takeEvery(2, 0, pairs), takeEvery(2, 1, pairs));
    }
    case 'cid.u32':
      return describe(takeEvery(2, 1, readNumbers(file, bytes, 2)), undefined);
    case 'kv.jsonl':
      return describe(readBlocks(file, bytes), undefined);
  }
}

function unpack(file: TraceFile): Buffer {
  try {
    return gunzipSync(readFileSync(file.path));
  } catch (cause) {
    throw new Error(`${file.path}: cannot be read as gzip`, { cause });
  }
}

function readNumbers(file: TraceFile, bytes: Buffer, perRequest: number): Uint32Array {
  if (bytes.length % (4 * perRequest) !== 0)
    throw new Error(`${file.path}: ${bytes.length} bytes are no whole number of requests of ${4 * perRequest} bytes`);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(4 * i));
}

function takeEvery(stride: number, first: number, numbers: Uint32Array): Uint32Array {
  return Uint32Array.from({ length: numbers.length / stride }, (_, i) => numbers[i * stride + first] ?? 0);
}

/** One LLM request a line; `b` are the blocks of its prompt, from the first token on. */
function readBlocks(file: TraceFile, bytes: Buffer): Uint32Array {
  const ids: number[] = [];
  for (const [index, line] of bytes.toString('utf8').split('\n').entries()) {
    if (line === '') continue;
    const blocks = parseBlocks(line);
    if (blocks === undefined)
      throw new Error(`${file.path}:${index + 1}: expected {"b":[block ids]}, got ${line.slice(0, 60)}`);
    for (const block of blocks) ids.push(block);
  }
  return Uint32Array.from(ids);
}

function parseBlocks(line: string): readonly number[] | undefined {
  try {
    const { b } = JSON.parse(line) as { b?: unknown };
    return Array.isArray(b) && b.every((id) => Number.isInteger(id) && id >= 0 && id < 2 ** 32) ? b : undefined;
  } catch {
    return undefined;
  }
}

function describe(ids: Uint32Array, sizes: Uint32Array | undefined): Trace {
  return { ids, sizes, uniqueIds: new Set(ids).size };
}
