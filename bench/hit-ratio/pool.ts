import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Outcome, Room } from './replay.ts';
import type { TraceFile } from './trace.ts';

export interface Job {
  readonly file: TraceFile;
  readonly policy: string;
  readonly room: Room;
  /** What it is expected to take, in any unit: the longest begin first. */
  readonly length: number;
}

export type Answer = Outcome | Error;

export interface Done {
  readonly job: Job;
  readonly outcome: Outcome;
}

const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** A process a core; each takes the next job when it is through with its last. `report` hears of every job that is done. */
export async function runJobs(jobs: readonly Job[], report: (finished: number, of: number) => void): Promise<Done[]> {
  const waiting = jobs.toSorted((a, b) => b.length - a.length);
  const done: Done[] = [];

  async function work(process: ChildProcess): Promise<void> {
    try {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        done.push({ job, outcome: await ask(process, job) });
        report(done.length, jobs.length);
      }
    } catch (error) {
      waiting.length = 0;
      throw error;
    } finally {
      process.kill();
    }
  }

  const processes = Array.from({ length: Math.min(availableParallelism(), jobs.length) }, () =>
    fork(worker, { serialization: 'advanced' }),
  );
  const ended = await Promise.allSettled(processes.map(work));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  return done;
}

function ask(process: ChildProcess, job: Job): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const fail = (code: number | null): void =>
      reject(new Error(`${job.file.name} with ${job.policy}: process ended with ${code}`));
    process.once('exit', fail);
    process.once('message', (message) => {
      process.off('exit', fail);
      const answer = message as Answer;
      if (answer instanceof Error) reject(answer);
      else resolve(answer);
    });
    process.send(job);
  });
}
