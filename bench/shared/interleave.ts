import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Bench, Measurement } from './bench.ts';

const child = fileURLToPath(new URL('./child.ts', import.meta.url));

/** Medians by scenario, metric and contender. */
export type Results = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

function ask(process: ChildProcess, scenario: string): Promise<Measurement> {
  process.send(scenario);
  return answer(process);
}

function answer(process: ChildProcess): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error(`${process.spawnargs.at(-1)} ended before it answered`));
    process.once('exit', fail);
    process.once('message', (message) => {
      process.off('exit', fail);
      resolve(message as Measurement);
    });
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/**
 * Every contender measures every scenario once a round, one after another and each round from another one on, so that a slow spell of the machine
 * falls on all alike. A first round warms up and is not counted.
 */
export async function interleave(file: string, bench: Bench, rounds: number): Promise<Results> {
  const processes = new Map<string, ChildProcess>();
  const found: Found = {};
  try {
    for (const name of Object.keys(bench.contenders)) {
      const started = fork(child, [file, name], { execArgv: [...process.execArgv, '--expose-gc'] });
      processes.set(name, started);
      await answer(started);
    }
    for (let round = 0; round <= rounds; round += 1)
      for (const scenario of bench.scenarios)
        for (const [name, contender] of turned([...processes], round)) {
          const measured = await ask(contender, scenario);
          if (round > 0) keep(found, scenario, name, measured);
        }
  } finally {
    for (const contender of processes.values()) if (contender.exitCode === null) contender.send('end');
  }
  return takeMedians(found);
}

function turned<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

type Found = Record<string, Record<string, Record<string, number[]>>>;

function keep(found: Found, scenario: string, name: string, measured: Measurement): void {
  for (const [metric, value] of Object.entries(measured)) {
    found[scenario] ??= {};
    found[scenario][metric] ??= {};
    found[scenario][metric][name] ??= [];
    found[scenario][metric][name].push(value);
  }
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function takeMedians(found: Found): Results {
  return mapValues(found, (metrics) => mapValues(metrics, (names) => mapValues(names, median)));
}
