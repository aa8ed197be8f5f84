/*
 * The exact hit ratio of a small LRU cache when requests are independent.
 *
 * Problem: know what a policy should score, without simulating it.
 * Idea: the cache's content in order of use is a Markov chain; King found its stationary distribution. The probability that the last C different
 * keys asked for were i1, then i2, … (newest first) is p(i1) * p(i2) / (1 - p(i1)) * p(i3) / (1 - p(i1) - p(i2)) … A hit asks only for the set, so states of
 * one content are summed while they are built: f(S) = sum over j in S of f(S - j) * p(j) / (1 - p(S - j)). Four keys, two places: 12 states, 6 sets.
 * Cost: n * 2^n steps and 8 bytes a set, hence at most 20 keys (a fifth of a second, 16 MB).
 * Does not: hold for requests that depend on one another.
 * Paper: King 1971, "Analysis of demand paging algorithms", IFIP Congress.
 */
import { checkInteger, invalidOption } from '../options.ts';

const MOST_KEYS = 20;
/** Sums of probabilities are off by rounding. */
const ROUNDING = 1e-9;

/**
 * Stationary hit ratio, 0 to 1, of LRU with `capacity` places, for keys asked for independently with these probabilities (at most 20, each above 0,
 * sum 1). Throws INVALID_OPTION.
 */
export function solveLru(probabilities: readonly number[], capacity: number): number {
  checkInteger('solveLru() capacity', capacity, 0);
  const keys = probabilities.length;
  const sum = probabilities.reduce((total, p) => total + p, 0);
  const isSound = keys >= 1 && keys <= MOST_KEYS && probabilities.every((p) => p > 0) && Math.abs(sum - 1) < ROUNDING;
  if (!isSound)
    throw invalidOption('solveLru() probabilities', `1 to ${MOST_KEYS} numbers above 0 whose sum is 1`, probabilities);
  if (capacity >= keys) return 1;

  const reached = new Float64Array(2 ** keys);
  reached[0] = 1;
  let hitRatio = 0;
  for (let set = 0; set < reached.length; set++) {
    const chance = reached[set] as number;
    if (chance === 0) continue;
    const mass = massOf(set, probabilities);
    if (countOf(set) === capacity) {
      hitRatio += chance * mass;
      continue;
    }
    for (let key = 0; key < keys; key++) {
      const larger = set | (1 << key);
      if (larger !== set)
        reached[larger] = (reached[larger] as number) + (chance * (probabilities[key] as number)) / (1 - mass);
    }
  }
  return hitRatio;
}

function massOf(set: number, probabilities: readonly number[]): number {
  let mass = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) mass += probabilities[31 - Math.clz32(rest & -rest)] as number;
  return mass;
}

function countOf(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}
