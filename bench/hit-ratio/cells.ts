import type { Anchor } from './anchors.ts';
import type { Cell } from './marks.ts';
import { DEFAULT } from './policies.ts';
import type { Done } from './pool.ts';

/** Names in a cell's hits. Caffeine's is recorded; `lru` and `opt` are where there are anchors. */
export const KVASIR = 'kvasir';
export const CAFFEINE = 'caf-head';
const MEASURED_LRU = 'lru measured';

/** The cells that were replayed in entries, in order of trace and capacity; anchors that were not replayed are left out. */
export function collectCells(done: readonly Done[], anchors: readonly Anchor[]): Cell[] {
  const cells = new Map<string, Cell & { readonly hits: Record<string, number> }>();
  for (const { job, outcome } of done) {
    if ('partOfBytes' in job.room) continue;
    const { capacity, requests } = outcome;
    const trace = job.file.name;
    const anchor = anchors.find((candidate) => candidate.trace === trace && candidate.capacity === capacity);
    if (anchor !== undefined && anchor.requests !== requests)
      throw new Error(`${trace} has ${requests} requests, its anchors were measured with ${anchor.requests}`);
    const id = `${trace} ${capacity}`;
    const cell = cells.get(id) ?? { trace, capacity, requests, hits: { ...anchor?.hits } };
    const name =
      job.policy === DEFAULT ? KVASIR : job.policy === 'lru' && anchor !== undefined ? MEASURED_LRU : job.policy;
    cell.hits[name] = outcome.hits;
    cells.set(id, cell);
  }
  return [...cells.values()].sort((a, b) => a.trace.localeCompare(b.trace, 'en') || a.capacity - b.capacity);
}

/** In how many anchored cells the bench's own LRU hits exactly as often as the anchors': all, when traces are read and replayed rightly. */
export function countAgreements(cells: readonly Cell[]): { readonly equal: number; readonly of: number } {
  const both = cells.filter(({ hits }) => hits[MEASURED_LRU] !== undefined);
  return { equal: both.filter(({ hits }) => hits[MEASURED_LRU] === hits['lru']).length, of: both.length };
}
