import type { Table } from '../shared/report.ts';
import { CAFFEINE, KVASIR } from './cells.ts';
import { type Cell, compare, countBelow, findWorst, mean, measureGain, measureMean } from './marks.ts';
import { DEFAULT, OPTIMUM } from './policies.ts';
import type { Done } from './pool.ts';
import type { SizedRoom } from './replay.ts';

const TITLES: Readonly<Record<string, string>> = {
  lru: 'LRU',
  [CAFFEINE]: 'Caffeine head',
  [KVASIR]: 'Kvasir default',
  [DEFAULT]: 'Kvasir default',
  [OPTIMUM]: 'OPT',
  'adaptive({"objective":"bytes"})': "adaptive, objective 'bytes'",
};
const name = (policy: string): string => TITLES[policy] ?? policy;
const percent = (ratio: number | undefined): string => (ratio === undefined ? '–' : (ratio * 100).toFixed(1));
const signed = (points: number): string => `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(2)}`;

export function tabulateMarks(title: string, cells: readonly Cell[], policies: readonly string[]): Table {
  const columns = keepKnown(['lru', CAFFEINE, KVASIR, ...policies, OPTIMUM], cells);
  const row = (mark: string, show: (policy: string) => string): string[] => [mark, ...columns.map(show)];
  return {
    caption: `${title}, over ${cells.length} cells of ${new Set(cells.map(({ trace }) => trace)).size} traces:`,
    head: ['', ...columns.map(name)],
    rows: [
      row('normGain', (policy) => measureGain(cells, policy).toFixed(3)),
      row('mean hit ratio, %', (policy) => (measureMean(cells, policy) * 100).toFixed(2)),
      row('worst cell against LRU, pp', (policy) => {
        const worst = findWorst(cells, policy);
        if (worst === undefined || policy === 'lru') return '–';
        return `${signed(worst.points)} (${worst.cell.trace} ${worst.cell.capacity})`;
      }),
      row('cells more than 1 pp below LRU', (policy) => String(countBelow(cells, policy, 'lru', 1))),
      ...(columns.includes(CAFFEINE)
        ? [row('cells won : lost against Caffeine head', (policy) => contrast(cells, policy))]
        : []),
    ],
  };
}

function contrast(cells: readonly Cell[], policy: string): string {
  const { won, lost } = compare(cells, policy, CAFFEINE);
  return policy === CAFFEINE ? '–' : `${won} : ${lost}`;
}

function keepKnown(policies: readonly string[], cells: readonly Cell[]): string[] {
  return policies.filter((policy) => cells.some(({ hits }) => hits[policy] !== undefined));
}

/** Object hits and byte hits of the traces with sizes. */
export function tabulateSizes(done: readonly Done[]): Table {
  const sized = done.flatMap(({ job, outcome }) =>
    'partOfBytes' in job.room ? [{ job, room: job.room, outcome }] : [],
  );
  const policies = [...new Set(sized.map(({ job }) => job.policy))].sort(byLruFirst);
  const traces = [...new Set(sized.map(({ job }) => job.file.name))].sort();
  const show = (policy: string, bytes: SizedRoom['bytes'], charged: boolean, trace?: string): string => {
    const found = sized
      .filter(({ job, room }) => job.policy === policy && room.bytes === bytes && room.charged === charged)
      .filter(({ job }) => trace === undefined || job.file.name === trace);
    const objects = mean(found.map(({ outcome }) => outcome.hits / outcome.requests));
    return `${percent(objects)} / ${percent(mean(found.map(({ outcome }) => outcome.hitBytes / outcome.bytes)))}`;
  };
  const means = (title: string, bytes: SizedRoom['bytes'], charged: boolean): string[] => [
    title,
    ...policies.map((policy) => show(policy, bytes, charged)),
  ];
  return {
    caption: 'Objects hit / bytes hit, %, in a cache of 2 % of the bytes of all objects, each counted once:',
    head: ['', ...policies.map(name)],
    rows: [
      ...traces.map((trace) => [trace, ...policies.map((policy) => show(policy, 'of objects', false, trace))]),
      means('**mean**', 'of objects', false),
      means('mean, keys and bookkeeping charged as well', 'of objects', true),
      means('mean, 2 % of the bytes asked for instead', 'of requests', false),
    ],
  };
}

/** The default last, so that it stands beside those that were asked for. */
function byLruFirst(a: string, b: string): number {
  return Number(b === 'lru') - Number(a === 'lru') || Number(a === DEFAULT) - Number(b === DEFAULT);
}

/** A row a cell, a column a policy that any of the cells knows. */
export function tabulateCells(caption: string, cells: readonly Cell[], policies: readonly string[]): Table {
  const known = keepKnown(policies, cells);
  return {
    caption,
    head: ['trace', 'capacity', ...known.map(name), 'default − LRU, pp'],
    rows: cells.map(({ trace, capacity, requests, hits }) => [
      trace,
      capacity.toLocaleString('en-US'),
      ...known.map((policy) => percent(hits[policy] === undefined ? undefined : hits[policy] / requests)),
      signed((((hits[KVASIR] ?? 0) - (hits['lru'] ?? 0)) / requests) * 100),
    ]),
  };
}
