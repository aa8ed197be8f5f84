import type { EpochMs } from '@kvasir/core';
import { type Directives, secondsOf } from './directives.ts';
import { type Fields, singleOf } from './fields.ts';
import { parseHttpDate } from './http-date.ts';

/**
 * Seconds that a response is fresh from its origination, RFC 9111 section 4.2.1: `s-maxage`, else `max-age`, else Expires minus Date. Undefined when it
 * says none of them: no heuristics. NaN or at most 0 when it is not fresh at all: malformed or contradictory values are (section 4.2.1).
 */
export function freshnessLifetime(directives: Directives, fields: Fields, responseTime: EpochMs): number | undefined {
  return (
    secondsOf(directives, 's-maxage') ?? secondsOf(directives, 'max-age') ?? lifetimeByExpires(fields, responseTime)
  );
}

/** Section 5.3: what is not a date, like `0`, is a time in the past. */
function lifetimeByExpires(fields: Fields, responseTime: EpochMs): number | undefined {
  const field = singleOf(fields, 'expires');
  if (field === undefined) return undefined;
  const expires = parseHttpDate(field, responseTime);
  if (expires === undefined) return 0;
  return (expires - (dateOf(fields, responseTime) ?? responseTime)) / 1000;
}

/** The Date field, RFC 9110 section 6.6.1; undefined when absent or malformed. */
export function dateOf(fields: Fields, responseTime: EpochMs): EpochMs | undefined {
  const field = singleOf(fields, 'date');
  return field === undefined ? undefined : parseHttpDate(field, responseTime);
}
