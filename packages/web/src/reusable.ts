import type { IncomingHttpHeaders } from 'node:http';
import type { EpochMs } from '@kvasir/core';
import { refusedCredential } from './credentials.ts';
import { type Directives, has, parseDirectives, secondsOf } from './directives.ts';
import type { Terms } from './storable.ts';

/** Why a stored response does not answer a request: `request` when the client forbade it, `bypass` when it is not for such requests. */
export interface Refused {
  readonly fwd: 'bypass' | 'request' | 'stale';
  readonly detail: string;
}

/**
 * RFC 9111 section 4, for a stored response whose variant is the request's. Undefined: it may be reused. Nothing stale is ever served, so `max-stale` has no effect.
 */
export function refuseReuse(
  terms: Terms,
  request: IncomingHttpHeaders,
  directives: Directives | undefined,
  now: EpochMs,
): Refused | undefined {
  const credential = refusedCredential(request, terms);
  if (credential !== undefined) return { fwd: 'bypass', detail: credential };
  if (now >= terms.freshUntil) return { fwd: 'stale', detail: 'expired' };
  return directives === undefined ? undefined : forbiddenByClient(terms, directives, now);
}

/** The request's Cache-Control; without one, Pragma stands for it (section 5.4). Undefined when it says nothing. */
export function requestDirectives(request: IncomingHttpHeaders): Directives | undefined {
  const field = request['cache-control'];
  if (field !== undefined) return parseDirectives(field);
  if (request.pragma === undefined) return undefined;
  const pragma = parseDirectives(request.pragma);
  return has(pragma, 'no-cache') ? pragma : undefined;
}

/** Section 5.2.1. A field that breaks the grammar may have meant anything: the client gets its own answer. */
function forbiddenByClient(terms: Terms, directives: Directives, now: EpochMs): Refused | undefined {
  if (!directives.isWellFormed) return { fwd: 'request', detail: 'cache-control' };
  if (has(directives, 'no-cache')) return { fwd: 'request', detail: 'no-cache' };
  const maxAge = secondsOf(directives, 'max-age');
  if (maxAge !== undefined && !(now - terms.bornAt <= maxAge * 1000)) return { fwd: 'request', detail: 'max-age' };
  const minFresh = secondsOf(directives, 'min-fresh');
  if (minFresh !== undefined && !(terms.freshUntil - now >= minFresh * 1000))
    return { fwd: 'request', detail: 'min-fresh' };
  return undefined;
}
