import type { IncomingHttpHeaders } from 'node:http';
import type { EpochMs } from '@kvasir/core';
import { initialAge } from './age.ts';
import { refusedCredential } from './credentials.ts';
import { type Directives, has, MAX_DELTA_SECONDS, parseDirectives, secondsOf } from './directives.ts';
import { type Fields, listOf } from './fields.ts';
import { freshnessLifetime } from './freshness.ts';
import { parseVary } from './vary.ts';

/** A GET and the head of its answer. */
export interface Exchange {
  readonly request: IncomingHttpHeaders;
  readonly requestTime: EpochMs;
  readonly status: number;
  readonly fields: Fields;
  readonly responseTime: EpochMs;
  /** What the route said with `req.kvasir.ttl()`: comes before the response's own freshness. */
  readonly routeTtlMs: number | undefined;
  /** The `ttl` option: for responses that say nothing of freshness. */
  readonly defaultTtlMs: number | undefined;
}

/** What a stored response may do. */
export interface Terms {
  /** When it came, less the age that it had: RFC 9111 section 4.2.3. */
  readonly bornAt: EpochMs;
  readonly freshUntil: EpochMs;
  readonly vary: readonly string[];
  /** Marked for everybody, whoever asks. */
  readonly isForAll: boolean;
  /** Whether requests with Authorization may get it, RFC 9111 section 3.5. */
  readonly servesAuthorization: boolean;
}

export type Verdict = { readonly terms: Terms } | { readonly terms: undefined; readonly reason: string };

/**
 * Final statuses whose meaning is understood and whose answer is whole: with explicit freshness they may be stored (RFC 9111 section 3). Never a server error,
 * which passes, nor 206 and 304, which are parts.
 */
const STORABLE = new Set([200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414]);
/** What the `ttl` option covers: answers that a route gives when all is well. */
const COVERED_BY_DEFAULT = new Set([200, 203, 300, 301, 308, 410]);
/** Bodies that have no end, or replace themselves. */
const ENDLESS = /^\s*(?:text\/event-stream|multipart\/x-mixed-replace)\b/i;

/** RFC 9111 section 3 for a shared cache, and stricter where the letter would let one user's answer reach another. */
export function judge(exchange: Exchange): Verdict {
  const { status, fields, request } = exchange;
  const directives = parseDirectives(fields.get('cache-control'));
  const vary = parseVary(listOf(fields, 'vary'));
  const reason =
    (STORABLE.has(status) ? undefined : 'status') ??
    forbiddenBy(directives) ??
    unfitBody(fields) ??
    (vary === undefined ? 'vary' : undefined);
  if (reason !== undefined || vary === undefined) return refuse(reason ?? 'vary');

  const isForAll = isMarkedForAll(directives);
  const servesAuthorization = isForAll || has(directives, 'must-revalidate');
  const credential = refusedCredential(request, { isForAll, servesAuthorization, vary });
  if (credential !== undefined) return refuse(credential);

  const age = initialAge(fields, exchange.requestTime, exchange.responseTime);
  const ttlMs = ttlOf(exchange, directives, age);
  if (ttlMs === undefined) return refuse('no-freshness');
  if (!(ttlMs > 0)) return refuse('stale');
  const bornAt = exchange.responseTime - age;
  const freshUntil = exchange.responseTime + ttlMs;
  return { terms: { bornAt, freshUntil, vary, isForAll, servesAuthorization } };
}

/**
 * `public, max-age=0` is what sendFile says where nobody told it otherwise, of any user's file: no word of the route, which may have set a ttl for
 * the file all the same.
 */
function isMarkedForAll(directives: Directives): boolean {
  return has(directives, 's-maxage') || (has(directives, 'public') && secondsOf(directives, 'max-age') !== 0);
}

/** RFC 9111 section 5.2.2. What could be used only after revalidation is not worth keeping here; qualified forms count as the whole. */
function forbiddenBy(directives: Directives): string | undefined {
  if (!directives.isWellFormed) return 'cache-control';
  return ['no-store', 'private', 'no-cache'].find((name) => has(directives, name));
}

/** Section 7.3 leaves Set-Cookie to the cache: here it is never stored. A 200 with Content-Range is a part under a wrong name. */
function unfitBody(fields: Fields): string | undefined {
  if (fields.has('set-cookie')) return 'set-cookie';
  if (fields.has('content-range')) return 'partial';
  return ENDLESS.test(fields.get('content-type')?.[0] ?? '') ? 'stream' : undefined;
}

/** Milliseconds of freshness left, at most 2^31 s; undefined when nobody said any. */
function ttlOf(exchange: Exchange, directives: Directives, ageMs: number): number | undefined {
  const { routeTtlMs, defaultTtlMs, status, fields, responseTime } = exchange;
  if (routeTtlMs !== undefined) return Math.min(routeTtlMs, MAX_DELTA_SECONDS * 1000);
  const lifetime = freshnessLifetime(directives, fields, responseTime);
  if (lifetime !== undefined) return lifetime * 1000 - ageMs;
  if (defaultTtlMs === undefined || !COVERED_BY_DEFAULT.has(status)) return undefined;
  return Math.min(defaultTtlMs, MAX_DELTA_SECONDS * 1000);
}

function refuse(reason: string): Verdict {
  return { terms: undefined, reason };
}
