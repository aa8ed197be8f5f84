import type { Run } from './record.ts';

function round(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function cell(value: number | undefined, floor: number | undefined): string {
  if (value === undefined) return '–';
  if (floor === undefined || value === floor) return round(value);
  return `${round(value)} (${round(value / floor)}x)`;
}

function describe(run: Run): string {
  const { machine } = run;
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  const where = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`;
  return `${run.date} · ${where} · ${versions.join(', ')} · medians of ${run.rounds} rounds`;
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
    describe(run),
  ].join('\n\n');
}

export function formatPage(runs: readonly Run[]): string {
  const about =
    'Written by `npm run bench`. Every contender runs in a process of its own and measures in turn, several rounds over, so the ratios in ' +
    'brackets hold better than the numbers before them: they are multiples of the first column, the floor.';
  return ['# Results', about, ...runs.map(formatRun)].join('\n\n').concat('\n');
}
