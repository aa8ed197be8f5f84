// Replays the jobs that its parent sends, one after another. The trace is kept from job to job, as the next is mostly of the same.
import type { Answer, Job } from './pool.ts';
import { replay } from './replay.ts';
import { readTrace, type Trace } from './trace.ts';

let path = '';
let trace: Trace = { ids: new Uint32Array(), sizes: undefined, uniqueIds: 0 };

function answer(job: Job): Answer {
  try {
    if (path !== job.file.path) trace = readTrace(job.file);
    path = job.file.path;
    return replay(trace, job.policy, job.room);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

process.on('message', (job: Job) => process.send?.(answer(job)));
process.on('disconnect', () => process.exit(0));
