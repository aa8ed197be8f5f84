import { checkKnown, invalidOption } from '../options.ts';

export interface CurvePoint {
  /** Entries or bytes, as the curve's `unit` says. */
  readonly size: number;
  /** 0 to 1: the part of requests that LRU of this size misses. */
  readonly missRatio: number;
}

/** How the miss ratio of LRU falls with the cache's size. Between two points it is a straight line, after the last one flat. */
export interface MissRatioCurve {
  readonly unit: 'entries' | 'bytes';
  /** Requests that the curve speaks of. */
  readonly requests: number;
  /** Different keys among the latest of them; an estimate above 2,048. */
  readonly keys: number;
  /** What those keys weigh together; an estimate like `keys`. A cache of this size holds them all. */
  readonly footprint: number;
  /** As measured, by ascending size, from size 0. */
  readonly points: readonly CurvePoint[];
  /** What the same requests would give in random order: popularity alone (Che, Tung and Wang 2002). */
  readonly byPopularity: readonly CurvePoint[];
}

export interface CapacityGoal {
  /** Above 0 and below 1. */
  readonly targetHitRatio: number;
}

export interface CapacityPlan {
  readonly unit: 'entries' | 'bytes';
  readonly targetHitRatio: number;
  /** The least size at which LRU reaches the target; undefined when no size does. */
  readonly capacity: number | undefined;
  /** The same by popularity alone. */
  readonly capacityByPopularity: number | undefined;
  /** What LRU reaches when everything fits: the rest are first requests, and requests after the entry's time was over. */
  readonly highestHitRatio: number;
  /**
   * Measured hit ratio less that by popularity alone, at `capacity`, or on the average of all sizes when there is none or it holds everything. Above 0:
   * who was just asked for is asked for again. Below 0: keys come back after long, as in loops and scans, and LRU is not the policy to take.
   */
  readonly localityIndex: number;
  /** Only an admission threshold θ below this can fill `capacity` entries; undefined for bytes. */
  readonly thresholdBelow: number | undefined;
}

/** Steps over which the locality index is averaged. */
const STEPS = 100;

/** 0 to 1, for a size of 0 or more. */
export function missRatioAt(points: readonly CurvePoint[], size: number): number {
  let low = { size: 0, missRatio: 1 };
  for (const point of points) {
    if (point.size >= size) return between(low.size, low.missRatio, point.size, point.missRatio, size);
    low = point;
  }
  return low.missRatio;
}

export function checkGoal(goal: CapacityGoal): void {
  checkKnown('planCapacity()', goal, ['targetHitRatio']);
  const { targetHitRatio } = goal;
  if (!(typeof targetHitRatio === 'number' && targetHitRatio > 0 && targetHitRatio < 1))
    throw invalidOption('planCapacity() targetHitRatio', 'a number above 0 and below 1', targetHitRatio);
}

/** What a target hit ratio would take. Throws INVALID_OPTION. */
export function planCapacity(curve: MissRatioCurve, goal: CapacityGoal): CapacityPlan {
  checkGoal(goal);
  const { targetHitRatio } = goal;
  const { unit, points, byPopularity } = curve;
  const capacity = sizeFor(points, 1 - targetHitRatio);
  return {
    unit,
    targetHitRatio,
    capacity,
    capacityByPopularity: sizeFor(byPopularity, 1 - targetHitRatio),
    highestHitRatio: 1 - (points.at(-1)?.missRatio ?? 1),
    localityIndex: localityOf(curve, capacity),
    thresholdBelow: unit === 'bytes' || capacity === undefined ? undefined : 1 / capacity,
  };
}

function sizeFor(points: readonly CurvePoint[], missRatio: number): number | undefined {
  let low = { size: 0, missRatio: 1 };
  for (const point of points) {
    if (point.missRatio <= missRatio)
      return Math.ceil(between(low.missRatio, low.size, point.missRatio, point.size, missRatio));
    low = point;
  }
  return undefined;
}

function localityOf({ points, byPopularity }: MissRatioCurve, capacity: number | undefined): number {
  const at = (size: number): number => missRatioAt(byPopularity, size) - missRatioAt(points, size);
  const largest = points.at(-1)?.size ?? 0;
  if (capacity !== undefined && capacity < largest) return at(capacity);
  let sum = 0;
  for (let step = 1; step <= STEPS; step++) sum += at((largest * step) / STEPS);
  return sum / STEPS;
}

/** The line through (x0, y0) and (x1, y1), at x. */
function between(x0: number, y0: number, x1: number, y1: number, x: number): number {
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}
