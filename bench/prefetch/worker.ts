// Replays the jobs that its parent sends, one after another.
import { markov } from '@kvasir/core';
import { countOptimum } from '../shared/optimum.ts';
import type { Answer, Job, Outcome } from './jobs.ts';
import { readWorkload } from './requests.ts';
import { type Foreseen, replayAhead, replayAlone } from './simulate.ts';

async function replay({ file, policy, arrivals }: Job): Promise<Outcome> {
  const { requests, ids, capacity } = readWorkload(file);
  const ahead: Foreseen[] = [];
  for (const arrival of arrivals) ahead.push(await replayAhead(requests, capacity, policy, arrival, markov()));
  return {
    capacity,
    requests: ids.length,
    optimum: countOptimum(ids, capacity),
    alone: replayAlone(requests, capacity, policy),
    ahead,
  };
}

function answer(said: Answer): void {
  process.send?.(said);
}

process.on('message', (job: Job) => {
  replay(job).then(answer, (error: unknown) =>
    answer({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
