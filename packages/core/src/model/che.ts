/*
 * What LRU would score if only popularity mattered.
 *
 * Problem: a hit ratio for millions of keys and any size, from how often each key is asked for; the exact chain (king.ts) has too many states.
 * Idea: in a large cache an entry stays for about the same time T after its last use, whichever it is. In T requests key i comes at least once with
 * probability 1 - exp(-p T), so T is where the sum of these is the capacity, and a request for i is a hit with that same probability.
 * Uniform case: N keys with p = 1/N give 1 - exp(-T/N) = C/N, the hit ratio C/N, as it must be.
 * Cost: O(n) a step; T is found by halving in about 60 steps.
 * Does not: know recency. On independent requests for many keys it is right within a point or three, for a handful of keys of which one is most of all
 * within eight; on database traffic, where who was just asked for is asked for again, it may be 50 points too low. That difference is what makes it useful beside a measured curve: it is how local the requests are.
 * Papers: Che, Tung and Wang 2002, "Hierarchical web caching systems", section III; Fricker, Robert and Roberts 2012 (why it is so good).
 */
import { invalidOption } from '../options.ts';

/** Doublings until any T is bracketed, and halvings until it is known to the last bit that matters. */
const STEPS = 200;
const PRECISION = 1e-12;

/**
 * Hit ratio, 0 to 1, of LRU with `capacity` places, for keys asked for independently with these `rates`: probabilities or plain counts, each 0 or
 * more, some above 0. Throws INVALID_OPTION.
 */
export function approximateLru(rates: readonly number[], capacity: number): number {
  if (!(typeof capacity === 'number' && capacity >= 0))
    throw invalidOption('approximateLru() capacity', 'a number of entries, 0 or more', capacity);
  const total = rates.reduce((sum, rate) => sum + rate, 0);
  if (!rates.every((rate) => rate >= 0) || !(total > 0 && total < Infinity))
    throw invalidOption('approximateLru() rates', 'numbers of 0 or more, not all of them 0', rates);
  const probabilities = rates.filter((rate) => rate > 0).map((rate) => rate / total);
  if (capacity >= probabilities.length) return 1;
  const time = characteristicTime(probabilities, capacity);
  return probabilities.reduce((sum, p) => sum - p * Math.expm1(-p * time), 0);
}

/** T, in requests: the time after its last use at which an entry leaves. */
function characteristicTime(probabilities: readonly number[], capacity: number): number {
  const held = (time: number): number => probabilities.reduce((sum, p) => sum - Math.expm1(-p * time), 0);
  let low = 0;
  let high = capacity;
  for (let step = 0; step < STEPS && held(high) < capacity; step++) high *= 2;
  for (let step = 0; step < STEPS && high - low > PRECISION * high; step++) {
    const middle = (low + high) / 2;
    if (held(middle) < capacity) low = middle;
    else high = middle;
  }
  return high;
}
