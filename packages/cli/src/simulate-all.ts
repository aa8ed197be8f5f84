import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KvasirError } from '@kvasir/core';
import { type Outcome, simulate } from './simulate.ts';
import type { CacheSize } from './sizes.ts';
import type { Format } from './trace/format.ts';

/** One policy at all sizes. */
export interface Job {
  readonly path: string;
  readonly format: Format;
  readonly policy: string;
  readonly sizes: readonly CacheSize[];
}

export type Reply =
  | { readonly type: 'progress'; readonly bytes: number }
  | { readonly type: 'done'; readonly outcomes: readonly Outcome[] }
  | { readonly type: 'failed'; readonly message: string };

/** Starting a process takes a tenth of a second or two; less than this is replayed before it runs. */
export const WORTH_A_PROCESS: number = 2 ** 17;

/** As many at once as there are cores, each in a process of its own. `onProgress` hears the bytes read by all jobs together. */
export async function simulateAll(
  jobs: readonly Job[],
  fileBytes: number,
  onProgress: (bytes: number, policy: string) => void,
): Promise<Outcome[]> {
  const read = jobs.map(() => 0);
  const outcomes: (readonly Outcome[])[] = [];
  const waiting = [...jobs.entries()];
  const count = Math.min(jobs.length, fileBytes < WORTH_A_PROCESS ? 1 : availableParallelism());
  const work = async (
    run: (job: Job, onBytes: (bytes: number) => void) => Promise<readonly Outcome[]>,
  ): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, job] = next;
      outcomes[at] = await run(job, (bytes) => {
        read[at] = bytes;
        onProgress(
          read.reduce((sum, part) => sum + part, 0),
          job.policy,
        );
      });
    }
  };
  if (count === 1) await work(runHere);
  else await runInProcesses(count, work);
  return outcomes.flat();
}

function runHere({ path, policy, sizes, format }: Job, onProgress: (bytes: number) => void): Promise<Outcome[]> {
  return simulate(path, policy, sizes, { format, onProgress });
}

type Run = (job: Job, onProgress: (bytes: number) => void) => Promise<readonly Outcome[]>;

async function runInProcesses(count: number, work: (run: Run) => Promise<void>): Promise<void> {
  const file = fileURLToPath(new URL(`./simulate-worker${extname(import.meta.url)}`, import.meta.url));
  const workers = Array.from({ length: count }, () => fork(file, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
  try {
    await Promise.all(workers.map((worker) => work((job, onProgress) => ask(worker, job, onProgress))));
  } finally {
    for (const worker of workers) worker.kill();
  }
}

function ask(worker: ChildProcess, job: Job, onProgress: (bytes: number) => void): Promise<readonly Outcome[]> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      settle();
      reject(error);
    };
    const died = (code: number | null, signal: string | null): void =>
      fail(new Error(`the replay of ${job.policy} ended before it was done (${signal ?? `exit code ${code}`})`));
    const hear = (reply: Reply): void => {
      if (reply.type === 'progress') return onProgress(reply.bytes);
      if (reply.type === 'failed') return fail(new KvasirError('INVALID_TRACE', reply.message));
      settle();
      resolve(reply.outcomes);
    };
    const settle = (): void => void worker.off('message', hear).off('exit', died).off('error', fail);
    worker.on('message', hear).on('exit', died).on('error', fail);
    worker.send(job);
  });
}
