import { type CurvePoint, type MissRatioCurve, missRatioAt } from './curve.ts';
import { edgeOf } from './distance-histogram.ts';
import type { Tally } from './tally.ts';

/** What a sample knows when a curve is drawn. */
export interface Sample {
  readonly unit: 'entries' | 'bytes';
  /** Of all keys. */
  readonly requests: number;
  /** Different keys, all of them. */
  readonly keys: number;
  /** What they weigh together. */
  readonly footprint: number;
  /** First requests, of all keys: `keys` where that is known better than by the sample. */
  readonly firsts: number;
  readonly tally: Tally;
  readonly members: readonly Member[];
}

/** A key in the sample. */
export interface Member {
  readonly requests: number;
  /** Requests that a cache of some size would have answered. */
  readonly repeats: number;
  readonly weight: number;
}

/** Points an octave of time on the curve by popularity. */
const PER_OCTAVE = 3;
/** The curve by popularity ends where so much of everything is held. */
const WHOLE = 0.999;

export function drawCurve(sample: Sample): MissRatioCurve {
  const { unit, requests, keys, footprint } = sample;
  return {
    unit,
    requests,
    keys: Math.round(keys),
    footprint: Math.round(footprint),
    points: drawMeasured(sample),
    byPopularity: drawByPopularity(sample),
  };
}

/** `share` of `newer`, 0 to 1, and the rest of `older`. */
export function blendCurves(older: MissRatioCurve, newer: MissRatioCurve, share: number): MissRatioCurve {
  const blend = (of: (curve: MissRatioCurve) => readonly CurvePoint[]): CurvePoint[] => {
    const sizes = new Set([...of(older), ...of(newer)].map((point) => point.size));
    return [...sizes]
      .sort((a, b) => a - b)
      .map((size) => ({
        size,
        missRatio: share * missRatioAt(of(newer), size) + (1 - share) * missRatioAt(of(older), size),
      }));
  };
  const mean = (old: number, young: number): number => Math.round(share * young + (1 - share) * old);
  return {
    unit: newer.unit,
    requests: newer.requests + Math.round((1 - share) * older.requests),
    keys: mean(older.keys, newer.keys),
    footprint: mean(older.footprint, newer.footprint),
    points: blend((curve) => curve.points),
    byPopularity: blend((curve) => curve.byPopularity),
  };
}

function drawMeasured({ requests, firsts, tally }: Sample): CurvePoint[] {
  const points: CurvePoint[] = [{ size: 0, missRatio: 1 }];
  const missing = requests - tally.lapses - firsts - tally.repeatTotal;
  const spread = tally.popularTotal > 0 ? missing / tally.popularTotal : 0;
  let hits = 0;
  let missRatio = 1;
  for (const [bucket, repeats] of tally.repeats.entries()) {
    if (repeats === 0) continue;
    // Before the first repeat of this bucket nothing more is hit: where buckets are wide the line rises within this one alone.
    const before = edgeOf(bucket - 1);
    if ((points.at(-1)?.size ?? 0) < before) points.push({ size: before, missRatio });
    hits += repeats + spread * (tally.popular[bucket] as number);
    missRatio = Math.min(missRatio, Math.max(0, 1 - hits / requests));
    points.push({ size: edgeOf(bucket), missRatio });
  }
  return points;
}

/** Che's approximation (che.ts) of the same requests in random order: first requests miss there as well. */
function drawByPopularity(sample: Sample): CurvePoint[] {
  const { requests, keys, footprint, firsts, tally, members } = sample;
  const points: CurvePoint[] = [{ size: 0, missRatio: 1 }];
  const standsFor = keys / members.length;
  const popular = members.reduce((sum, member) => sum + member.requests * member.repeats, 0);
  const repeats = members.reduce((sum, member) => sum + member.repeats, 0) * standsFor;
  const spread = popular > 0 ? (requests - tally.lapses - firsts - repeats) / popular : 0;
  const perWeight = footprint / members.reduce((sum, member) => sum + member.weight, 0);
  let missRatio = 1;
  for (let time = 1, size = 0; size < WHOLE * footprint; time *= 2 ** (1 / PER_OCTAVE)) {
    size = 0;
    let hits = 0;
    for (const member of members) {
      const held = -Math.expm1((-member.requests * time) / requests);
      size += held * member.weight * perWeight;
      hits += held * member.repeats * (standsFor + spread * member.requests);
    }
    missRatio = Math.min(missRatio, Math.max(0, 1 - hits / requests));
    points.push({ size, missRatio });
  }
  return points;
}
