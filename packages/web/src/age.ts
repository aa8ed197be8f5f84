import type { EpochMs } from '@kvasir/core';
import { parseDeltaSeconds } from './directives.ts';
import type { Fields } from './fields.ts';
import { dateOf } from './freshness.ts';

/** Milliseconds: `corrected_initial_age` of RFC 9111 section 4.2.3, the larger of what Date shows and what Age says plus the time the answer took. */
export function initialAge(fields: Fields, requestTime: EpochMs, responseTime: EpochMs): number {
  const date = dateOf(fields, responseTime);
  const apparentAge = date === undefined ? 0 : Math.max(0, responseTime - date);
  const correctedAge = ageFieldOf(fields) * 1000 + Math.max(0, responseTime - requestTime);
  return Math.max(apparentAge, correctedAge);
}

/** Section 5.1: the first member of a list counts; what is no number of seconds is ignored. */
function ageFieldOf(fields: Fields): number {
  const [first = ''] = (fields.get('age')?.[0] ?? '').split(',');
  const seconds = parseDeltaSeconds(first.trim());
  return Number.isNaN(seconds) ? 0 : seconds;
}

/** `current_age` in whole seconds, for the Age field, of a response that was `initialAge` old when it came: `bornAt` is that time less that age. */
export function currentAge(bornAt: EpochMs, now: EpochMs): number {
  return Math.max(0, Math.floor((now - bornAt) / 1000));
}
