import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { invalidOption, KvasirError } from '@kvasir/core';
import { runPlan } from './plan-command.ts';
import { runSimulate } from './simulate-command.ts';
import { spoolStandardInput } from './standard-input.ts';
import { FORMATS, type Format } from './trace/format.ts';
import { USAGE } from './usage.ts';

const OPTIONS = {
  policies: { type: 'string' },
  sizes: { type: 'string' },
  target: { type: 'string' },
  format: { type: 'string' },
  json: { type: 'boolean', default: false },
  svg: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;

/** What a command line comes to. */
export interface Finished {
  /** The exit code: 0, or 1. */
  readonly code: number;
  readonly output: string;
  readonly complaint: string;
}

/** Runs a command line; prints to standard output, complaints to standard error. Resolves to the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  // Whoever reads the output may have read enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const { code, output, complaint } = await execute(args);
  process.stdout.write(output);
  process.stderr.write(complaint);
  return code;
}

export async function execute(args: readonly string[]): Promise<Finished> {
  try {
    return { code: 0, output: await run(args), complaint: '' };
  } catch (error) {
    return { code: 1, output: '', complaint: `kvasir: ${complain(error)}\n` };
  }
}

/** What the user can do something about is said in a line; anything else is a fault of this program and shows where. */
function complain(error: unknown): string {
  if (error instanceof KvasirError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, message, stack } = error as NodeJS.ErrnoException;
  if (code?.startsWith('ERR_PARSE_ARGS')) return `${message.split('. ')[0]}\nkvasir --help tells what there is.`;
  return code === undefined ? (stack ?? message) : message;
}

async function run(args: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  if (values.version) return `${readVersion()}\n`;
  if (values.help || positionals.length === 0) return USAGE;
  const [command = '', trace, ...more] = positionals;
  if (command !== 'simulate' && command !== 'plan') throw invalidOption('command', 'simulate or plan', command);
  if (trace === undefined) throw invalidOption(command, 'a trace: a file, or - for standard input', 'none');
  if (more.length > 0) throw invalidOption(command, 'one trace', more.length + 1);
  const { policies, sizes, svg, json } = values;
  const format = readFormat(values.format);
  const name = trace === '-' ? 'standard input' : trace;
  if (command === 'plan') {
    refuse(command, { policies, sizes, svg });
    const target = readTarget(values.target);
    return runPlan(await open(trace), { name, format, target, json });
  }
  refuse(command, { target: values.target });
  return runSimulate(await open(trace), { name, format, policies, sizes, json, svg });
}

function open(trace: string): Promise<string> {
  return trace === '-' ? spoolStandardInput() : Promise.resolve(trace);
}

function refuse(command: string, others: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(others))
    if (value !== undefined) throw invalidOption(`--${name}`, `nothing of this name for ${command}`, value);
}

function readTarget(text: string | undefined): number {
  const target = Number(text);
  if (text === undefined || !(target > 0 && target < 1))
    throw invalidOption('--target', 'a hit ratio above 0 and below 1, like 0.9', text ?? 'none');
  return target;
}

function readFormat(text: string | undefined): Format | undefined {
  if (text !== undefined && !FORMATS.includes(text))
    throw invalidOption('--format', `one of ${FORMATS.join(', ')}`, text);
  return text as Format | undefined;
}

function readVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
