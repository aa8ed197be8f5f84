/*
 * The numbers that stand for many cells, a cell being one trace at one capacity.
 *
 * normGain: which part of what could be gained over LRU was gained, (HR - LRU) / (OPT - LRU): 0 is LRU, 1 is Belady's optimum, which knows the
 * future. Cells in which OPT is less than a point above LRU say nothing and are left out; averaged over a trace's cells, then over traces, so
 * that no trace counts more for being long. Cells won and lost are compared in a band of a tenth of a point, in which neither has won.
 */
export interface Cell {
  readonly trace: string;
  readonly capacity: number;
  readonly requests: number;
  /** By policy; `lru`, and what else is known. */
  readonly hits: Readonly<Record<string, number>>;
}

export interface Worst {
  readonly cell: Cell;
  /** Below 0: the policy hits less often than LRU there. */
  readonly points: number;
}

const LEAST_GAIN = 0.01;
const BAND = 0.001;

/** Of the cells that know the policy, `lru` and `opt`; NaN when there is none. */
export function measureGain(cells: readonly Cell[], policy: string): number {
  const gains = new Map<string, number[]>();
  for (const { trace, requests, hits } of cells) {
    const { lru, opt, [policy]: own } = hits;
    if (lru === undefined || opt === undefined || own === undefined || opt - lru < LEAST_GAIN * requests) continue;
    gains.set(trace, [...(gains.get(trace) ?? []), (own - lru) / (opt - lru)]);
  }
  return mean([...gains.values()].map(mean));
}

export function findWorst(cells: readonly Cell[], policy: string): Worst | undefined {
  let worst: Worst | undefined;
  for (const cell of cells) {
    const points = differ(cell, policy, 'lru') * 100;
    if (points < (worst?.points ?? Infinity)) worst = { cell, points };
  }
  return worst;
}

/** Cells in which `policy` is below `other` by more than `points`. */
export function countBelow(cells: readonly Cell[], policy: string, other: string, points: number): number {
  return cells.filter((cell) => differ(cell, policy, other) * 100 < -points).length;
}

export function compare(
  cells: readonly Cell[],
  policy: string,
  other: string,
): { readonly won: number; readonly lost: number } {
  const differences = cells.map((cell) => differ(cell, policy, other));
  return {
    won: differences.filter((difference) => difference > BAND).length,
    lost: differences.filter((difference) => difference < -BAND).length,
  };
}

/** Mean hit ratio, every cell alike. */
export function measureMean(cells: readonly Cell[], policy: string): number {
  return mean(cells.flatMap(({ hits, requests }) => (hits[policy] === undefined ? [] : [hits[policy] / requests])));
}

/** NaN where either is unknown, which no comparison holds of. */
function differ({ hits, requests }: Cell, policy: string, other: string): number {
  return ((hits[policy] ?? Number.NaN) - (hits[other] ?? Number.NaN)) / requests;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
