import { admitAbove, createCache, lru } from '@kvasir/core';
import { memory } from '@kvasir/memory';

export interface UniformCase {
  readonly keys: number;
  readonly threshold: number;
  readonly capacity: number;
  /** 1 / keys. */
  readonly probability: number;
  /** Entries in the cache in the end. */
  readonly kept: number;
  readonly empty: number;
}

/** Asks for `keys` keys in turn, 200 rounds, through a cache of `capacity` entries that keeps D while P(D) > threshold. */
export async function runUniform(keys: number, threshold: number, capacity: number): Promise<UniformCase> {
  const cache = createCache({ tiers: [memory({ maxEntries: capacity, policy: admitAbove(threshold, lru()) })] });
  const values = cache.namespace<number>('uniform');
  for (let round = 0; round < 200; round++) {
    for (let key = 0; key < keys; key++) await values.getOrLoad(`D${key}`, () => key);
  }
  const kept = cache.stats().local?.entries ?? 0;
  await cache.close();
  return { keys, threshold, capacity, probability: 1 / keys, kept, empty: capacity - kept };
}

/** The article's example (capacity 100, θ = 0.1), then the θ that uses every slot. */
export async function runUniformCases(): Promise<readonly UniformCase[]> {
  const cases: UniformCase[] = [];
  for (const keys of [5, 9, 11, 20, 100]) cases.push(await runUniform(keys, 0.1, 100));
  cases.push(await runUniform(100, 0.009, 100));
  return cases;
}

export function printUniform(cases: readonly UniformCase[]): string {
  const lines = cases.map(
    ({ keys, threshold, probability, kept, empty }) =>
      `${String(keys).padStart(5)}  ${probability.toFixed(3).padStart(6)}  ${String(threshold).padStart(6)}  ` +
      `${probability > threshold ? 'yes' : ' no'}  ${String(kept).padStart(5)}  ${String(empty).padStart(6)}`,
  );
  return [
    'Uniform requests over N keys, a cache of C = 100 entries, C = {D | P(D) > θ}',
    '    N  P=1/N       θ  P>θ   kept   empty',
    ...lines,
    'As the P sum to 1, fewer than 1/θ keys can ever pass: θ = 0.1 keeps at most 9 and leaves 91 slots empty.',
    'To use all C slots, θ must be below 1/C.',
  ].join('\n');
}
