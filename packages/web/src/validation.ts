import type { IncomingHttpHeaders } from 'node:http';
import type { EpochMs } from '@kvasir/core';
import { parseHttpDate } from './http-date.ts';

/** What a stored response can be compared by, RFC 9110 section 8.8. */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: EpochMs | undefined;
  readonly date: EpochMs;
}

const ENTITY_TAG = /(?:W\/)?"[^"]*"/g;

/**
 * Whether the client has this response already, so that 304 answers it: RFC 9111 section 4.3.2, RFC 9110 section 13.2.2. If-Modified-Since counts only
 * without If-None-Match, and falls back on Date where there is no Last-Modified.
 */
export function isNotModified(request: IncomingHttpHeaders, stored: Validators, now: EpochMs): boolean {
  const noneMatch = request['if-none-match'];
  if (noneMatch !== undefined) return matchesAny(noneMatch, stored.etag);
  const since = parseHttpDate(request['if-modified-since'] ?? '', now);
  return since !== undefined && (stored.lastModified ?? stored.date) <= since;
}

/** Weak comparison, RFC 9110 section 8.8.3.2; `*` matches whatever is stored (section 13.1.2). */
function matchesAny(noneMatch: string, etag: string | undefined): boolean {
  if (noneMatch.trim() === '*') return true;
  if (etag === undefined) return false;
  const opaque = opaqueTag(etag);
  return (noneMatch.match(ENTITY_TAG) ?? []).some((candidate) => opaqueTag(candidate) === opaque);
}

function opaqueTag(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag;
}

/** If-Range, RFC 9110 section 13.1.5: only a strong validator may join a part to what the client has. */
export function matchesIfRange(ifRange: string, stored: Validators, now: EpochMs): boolean {
  if (ifRange.includes('"')) return !ifRange.startsWith('W/') && ifRange === stored.etag;
  const date = parseHttpDate(ifRange, now);
  // A Last-Modified of the very second of Date may have changed once more within it (section 8.8.2.2).
  return date !== undefined && date === stored.lastModified && stored.date - date >= 1000;
}
