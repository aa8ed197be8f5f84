import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { readLength, type TraceFile } from '../hit-ratio/trace.ts';
import type { Counted, Foreseen, PolicyName } from './simulate.ts';

export interface Job {
  readonly file: TraceFile;
  readonly policy: PolicyName;
  /** Requests from a prediction to the arrival of what was prefetched. */
  readonly arrivals: readonly number[];
}

export interface Outcome {
  readonly capacity: number;
  readonly requests: number;
  /** Hits of a cache that loads on demand and knows the future. */
  readonly optimum: number;
  readonly alone: Counted;
  /** One an arrival. */
  readonly ahead: readonly Foreseen[];
}

export type Answer = Outcome | { readonly failure: string };

export interface Done {
  readonly job: Job;
  readonly outcome: Outcome;
}

const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** A process a core; each takes the next job when it is through with its last, the longest first. In the order of `jobs`. */
export async function runJobs(jobs: readonly Job[]): Promise<Done[]> {
  const waiting = jobs.toSorted((a, b) => readLength(b.file) - readLength(a.file));
  const done = new Map<Job, Outcome>();

  async function work(child: ChildProcess): Promise<void> {
    try {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        done.set(job, await ask(child, job));
        if (process.stderr.isTTY) process.stderr.write(`\rprefetch: ${done.size} of ${jobs.length} replays `);
      }
    } catch (error) {
      waiting.length = 0;
      throw error;
    } finally {
      child.kill();
    }
  }

  const children = Array.from({ length: Math.min(availableParallelism(), jobs.length) }, () => fork(worker));
  const ended = await Promise.allSettled(children.map(work));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  return jobs.flatMap((job) => {
    const outcome = done.get(job);
    return outcome === undefined ? [] : [{ job, outcome }];
  });
}

function ask(child: ChildProcess, job: Job): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const fail = (code: number | null): void => reject(new Error(`${job.file.name}: process ended with ${code}`));
    child.once('exit', fail);
    child.once('message', (message) => {
      child.off('exit', fail);
      const answer = message as Answer;
      if ('failure' in answer) reject(new Error(answer.failure));
      else resolve(answer);
    });
    child.send(job);
  });
}
