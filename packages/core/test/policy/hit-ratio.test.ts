import { describe, expect, it } from 'vitest';
import {
  adaptive,
  admitAbove,
  arc,
  gdsf,
  lfu,
  lirs,
  lru,
  type PolicyFactory,
  s3Fifo,
  sieve,
  wTinyLfu,
} from '../../src/index.ts';
import { hitRatio, PolicyStore } from '../support/policy-store.ts';
import { driftingZipf, epochs, loop, withScans, zipf } from '../support/traces.ts';

const CAPACITY = 200;
const REQUESTS = 50_000;

const counted: readonly (readonly [name: string, keys: readonly string[]])[] = [
  ['zipf', [...zipf(REQUESTS, 5_000, 0.9, 1)]],
  ['drifting zipf', [...driftingZipf(REQUESTS, 5_000, 1, 5_000, 4)]],
  ['zipf with scans', [...withScans(zipf(REQUESTS, 5_000, 0.9, 2), 1_000, 600)]],
  ['a loop', [...loop(20_000, 250)]],
  ['epochs', [...epochs(50, 400, 3)]],
];

const sized = [...zipf(REQUESTS, 5_000, 0.9, 5)];
const sizeOf = (key: string): number => 2 ** (Number(key.slice(1)) % 7);

/** Objects of 1 to 64 bytes, as many of each size, in a store that counts bytes. */
function hitRatioOfSized(make: PolicyFactory): number {
  const store = new PolicyStore(make, 10 * CAPACITY, 'bytes');
  let hits = 0;
  for (const key of sized) if (store.ask(key, sizeOf(key))) hits++;
  return hits / sized.length;
}

const TRACES: readonly (readonly [name: string, measure: (make: PolicyFactory) => number])[] = [
  ...counted.map(([name, keys]) => [name, (make: PolicyFactory) => hitRatio(make, CAPACITY, keys)] as const),
  ['zipf with sizes', hitRatioOfSized],
];

/** A row a policy, a column a trace, in the order above, %: measured once, and the same in every run. A change is a change of behaviour. */
const EXPECTED: readonly (readonly [policy: string, make: PolicyFactory, percents: readonly number[]])[] = [
  ['adaptive', adaptive(), [50.6, 55.8, 30.7, 76, 37.9, 55]],
  ["adaptive, objective 'bytes'", adaptive({ objective: 'bytes' }), [50.6, 55.8, 30.7, 76, 37.9, 44.8]],
  ['lru', lru(), [39.9, 51.7, 23.2, 0, 15.1, 32.1]],
  ['lfu', lfu(), [48, 52.4, 28.4, 0, 39.1, 40.8]],
  ['sieve', sieve(), [50.2, 48.5, 31.3, 0, 43, 43.5]],
  ['s3Fifo', s3Fifo(), [50.1, 55, 31.7, 62.6, 18.2, 43.7]],
  ['arc', arc(), [49.2, 56, 31.2, 0, 15.5, 42.6]],
  ['lirs', lirs(), [48.1, 56.4, 31.1, 78.2, 18.3, 41.7]],
  ['wTinyLfu', wTinyLfu(), [50.9, 51.8, 31.7, 75.2, 39.6, 45.4]],
  ['wTinyLfu, window 20 %', wTinyLfu({ window: 0.2 }), [49.6, 51.9, 30.6, 60.8, 33, 41.9]],
  ['gdsf', gdsf(), [52.1, 51.7, 32.3, 78, 30.5, 55]],
  ["gdsf, objective 'bytes'", gdsf({ objective: 'bytes' }), [52.1, 51.7, 32.3, 78, 30.5, 45.2]],
  ["admitAbove 'auto', lru", admitAbove('auto', lru()), [50.7, 52.2, 31.8, 79, 47.5, 45.8]],
  ['admitAbove 1/300, lru', admitAbove(1 / 300, lru()), [36.2, 39, 20.7, 0, 0, 35.9]],
];

/** Percentage points. */
const BAND = 0.3;

describe.each(EXPECTED)('%s', (_, make, percents) => {
  it.each(TRACES.map(([name, measure], column) => [name, measure, percents[column]] as const))(
    'hits as often as it did on %s',
    (_name, measure, expected = Number.NaN) => {
      expect(Math.abs(100 * measure(make) - expected)).toBeLessThan(BAND);
    },
  );
});
