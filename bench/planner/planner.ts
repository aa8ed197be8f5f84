// How far the curve that a cache measures of itself is from the exact one, on recorded traces.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hashKey, type MissRatioCurve, missRatioAt, ReuseSampler } from '@kvasir/core';
import { listTraces, readTrace, type Trace, type TraceFile } from '../hit-ratio/trace.ts';
import { cpuMicros } from '../shared/cpu.ts';
import { describeMachine } from '../shared/machine.ts';
import { formatTable, type Report, type ReportOptions, type Table } from '../shared/report.ts';
import { type ExactCurve, measureExactly } from './exact.ts';

const folder = process.env['KVASIR_TRACES'] ?? fileURLToPath(new URL('../../../shared/traces', import.meta.url));
/** With fewer keys the sample is much of the whole. */
const LEAST_KEYS = 10_000;
/** Each draws another sample. */
const SEEDS = 16;
const GRID = 100;

interface Row {
  readonly trace: string;
  readonly unit: 'entries' | 'bytes';
  readonly requests: number;
  readonly keys: number;
  /** Mean absolute error in percentage points, one a seed: over sizes in equal steps, and over sizes in equal ratios. */
  readonly linear: readonly number[];
  readonly geometric: readonly number[];
  /** Of the curve by popularity, which is not meant to be right: the locality of the trace. */
  readonly locality: number;
  readonly nanosPerRequest: number;
}

export function makeReport({ traces, quick }: ReportOptions): Promise<Report | undefined> {
  if (!existsSync(folder) || listTraces(folder).length === 0) {
    console.log(`planner: no traces in ${folder}. Set KVASIR_TRACES to a folder with name.u32.gz and the like.\n`);
    process.exitCode = 1;
    return Promise.resolve(undefined);
  }
  const files = listTraces(folder).filter(({ name }) => traces.length === 0 || traces.includes(name));
  const rows = files.flatMap((file) => measureTrace(file, quick ? 1 : SEEDS));
  const table = tabulate(rows);
  if (traces.length === 0 && !quick) return Promise.resolve(describe(table, rows));
  console.log(`${formatTable(table)}\n`);
  return Promise.resolve(undefined);
}

function measureTrace(file: TraceFile, seeds: number): Row[] {
  const trace = readTrace(file);
  if (trace.uniqueIds < LEAST_KEYS) return [];
  const units = trace.sizes === undefined ? (['entries'] as const) : (['entries', 'bytes'] as const);
  return units.map((unit) => measureUnit(file.name, trace, unit, seeds));
}

function measureUnit(name: string, trace: Trace, unit: 'entries' | 'bytes', seeds: number): Row {
  const sizes = unit === 'bytes' ? trace.sizes : undefined;
  const exact = measureExactly(trace.ids, sizes);
  const linear: number[] = [];
  const geometric: number[] = [];
  let locality = 0;
  let nanos = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const hashes = hashAll(trace, seed);
    const start = cpuMicros();
    const curve = sample(trace, hashes, sizes, unit);
    nanos += ((cpuMicros() - start) * 1000) / trace.ids.length / seeds;
    linear.push(meanError(exact, curve, (step) => step / GRID));
    geometric.push(meanError(exact, curve, (step) => 1000 ** (step / GRID - 1)));
    locality += meanLocality(exact, curve) / seeds;
  }
  return {
    trace: name,
    unit,
    requests: trace.ids.length,
    keys: trace.uniqueIds,
    linear,
    geometric,
    locality,
    nanosPerRequest: nanos,
  };
}

/** The hash of each key, as a store has it. */
function hashAll({ ids }: Trace, seed: number): Map<number, number> {
  const hashes = new Map<number, number>();
  // Seeds a store would draw differ in many bits.
  const spread = Math.imul(seed, 0x9e3779b1);
  for (const id of ids) if (!hashes.has(id)) hashes.set(id, hashKey(`${id}`, spread));
  return hashes;
}

/** A store in which everything fits: the first request of a key inserts it, the others hit. */
function sample(
  { ids }: Trace,
  hashes: ReadonlyMap<number, number>,
  sizes: Uint32Array | undefined,
  unit: 'entries' | 'bytes',
): MissRatioCurve {
  const sampler = new ReuseSampler(unit);
  const seen = new Set<number>();
  for (const [time, id] of ids.entries()) {
    const hash = hashes.get(id) ?? 0;
    const weight = sizes?.[time] ?? 1;
    if (!seen.has(id)) {
      seen.add(id);
      sampler.insert(hash, weight);
    } else if (sampler.hit(hash)) sampler.note(hash, weight);
  }
  const curve = sampler.curve();
  if (curve === undefined) throw new Error('a trace without requests');
  return curve;
}

/** `partAt` gives the sizes as parts of all there is, for the steps 1 to 100. */
function meanError(exact: ExactCurve, { points }: MissRatioCurve, partAt: (step: number) => number): number {
  let sum = 0;
  for (let step = 1; step <= GRID; step++) {
    const size = Math.max(1, Math.round(exact.whole * partAt(step)));
    sum += Math.abs(exact.hitRatioAt(size) - (1 - missRatioAt(points, size)));
  }
  return (100 * sum) / GRID;
}

function meanLocality(exact: ExactCurve, { points, byPopularity }: MissRatioCurve): number {
  let sum = 0;
  for (let step = 1; step <= GRID; step++) {
    const size = (exact.whole * step) / GRID;
    sum += missRatioAt(byPopularity, size) - missRatioAt(points, size);
  }
  return (100 * sum) / GRID;
}

function tabulate(rows: readonly Row[]): Table {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const show = (values: readonly number[]): string[] => [mean(values).toFixed(2), Math.max(...values).toFixed(2)];
  const means = rows.map(({ linear }) => mean(linear));
  return {
    caption:
      `Mean absolute error of the miss ratio, pp, against the exact curve; the mean of ${rows[0]?.linear.length ?? 0} samples and the worst of them. ` +
      `On ${means.filter((error) => error <= 1).length} of ${rows.length} curves the mean is at most 1 pp.`,
    head: ['trace', 'unit', 'requests', 'keys', 'error', 'worst', 'small sizes', 'worst', 'locality', 'ns a request'],
    rows: rows.map((row) => [
      row.trace,
      row.unit,
      row.requests.toLocaleString('en-US'),
      row.keys.toLocaleString('en-US'),
      ...show(row.linear),
      ...show(row.geometric),
      row.locality.toFixed(1),
      row.nanosPerRequest.toFixed(0),
    ]),
  };
}

function describe(table: Table, rows: readonly Row[]): Report {
  return {
    name: 'planner',
    title: 'The miss-ratio curve that a cache measures of itself',
    about:
      `\`cache.missRatioCurve()\` rests on a sample of 2,048 keys; here it is compared with the exact curve of LRU on every trace with at least ${LEAST_KEYS.toLocaleString('en-US')} keys, ` +
      'the whole trace being one stream of requests. Error: over 100 sizes in equal steps up to all keys. Small sizes: over 100 sizes in equal ratios from a ' +
      'thousandth up. Locality: the mean of measured less popularity-only hit ratio, pp.',
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    versions: {},
    tables: [table],
    figures: [],
    notes: [
      'Nanoseconds of CPU are those of the whole loop of the bench, two look-ups in a Map and a Set included, with all keys in the sample for the first 2^18 requests.',
    ],
    data: rows,
  };
}
