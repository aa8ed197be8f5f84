import { statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { drawPlot } from './plot.ts';
import { POLICY_NAMES, readPolicies } from './policies.ts';
import { Progress } from './progress.ts';
import type { Outcome } from './simulate.ts';
import { simulateAll } from './simulate-all.ts';
import { type CacheSize, DEFAULT_SIZES, formatCapacity, readSizes } from './sizes.ts';
import { type SurveyedTrace, surveyTrace } from './survey.ts';
import { formatTable } from './table.ts';
import type { Format } from './trace/format.ts';

export interface SimulateOptions {
  /** How the trace is called to the user. */
  readonly name: string;
  readonly format: Format | undefined;
  readonly policies: string | undefined;
  readonly sizes: string | undefined;
  readonly json: boolean;
  readonly svg: string | undefined;
}

/** The text to print. Throws INVALID_OPTION and INVALID_TRACE. */
export async function runSimulate(path: string, options: SimulateOptions): Promise<string> {
  const policies = options.policies === undefined ? POLICY_NAMES : readPolicies(options.policies);
  const text = options.sizes ?? DEFAULT_SIZES;
  // What is wrong with the sizes whatever the trace is, is said before it is read.
  readSizes(text, { keys: 1, bytes: 1 });
  const fileBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const progress = new Progress(process.stderr, fileBytes * (policies.length + 1));
  try {
    const survey = await surveyTrace(path, {
      format: options.format,
      onProgress: (bytes) => progress.show(bytes, 'counting keys'),
    });
    const sizes = readSizes(text, { keys: survey.inEntries.keys, bytes: survey.inBytes?.footprint });
    const jobs = policies.map((policy) => ({ path, format: survey.format, policy, sizes }));
    const outcomes = await simulateAll(jobs, fileBytes, (bytes, policy) => progress.show(fileBytes + bytes, policy));
    if (options.svg !== undefined) writeFileSync(options.svg, draw(options.name, policies, outcomes));
    progress.clear();
    return options.json
      ? formatJson(options.name, survey, outcomes)
      : formatText(options.name, survey, sizes, outcomes);
  } finally {
    progress.clear();
  }
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const hitRatio = ({ hits, requests }: Outcome): number => ratio(hits, requests);
const byteHitRatio = ({ hitBytes, bytes }: Outcome): number => ratio(hitBytes, bytes);

function formatText(
  name: string,
  survey: SurveyedTrace,
  sizes: readonly CacheSize[],
  outcomes: readonly Outcome[],
): string {
  const { inEntries, inBytes, requests, format } = survey;
  const count = (value: number): string => value.toLocaleString('en-US');
  const weight = inBytes === undefined ? '' : `, ${formatCapacity(inBytes.footprint, 'bytes')}`;
  const parts = [
    `${name}: ${count(requests)} requests for ${count(inEntries.keys)} keys${weight} (${format})`,
    `Hit ratio, %:\n${tabulate(sizes, outcomes, hitRatio)}`,
  ];
  if (inBytes !== undefined) parts.push(`Bytes hit, %:\n${tabulate(sizes, outcomes, byteHitRatio)}`);
  return `${parts.join('\n\n')}\n`;
}

/** A row a size, a column a policy; the best of a row is bold on a terminal. */
function tabulate(sizes: readonly CacheSize[], outcomes: readonly Outcome[], of: (outcome: Outcome) => number): string {
  const policies = [...new Set(outcomes.map(({ policy }) => policy))];
  const cells = sizes.map((size) =>
    policies.map((policy) => outcomes.find((one) => one.size.label === size.label && one.policy === policy)),
  );
  const values = cells.map((row) => row.map((outcome) => (outcome === undefined ? 0 : of(outcome))));
  const rows = [
    ['size', '', ...policies],
    ...sizes.map((size, y) => [
      size.label,
      size.unit === 'entries' && /^\d+$/.test(size.label) ? 'entries' : formatCapacity(size.capacity, size.unit),
      ...(values[y] ?? []).map((value) => (value * 100).toFixed(1)),
    ]),
  ];
  const isBest = (y: number, x: number): boolean => {
    const row = values[y - 1] ?? [];
    return x >= 2 && row[x - 2] === Math.max(...row);
  };
  return formatTable(rows, isBest, process.stdout.isTTY);
}

function formatJson(name: string, survey: SurveyedTrace, outcomes: readonly Outcome[]): string {
  const { format, requests, inEntries, inBytes } = survey;
  const results = outcomes.map((outcome) => ({
    policy: outcome.policy,
    size: outcome.size.label,
    unit: outcome.size.unit,
    capacity: outcome.size.capacity,
    requests: outcome.requests,
    hits: outcome.hits,
    hitRatio: hitRatio(outcome),
    ...(inBytes === undefined ? {} : { byteHitRatio: byteHitRatio(outcome) }),
  }));
  const trace = { name, format, requests, keys: inEntries.keys, ...(inBytes && { bytes: inBytes.footprint }) };
  return `${JSON.stringify({ trace, results }, undefined, 2)}\n`;
}

/** Sizes in entries and in bytes share no axis; those of the first size's unit are drawn. */
function draw(name: string, policies: readonly string[], outcomes: readonly Outcome[]): string {
  const unit = outcomes[0]?.size.unit ?? 'entries';
  const drawn = outcomes.filter(({ size }) => size.unit === unit && size.capacity > 0);
  return drawPlot({
    title: basename(name),
    xTitle: unit === 'bytes' ? 'size' : 'entries',
    yTitle: 'hit ratio, %',
    formatX: (x) => formatCapacity(x, unit),
    lines: policies.map((policy) => ({
      name: policy,
      points: drawn
        .filter((outcome) => outcome.policy === policy)
        .map((outcome) => [outcome.size.capacity, hitRatio(outcome)] as const)
        .sort(([a], [b]) => a - b),
    })),
  });
}
