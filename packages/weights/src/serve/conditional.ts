import type { IncomingHttpHeaders } from 'node:http';

/**
 * What the conditional fields of a GET or HEAD say about `etag`, which is strong (RFC 9110 section 13.2.2; there is no Last-Modified here,
 * so the date fields do not apply).
 */
export function evaluate(headers: IncomingHttpHeaders, etag: string): 'proceed' | 'not-modified' | 'failed' {
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined && !lists(ifMatch, etag, false)) return 'failed';
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && lists(ifNoneMatch, etag, true)) return 'not-modified';
  return 'proceed';
}

/** Whether the Range field counts: without If-Range, or when that names this very version (section 13.1.5: strong comparison). */
export function isRangeCurrent(headers: IncomingHttpHeaders, etag: string): boolean {
  const ifRange = headers['if-range'];
  return ifRange === undefined || String(ifRange).trim() === etag;
}

function lists(field: string, etag: string, weakly: boolean): boolean {
  if (field.trim() === '*') return true;
  for (const [tag] of field.matchAll(/(?:W\/)?"[^"]*"/g)) {
    if (tag === etag || (weakly && tag === `W/${etag}`)) return true;
  }
  return false;
}
