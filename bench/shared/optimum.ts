/** What a cache of `capacity` that loads on demand, knows the future, and need not keep what it loads hits at most (Belady 1966, with bypass). */
export function countOptimum(ids: Uint32Array, capacity: number): number {
  const nextUse = findNextUses(ids);
  const heap = new FarthestFirst();
  const heldUntil = new Map<number, number>();
  let hits = 0;
  for (const [at, id] of ids.entries()) {
    const next = nextUse[at] as number;
    if (heldUntil.delete(id)) hits++;
    if (next === NEVER) continue;
    heldUntil.set(id, next);
    heap.push(next);
    while (heldUntil.size > capacity) {
      const farthest = heap.pop();
      const victim = ids[farthest] as number;
      if (heldUntil.get(victim) === farthest) heldUntil.delete(victim);
    }
  }
  return hits;
}

const NEVER = 2 ** 32 - 1;

function findNextUses(ids: Uint32Array): Uint32Array {
  const nextUse = new Uint32Array(ids.length).fill(NEVER);
  const seen = new Map<number, number>();
  for (let at = ids.length - 1; at >= 0; at--) {
    const id = ids[at] as number;
    nextUse[at] = seen.get(id) ?? NEVER;
    seen.set(id, at);
  }
  return nextUse;
}

/** A binary heap of requests, the farthest first. Those that were served meanwhile are left in it. */
class FarthestFirst {
  readonly #heap: number[] = [];

  push(value: number): void {
    const heap = this.#heap;
    let at = heap.push(value) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] as number) >= value) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = value;
  }

  pop(): number {
    const heap = this.#heap;
    const first = heap[0] as number;
    const value = heap.pop() as number;
    if (heap.length === 0) return first;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && (heap[child + 1] as number) > (heap[child] as number)) child++;
      if ((heap[child] as number) <= value) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = value;
    return first;
  }
}
