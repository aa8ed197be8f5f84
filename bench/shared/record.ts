import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Bench } from './bench.ts';
import type { Results } from './interleave.ts';
import { describeMachine, type Machine, readVersions } from './machine.ts';
import type { Report } from './report.ts';

/** One run of one bench, as it stands in results/<name>.json. */
export interface Run {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly date: string;
  readonly rounds: number;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly contenders: readonly string[];
  /** Medians over the rounds. */
  readonly results: Results;
}

const folder = new URL('../results/', import.meta.url);

export function describeRun(name: string, bench: Bench, rounds: number, results: Results): Run {
  return {
    name,
    title: bench.title,
    about: bench.about,
    date: new Date().toISOString().slice(0, 10),
    rounds,
    machine: describeMachine(),
    versions: readVersions(bench.packages),
    contenders: Object.keys(bench.contenders),
    results,
  };
}

export function record(run: Run | Report): void {
  writeFileSync(new URL(`${run.name}.json`, folder), `${JSON.stringify(run, undefined, 2)}\n`);
}

export function readRecorded(): (Run | Report)[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Run | Report);
}

export function writePage(page: string): void {
  writeFileSync(new URL('README.md', folder), page);
}
