import { mkdirSync, writeFileSync } from 'node:fs';
import type { Report } from '../shared/report.ts';
import { CAFFEINE, KVASIR } from './cells.ts';
import { findFamily } from './families.ts';
import type { Cell } from './marks.ts';
import { drawPanels, type Line } from './plot.ts';
import { OPTIMUM } from './policies.ts';

const LINES: readonly (readonly [policy: string, name: string])[] = [
  [OPTIMUM, 'OPT'],
  ['lru', 'LRU'],
  [CAFFEINE, 'Caffeine'],
  ['prefixChains', 'chains'],
  [KVASIR, 'Kvasir'],
];

/** Writes a picture a family to hit-ratio/ below `results`. */
export function drawFigures(cells: readonly Cell[], results: URL): Report['figures'] {
  mkdirSync(new URL('hit-ratio/', results), { recursive: true });
  const families = new Map(cells.map(({ trace }) => [findFamily(trace).name, findFamily(trace).title]));
  return [...families].map(([family, title]) => {
    const own = cells.filter(({ trace }) => findFamily(trace).name === family);
    const traces = [...new Set(own.map(({ trace }) => trace))];
    const panels = traces.map((trace) => ({
      title: trace,
      lines: drawLines(own.filter((cell) => cell.trace === trace)),
    }));
    const file = `hit-ratio/${family}.svg`;
    writeFileSync(new URL(file, results), drawPanels(title, panels));
    return { file, alt: `${title}: hit ratio over capacity of ${traces.join(', ')}` };
  });
}

function drawLines(cells: readonly Cell[]): Line[] {
  return LINES.map(([policy, name]) => ({
    name,
    points: cells.flatMap(({ capacity, requests, hits }) =>
      hits[policy] === undefined ? [] : [[capacity, hits[policy] / requests] as const],
    ),
  })).filter(({ points }) => points.length > 0);
}
