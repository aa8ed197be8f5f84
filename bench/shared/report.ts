import type { Machine } from './machine.ts';

export interface Table {
  readonly caption?: string;
  readonly head: readonly string[];
  /** As they are shown; every column but the first is set to the right. */
  readonly rows: readonly (readonly string[])[];
}

/** One run of a bench that counts instead of timing, as it stands in results/<name>.json: the tables of the page, and under `data` what they were made from. */
export interface Report {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly tables: readonly Table[];
  /** Files below results/. */
  readonly figures: readonly { readonly file: string; readonly alt: string }[];
  readonly notes: readonly string[];
  readonly data: unknown;
}

/** What `npm run bench -- name` hands on. */
export interface ReportOptions {
  /** `--traces a,b`: these only; empty means all. */
  readonly traces: readonly string[];
  /** `--policy name`, once or more: these as well. */
  readonly policies: readonly string[];
  /** `--quick`: what takes seconds. */
  readonly quick: boolean;
}

/** Undefined when there is nothing to record, as the run was in part only or could not be made: then it has said so. */
export type MakeReport = (options: ReportOptions) => Promise<Report | undefined>;

export function formatTable({ caption, head, rows }: Table): string {
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  const lines = [head, rule, ...rows].map((row) => `| ${row.join(' | ')} |`);
  return [...(caption === undefined ? [] : [caption, '']), ...lines].join('\n');
}
