// The hit ratio of memory()'s default policy on recorded traces, beside LRU, Caffeine and the optimum.
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeMachine } from '../shared/machine.ts';
import { formatTable, type Report, type ReportOptions, type Table } from '../shared/report.ts';
import { readAnchors } from './anchors.ts';
import { CAFFEINE, collectCells, countAgreements, KVASIR } from './cells.ts';
import { drawFigures } from './figures.ts';
import type { Cell } from './marks.ts';
import { isShort, planJobs } from './plan.ts';
import { findPolicy, OPTIMUM } from './policies.ts';
import { type Done, runJobs } from './pool.ts';
import { tabulateCells, tabulateMarks, tabulateSizes } from './tables.ts';
import { listTraces, type TraceFile } from './trace.ts';

const folder = process.env['KVASIR_TRACES'] ?? fileURLToPath(new URL('../../../shared/traces', import.meta.url));
const results = new URL('../results/', import.meta.url);

export async function makeReport(options: ReportOptions): Promise<Report | undefined> {
  if (!existsSync(folder) || listTraces(folder).length === 0) {
    console.log(
      `hit-ratio: no traces in ${folder}. Set KVASIR_TRACES to a folder with name.u32.gz, name.idsz.u32.gz, name.cid.u32.gz or ` +
        'name.kv.jsonl.gz files, and with ANCHORS.tsv for what other policies hit on them.\n',
    );
    process.exitCode = 1;
    return undefined;
  }
  for (const policy of options.policies) findPolicy(policy);
  const anchors = readAnchors(folder);
  const files = chooseTraces(listTraces(folder), options);
  const done = await runJobs(planJobs(files, anchors, options.policies), showProgress);
  const cells = collectCells(done, anchors);
  const tables = [...tabulate(cells, done, options.policies)];
  const isWhole = options.traces.length === 0 && options.policies.length === 0 && !options.quick;
  if (isWhole) return { ...describe(cells, done), tables };
  console.log([...tables, listCells(cells, options.policies)].map(formatTable).join('\n\n').concat('\n'));
  return undefined;
}

function chooseTraces(files: readonly TraceFile[], { traces, quick }: ReportOptions): TraceFile[] {
  for (const name of traces)
    if (!files.some((file) => file.name === name)) throw new Error(`--traces ${name}: no such trace in ${folder}`);
  const chosen = traces.length === 0 ? files : files.filter(({ name }) => traces.includes(name));
  return quick ? chosen.filter(isShort) : [...chosen];
}

function showProgress(finished: number, of: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(finished < of ? `\rhit-ratio: ${finished} of ${of} replays` : '\r\x1b[K');
}

function* tabulate(cells: readonly Cell[], done: readonly Done[], policies: readonly string[]): Generator<Table> {
  const isAnchored = ({ hits }: Cell): boolean => hits[CAFFEINE] !== undefined;
  const blocks = new Set(done.filter(({ job }) => job.file.format === 'kv.jsonl').map(({ job }) => job.file.name));
  const anchored = cells.filter(isAnchored);
  if (anchored.length > 0) yield tabulateMarks('The marks', anchored, policies);
  if (done.some(({ job }) => 'partOfBytes' in job.room)) yield tabulateSizes(done);
  const llm = cells.filter(({ trace }) => blocks.has(trace));
  const beside = ['lru', 'wTinyLfu', 'lirs', 'prefixChains', KVASIR, ...policies, OPTIMUM];
  if (llm.length > 0) yield tabulateCells('Hit ratio over prefix blocks, %:', llm, beside);
  const others = cells.filter((cell) => !isAnchored(cell) && !blocks.has(cell.trace));
  if (others.length > 0) {
    yield tabulateMarks('The marks on traces without anchors', others, policies);
    yield tabulateCells('Hit ratio on traces without anchors, %:', others, ['lru', KVASIR, ...policies, OPTIMUM]);
  }
}

function listCells(cells: readonly Cell[], policies: readonly string[]): Table {
  return tabulateCells('Hit ratio, %, a row a cell:', cells, ['lru', CAFFEINE, KVASIR, ...policies, OPTIMUM]);
}

function describe(cells: readonly Cell[], done: readonly Done[]): Omit<Report, 'tables'> {
  const figures = drawFigures(cells, results);
  const { equal, of } = countAgreements(cells);
  writeFileSync(
    new URL('hit-ratio/README.md', results),
    `# Hit ratio, all cells\n\nWritten by \`npm run bench -- hit-ratio\`; what is measured and how stands in [the results](../README.md).\n\n${formatTable(listCells(cells, []))}\n`,
  );
  return {
    name: 'hit-ratio',
    title: 'Hit ratio on recorded traces',
    about:
      'Requests of recorded and of synthetic traces, replayed one by one through `memory({ maxEntries })` with default options: get, and set on a ' +
      'miss. Capacities are 0.5, 2, 8 and 25 % of the keys of a trace. OPT is Belady’s optimum, which knows the future and need not keep what it ' +
      'loads. Caffeine head is the rule set of Caffeine’s adaptive W-TinyLFU, simulated and recorded with the traces (ANCHORS.tsv), not run here.',
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    versions: {},
    figures,
    notes: [
      'normGain is (hit ratio − LRU) / (OPT − LRU), averaged over the cells of a trace in which OPT is at least one point above LRU, then over ' +
        'traces; a cell is won or lost when the difference is more than a tenth of a point. The traces were at hand while the default was made, ' +
        'so the marks on them are the best case; drop a trace of your own into the folder and it is replayed with them. [All cells](hit-ratio/README.md).',
      'In the table of sizes, sizes and capacity are scaled up together, so that what `memory()` charges for keys and bookkeeping vanishes beside ' +
        'them; the row “charged as well” has them as they are. The sizes of webcachesim-test, 1 to 46, are no bytes: with a charge, nothing of it fits. ' +
        'Prefix blocks are asked for one by one in the order of the prompt, each a key; prefixChains, where it is listed, is named in `memory({ policy })`.',
      `As a check of the bench itself: LRU through the same code hits exactly as often as recorded in ${equal} of ${of} cells. ` +
        `The replays took ${Math.round(done.reduce((sum, { outcome }) => sum + outcome.seconds, 0))} s of CPU time.`,
    ],
    data: { cells, sized: done.filter(({ job }) => 'partOfBytes' in job.room).map(flatten) },
  };
}

function flatten({ job: { file, policy, room }, outcome }: Done): unknown {
  return { trace: file.name, policy, ...room, ...outcome };
}
