import type { Run } from './record.ts';
import { formatTable, type Report } from './report.ts';

function round(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function cell(value: number | undefined, floor: number | undefined): string {
  if (value === undefined) return '–';
  if (floor === undefined || value === floor) return round(value);
  return `${round(value)} (${round(value / floor)}x)`;
}

function describe({ date, machine, versions }: Run | Report): string {
  const where = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`;
  const competitors = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [date, where, ...(competitors.length === 0 ? [] : [competitors.join(', ')])].join(' · ');
}

/** A row a scenario and metric, a column a contender; in brackets how many times the floor's (the first column's) it is. */
export function formatRun(run: Run): string {
  const floor = run.contenders[0] ?? '';
  const rows = Object.entries(run.results).flatMap(([scenario, metrics]) =>
    Object.entries(metrics).map(([metric, values]) => {
      const cells = run.contenders.map((name) => cell(values[name], values[floor]));
      return `| ${scenario} | ${metric} | ${cells.join(' | ')} |`;
    }),
  );
  return [
    `## ${run.title}`,
    run.about,
    [`| | | ${run.contenders.join(' | ')} |`, `|---|---|${run.contenders.map(() => '--:|').join('')}`, ...rows].join(
      '\n',
    ),
    `${describe(run)} · medians of ${run.rounds} rounds`,
  ].join('\n\n');
}

export function formatReport(report: Report): string {
  return [
    `## ${report.title}`,
    report.about,
    ...report.tables.map(formatTable),
    ...report.figures.map(({ file, alt }) => `![${alt}](${file})`),
    ...report.notes,
    describe(report),
  ].join('\n\n');
}

export function formatPage(runs: readonly (Run | Report)[]): string {
  const about =
    'Written by `npm run bench`. In the benches that take time every contender runs in a process of its own and measures in turn, several rounds ' +
    'over, so the ratios in brackets hold better than the numbers before them: they are multiples of the first column, the floor.';
  const sections = runs.map((run) => ('tables' in run ? formatReport(run) : formatRun(run)));
  return ['# Results', about, ...sections].join('\n\n').concat('\n');
}
