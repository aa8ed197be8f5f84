/*
 * What a fixed admission threshold θ means for a cache of a given size.
 *
 * Problem: C = {D | P(D) > θ} looks like a knob for quality, and is one for size as well.
 * Idea: the P sum to 1, so fewer than 1/θ keys can have a P above θ, whatever the requests are. With N keys asked for alike P = 1/N, and a cache
 * of 100 with θ = 0.1 holds something only for N < 10: then at most nine entries, and 91 places stay empty. For N >= 10 it holds nothing at all.
 * To be able to use all of C places θ must be below 1/C.
 * Does not: say which θ is best; `admitAbove('auto', …)` takes the victim's own P, which needs no number.
 */
import { invalidOption } from '../options.ts';

/** 49 * (1 / 49) is less than 1 in floating point. */
const ROUNDING = 1e-9;

export interface ThresholdAdvice {
  /** At most so many keys can be above the threshold at once. */
  readonly mostAdmitted: number;
  /** A threshold below this can fill the cache: 1 / capacity. */
  readonly mustBeBelow: number;
  /** Whether the threshold is below it. */
  readonly canFill: boolean;
}

/** `threshold` (θ) is above 0 and below 1; `capacity` counts entries, 0 or more. Throws INVALID_OPTION. */
export function adviseThreshold(threshold: number, capacity: number): ThresholdAdvice {
  if (!(typeof threshold === 'number' && threshold > 0 && threshold < 1))
    throw invalidOption('adviseThreshold() threshold', 'a number above 0 and below 1', threshold);
  if (!(typeof capacity === 'number' && capacity >= 0))
    throw invalidOption('adviseThreshold() capacity', 'a number of entries, 0 or more', capacity);
  const mostAdmitted = Math.ceil((1 - ROUNDING) / threshold) - 1;
  return { mostAdmitted, mustBeBelow: 1 / capacity, canFill: threshold * capacity < 1 - ROUNDING };
}
