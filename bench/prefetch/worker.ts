// Replays the traces that its parent names, one after another.
import { markov } from '@kvasir/core';
import type { TraceFile } from '../hit-ratio/trace.ts';
import { countOptimum } from './optimum.ts';
import { readWorkload } from './requests.ts';
import { type Counted, type Foreseen, type PolicyName, replayAhead, replayAlone } from './simulate.ts';

export const POLICIES: readonly PolicyName[] = ['lru', 'default'];
/** Requests after the prediction. */
export const ARRIVALS: readonly number[] = [0, 4];

export interface Outcome {
  readonly trace: string;
  readonly capacity: number;
  readonly requests: number;
  readonly optimum: number;
  readonly policies: Readonly<Record<PolicyName, { readonly alone: Counted; readonly ahead: readonly Foreseen[] }>>;
}

export type Answer = Outcome | { readonly failure: string };

async function replay(file: TraceFile): Promise<Outcome> {
  const { requests, ids, capacity } = readWorkload(file);
  const measure = async (policy: PolicyName): Promise<Outcome['policies'][PolicyName]> => {
    const ahead: Foreseen[] = [];
    for (const arrival of ARRIVALS) ahead.push(await replayAhead(requests, capacity, policy, arrival, markov()));
    return { alone: replayAlone(requests, capacity, policy), ahead };
  };
  return {
    trace: file.name,
    capacity,
    requests: ids.length,
    optimum: countOptimum(ids, capacity),
    policies: { lru: await measure('lru'), default: await measure('default') },
  };
}

process.on('message', (file: TraceFile) => {
  replay(file).then(
    (outcome) => process.send?.(outcome satisfies Answer),
    (error: unknown) =>
      process.send?.({
        failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
      } satisfies Answer),
  );
});
process.on('disconnect', () => process.exit(0));
