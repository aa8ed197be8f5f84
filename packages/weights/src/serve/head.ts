import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseRange, type Span } from '../range.ts';
import { isRangeCurrent } from './conditional.ts';

/** What a GET or HEAD will be answered with. */
export type Plan =
  | { readonly status: 200 | 206; readonly span: Span }
  | { readonly status: 416; readonly span: undefined };

/** Several ranges at once are answered with the whole (RFC 9110 section 14.2 lets a server ignore Range), and so is Range on HEAD. */
export function planOf(req: IncomingMessage, etag: string, size: number): Plan {
  const field = req.method === 'GET' && isRangeCurrent(req.headers, etag) ? req.headers.range : undefined;
  const range = parseRange(field, size);
  if (range === 'unsatisfiable') return { status: 416, span: undefined };
  return range === 'whole' ? { status: 200, span: { start: 0, end: size } } : { status: 206, span: range };
}

export function setHead(res: ServerResponse, plan: Plan, etag: string, size: number): void {
  res.statusCode = plan.status;
  res.setHeader('accept-ranges', 'bytes');
  res.setHeader('etag', etag);
  if (plan.span === undefined) {
    res.setHeader('content-range', `bytes */${size}`);
    res.setHeader('content-length', 0);
    return;
  }
  const { start, end } = plan.span;
  res.setHeader('content-type', 'application/octet-stream');
  // Weights are never a page, whatever their bytes look like.
  res.setHeader('x-content-type-options', 'nosniff');
  res.setHeader('content-length', end - start);
  if (plan.status === 206) res.setHeader('content-range', `bytes ${start}-${end - 1}/${size}`);
}

/** Takes back what {@link setHead} has set. */
export function clearHead(res: ServerResponse): void {
  for (const name of ['content-range', 'etag', 'accept-ranges', 'content-type', 'content-length'])
    res.removeHeader(name);
}

/** A short text, and nothing of what was set for a file. */
export function answerText(
  res: ServerResponse,
  status: number,
  text: string,
  fields: Record<string, string> = {},
): void {
  clearHead(res);
  res.statusCode = status;
  for (const [name, value] of Object.entries(fields)) res.setHeader(name, value);
  res.setHeader('content-type', 'text/plain; charset=utf-8');
  res.setHeader('cache-control', 'no-store');
  res.end(`${text}\n`);
}
