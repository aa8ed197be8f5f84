import { statSync } from 'node:fs';
import { type CapacityPlan, type MissRatioCurve, missRatioAt, planCapacity } from '@kvasir/core';
import { Progress } from './progress.ts';
import { formatCapacity } from './sizes.ts';
import { type SurveyedTrace, surveyTrace } from './survey.ts';
import { formatTable } from './table.ts';
import type { Format } from './trace/format.ts';

export interface PlanOptions {
  /** How the trace is called to the user. */
  readonly name: string;
  readonly format: Format | undefined;
  readonly target: number;
  readonly json: boolean;
}

/** Sizes of the table, as parts of all keys or bytes. */
const PARTS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1];
/** Percentage points of locality within which requests are as good as independent. */
const SLIGHT = 0.02;

/** The text to print. Throws INVALID_OPTION and INVALID_TRACE. */
export async function runPlan(path: string, options: PlanOptions): Promise<string> {
  const progress = new Progress(process.stderr, statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  try {
    const onProgress = (bytes: number): void => progress.show(bytes, 'measuring');
    const survey = await surveyTrace(path, { format: options.format, onProgress });
    const curves = survey.inBytes === undefined ? [survey.inEntries] : [survey.inEntries, survey.inBytes];
    const plans = curves.map((curve) => planCapacity(curve, { targetHitRatio: options.target }));
    progress.clear();
    if (options.json) return formatJson(options.name, survey, curves, plans);
    return formatText(options.name, survey, curves, plans);
  } finally {
    progress.clear();
  }
}

function formatJson(
  name: string,
  { format, requests, inEntries, inBytes }: SurveyedTrace,
  curves: readonly MissRatioCurve[],
  plans: readonly CapacityPlan[],
): string {
  const trace = { name, format, requests, keys: inEntries.keys, ...(inBytes && { bytes: inBytes.footprint }) };
  return `${JSON.stringify({ trace, plans, curves }, undefined, 2)}\n`;
}

function formatText(
  name: string,
  { format, requests, inEntries }: SurveyedTrace,
  curves: readonly MissRatioCurve[],
  plans: readonly CapacityPlan[],
): string {
  const count = (value: number): string => value.toLocaleString('en-US');
  return [
    `${name}: ${count(requests)} requests for ${count(inEntries.keys)} keys (${format})`,
    plans.map(describePlan).join('\n'),
    describeLocality(plans[0]?.localityIndex ?? 0),
    ...curves.map(tabulate),
    'Other policies may need less: kvasir simulate.',
  ]
    .join('\n\n')
    .concat('\n');
}

function describePlan({
  unit,
  targetHitRatio,
  capacity,
  capacityByPopularity,
  highestHitRatio,
  thresholdBelow,
}: CapacityPlan): string {
  const target = percent(targetHitRatio);
  if (capacity === undefined)
    return `No size ${unit === 'bytes' ? 'in bytes ' : ''}reaches ${target}: with everything kept it would be ${percent(highestHitRatio)}; the rest are first requests.`;
  const size = (value: number): string => `${formatCapacity(value, unit)}${unit === 'entries' ? ' entries' : ''}`;
  const popularity =
    capacityByPopularity === undefined ? 'no size would do' : `it would be ${size(capacityByPopularity)}`;
  const threshold =
    thresholdBelow === undefined
      ? ''
      : `\n  An admission threshold θ must be below ${thresholdBelow.toPrecision(2)} to fill it.`;
  return `${target} of requests hit in LRU of ${size(capacity)}; were only popularity to count (Che), ${popularity}.${threshold}`;
}

function describeLocality(locality: number): string {
  const points = `${locality < 0 ? '−' : '+'}${Math.abs(locality * 100).toFixed(1)} points`;
  if (Math.abs(locality) < SLIGHT)
    return `Locality index ${points}: requests are as good as independent of one another.`;
  return locality > 0
    ? `Locality index ${points}: who was just asked for is asked for again, more than popularity tells.`
    : `Locality index ${points}: keys come back after long, as in loops and scans; LRU is not the policy for that.`;
}

function tabulate({ unit, footprint, points, byPopularity }: MissRatioCurve): string {
  const rows = PARTS.map((part) => {
    const size = Math.max(1, Math.round(part * footprint));
    return [
      `${part * 100}%`,
      formatCapacity(size, unit),
      percent(1 - missRatioAt(points, size)),
      percent(1 - missRatioAt(byPopularity, size)),
    ];
  });
  return formatTable([['size', unit, 'LRU', 'by popularity'], ...rows]);
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
