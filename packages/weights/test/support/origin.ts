import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface OriginFile {
  bytes: Uint8Array;
  etag?: string | undefined;
  /** Further fields of every answer for it. */
  headers?: Record<string, string>;
}

/** Answers a request by itself; undefined leaves it to the origin. */
export type Fault = (req: IncomingMessage, res: ServerResponse, file: OriginFile) => true | undefined | void;

export interface TestOrigin {
  readonly url: string;
  readonly files: Map<string, OriginFile>;
  /** `GET /a.bin bytes=0-99`, in order. */
  readonly requests: string[];
  readonly heads: IncomingMessage['headers'][];
  /** Body bytes of GET answers, those for `*.sha256` not counted. */
  served: number;
  fault: Fault | undefined;
  close(): Promise<void>;
}

/** A real HTTP server that knows ranges and If-Range, and misbehaves as told. */
export async function startOrigin(files: Record<string, Uint8Array> = {}, port = 0): Promise<TestOrigin> {
  const server = createServer((req, res) => {
    const name = decodeURIComponent((req.url ?? '').slice(1));
    origin.requests.push(`${req.method} ${req.url} ${req.headers.range ?? ''}`.trim());
    origin.heads.push(req.headers);
    const file = origin.files.get(name);
    if (file === undefined) {
      res.statusCode = 404;
      res.end();
      return;
    }
    res.on('close', () => {
      if (req.method === 'GET') origin.served += bodyBytes(res);
    });
    if (origin.fault?.(req, res, file) !== true) answer(req, res, file);
  });
  const origin: TestOrigin = {
    url: '',
    files: new Map(Object.entries(files).map(([name, bytes]) => [name, { bytes, etag: '"v1"' }])),
    requests: [],
    heads: [],
    served: 0,
    fault: undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => origin.close());
  return Object.assign(origin, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
}

const bodies = new WeakMap<ServerResponse, number>();

function bodyBytes(res: ServerResponse): number {
  return bodies.get(res) ?? 0;
}

/** Sends a body and counts it. */
export function sendBody(res: ServerResponse, bytes: Uint8Array): void {
  bodies.set(res, (bodies.get(res) ?? 0) + bytes.byteLength);
  res.end(bytes);
}

/** The range that a request asks for, the whole when none. */
export function rangeOf(req: IncomingMessage, file: OriginFile): { start: number; end: number } {
  const match = /^bytes=(\d+)-(\d+)$/.exec(req.headers.range ?? '');
  if (match === null) return { start: 0, end: file.bytes.byteLength };
  return { start: Number(match[1]), end: Math.min(Number(match[2]) + 1, file.bytes.byteLength) };
}

/** The head of a right answer, with the range it is for. */
export function writeHead(req: IncomingMessage, res: ServerResponse, file: OriginFile): { start: number; end: number } {
  for (const [name, value] of Object.entries(file.headers ?? {})) res.setHeader(name, value);
  if (file.etag !== undefined) res.setHeader('etag', file.etag);
  const isCurrent = req.headers['if-range'] === undefined || req.headers['if-range'] === file.etag;
  const size = file.bytes.byteLength;
  const range = isCurrent ? rangeOf(req, file) : { start: 0, end: size };
  if (req.headers.range !== undefined && isCurrent) {
    if (range.start >= size) {
      res.statusCode = 416;
      res.setHeader('content-range', `bytes */${size}`);
      return { start: 0, end: 0 };
    }
    res.statusCode = 206;
    res.setHeader('content-range', `bytes ${range.start}-${range.end - 1}/${size}`);
  }
  res.setHeader('content-length', range.end - range.start);
  return range;
}

export function answer(req: IncomingMessage, res: ServerResponse, file: OriginFile): void {
  const { start, end } = writeHead(req, res, file);
  if (req.method === 'HEAD') res.end();
  else sendBody(res, file.bytes.subarray(start, end));
}
