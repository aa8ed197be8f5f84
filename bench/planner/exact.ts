/** Hits of LRU in a cache of each size, exactly. */
export interface ExactCurve {
  readonly requests: number;
  /** What all keys weigh together. */
  readonly whole: number;
  hitRatioAt(size: number): number;
}

/**
 * Stack distances of all requests by a Fenwick tree over time (Bennett and Kruskal 1975): where a key was last asked for stands its weight, and what
 * stands behind is what came since. Without `sizes` every key weighs 1.
 */
export function measureExactly(ids: Uint32Array, sizes: Uint32Array | undefined): ExactCurve {
  const tree = new Float64Array(ids.length + 1);
  const add = (time: number, weight: number): void => {
    for (let at = time + 1; at < tree.length; at += at & -at) tree[at] = (tree[at] ?? 0) + weight;
  };
  const sumUpTo = (time: number): number => {
    let sum = 0;
    for (let at = time + 1; at > 0; at &= at - 1) sum += tree[at] ?? 0;
    return sum;
  };
  const last = new Map<number, number>();
  const weightAt = (time: number): number => sizes?.[time] ?? 1;
  const distances = new Float64Array(ids.length);
  let hits = 0;
  let total = 0;
  for (const [time, id] of ids.entries()) {
    const before = last.get(id);
    if (before !== undefined) {
      distances[hits++] = total - sumUpTo(before) + weightAt(time);
      add(before, -weightAt(before));
      total -= weightAt(before);
    }
    add(time, weightAt(time));
    total += weightAt(time);
    last.set(id, time);
  }
  const sorted = distances.subarray(0, hits).sort();
  return { requests: ids.length, whole: total, hitRatioAt: (size) => countUpTo(sorted, size) / ids.length };
}

function countUpTo(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
