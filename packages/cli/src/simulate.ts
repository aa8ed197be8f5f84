import { memory } from '@kvasir/memory';
import { detach, makeEntry } from './entry.ts';
import { makePolicy } from './policies.ts';
import type { CacheSize } from './sizes.ts';
import { type ReadOptions, readTrace } from './trace/read-trace.ts';

export interface Outcome {
  readonly policy: string;
  readonly size: CacheSize;
  readonly requests: number;
  readonly hits: number;
  /** Bytes asked for, and those of them that were hits; 0 when the trace does not tell sizes. */
  readonly bytes: number;
  readonly hitBytes: number;
}

/** Replays the trace through `memory()`: get, and set on a miss. All sizes at once, in as much memory as their entries take. */
export async function simulate(
  path: string,
  policy: string,
  sizes: readonly CacheSize[],
  options: ReadOptions,
): Promise<Outcome[]> {
  const runs = sizes.map((size) => {
    const bound = size.unit === 'bytes' ? { maxBytes: size.capacity } : { maxEntries: size.capacity };
    const store = memory({ ...bound, policy: makePolicy(policy) });
    return { store, size, hits: 0, hitBytes: 0 };
  });
  let requests = 0;
  let bytes = 0;
  const onRequest = (key: string, size: number): void => {
    requests++;
    bytes += size;
    let own: string | undefined;
    for (const run of runs) {
      if (run.store.get(key) !== undefined) {
        run.hits++;
        run.hitBytes += size;
      } else {
        own ??= detach(key);
        run.store.set(own, makeEntry(size));
      }
    }
  };
  await readTrace(path, onRequest, options);
  return runs.map(({ size, hits, hitBytes }) => ({ policy, size, requests, hits, bytes, hitBytes }));
}
