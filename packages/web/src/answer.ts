import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import type { EpochMs } from '@kvasir/core';
import { type CacheStatus, formatCacheStatus, type Replay, replay } from '@kvasir/core/http';
import { currentAge } from './age.ts';
import type { Page } from './page.ts';
import { parseRange } from './range.ts';
import { isNotModified, matchesIfRange } from './validation.ts';

/** Answers from a stored page: whole, as 304, or a part of it. HEAD gets the head. */
export function answerFrom(
  page: Page,
  req: IncomingMessage,
  res: ServerResponse,
  now: EpochMs,
  status: CacheStatus,
): void {
  const added = ['Age', String(currentAge(page.bornAt, now)), 'Cache-Status', formatCacheStatus(status)];
  replay(res, select(page, req, res, now), added);
}

/** Preconditions and ranges are for a 200, RFC 9110 sections 13.2.1 and 14.2. */
function select(page: Page, req: IncomingMessage, res: ServerResponse, now: EpochMs): Replay {
  if (page.status !== 200) return page;
  if (isNotModified(req.headers, page, now)) return notModified(page);
  const { range, 'if-range': ifRange } = req.headers;
  if (range === undefined || req.method !== 'GET') return page;
  if (ifRange !== undefined && !matchesIfRange(String(ifRange), page, now)) return page;
  // Whoever wraps the response (compression) may change the bytes that the range would count.
  return res.writeHead === ServerResponse.prototype.writeHead ? partOf(page, range) : page;
}

/** Of the representation, only what the client needs to update its own copy: RFC 9110 section 15.4.5. */
const NOT_IN_304 = new Set(['content-type', 'content-length', 'content-encoding', 'content-language', 'content-range']);

function notModified(page: Page): Replay {
  return replayOf(page, 304, withoutFields(page.fields, NOT_IN_304), page.body.subarray(0, 0));
}

const LENGTH = new Set(['content-length']);

function partOf(page: Page, field: string): Replay {
  const { byteLength } = page.body;
  const range = parseRange(field, byteLength);
  if (range === undefined) return page;
  const fields = withoutFields(page.fields, LENGTH);
  if (range === 'unsatisfiable') {
    fields.push('Content-Range', `bytes */${byteLength}`, 'Content-Length', '0');
    return replayOf(page, 416, fields, page.body.subarray(0, 0));
  }
  const { first, last } = range;
  fields.push('Content-Range', `bytes ${first}-${last}/${byteLength}`, 'Content-Length', String(last - first + 1));
  return replayOf(page, 206, fields, page.body.subarray(first, last + 1));
}

function replayOf(page: Page, status: number, fields: readonly string[], body: Buffer): Replay {
  return { status, statusMessage: STATUS_CODES[status] ?? '', fields, hasRepeats: page.hasRepeats, body };
}

function withoutFields(fields: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? '';
    if (!names.has(name.toLowerCase())) kept.push(name, fields[at + 1] ?? '');
  }
  return kept;
}
