import { describe, expect, it } from 'vitest';
import { admitAbove, lfu, lru, type PolicyFactory, wTinyLfu } from '../../src/index.ts';
import { hitRatio } from '../support/policy-store.ts';
import { loop, withScans, zipf } from '../support/traces.ts';

const CAPACITY = 200;
const traces: Record<string, () => Iterable<string>> = {
  zipf: () => zipf(50_000, 5_000, 0.9, 1),
  'zipf with scans': () => withScans(zipf(50_000, 5_000, 0.9, 2), 1_000, 600),
  loop: () => loop(20_000, 250),
};
const policies: Record<string, PolicyFactory> = {
  lru: lru(),
  lfu: lfu(),
  'w-tiny-lfu': wTinyLfu(),
  'w-tiny-lfu, window 20 %': wTinyLfu({ window: 0.2 }),
  'admit above auto, lru': admitAbove('auto', lru()),
  'admit above 1/300, lru': admitAbove(1 / 300, lru()),
};

/** Measured once; a change of more than half a point is a change of behaviour. */
const EXPECTED: Record<string, Record<string, number>> = {
  zipf: {
    lru: 0.399,
    lfu: 0.48,
    'w-tiny-lfu': 0.508,
    'w-tiny-lfu, window 20 %': 0.498,
    'admit above auto, lru': 0.509,
    'admit above 1/300, lru': 0.362,
  },
  'zipf with scans': {
    lru: 0.232,
    lfu: 0.284,
    'w-tiny-lfu': 0.317,
    'w-tiny-lfu, window 20 %': 0.308,
    'admit above auto, lru': 0.315,
    'admit above 1/300, lru': 0.207,
  },
  loop: {
    lru: 0,
    lfu: 0,
    'w-tiny-lfu': 0.752,
    'w-tiny-lfu, window 20 %': 0.608,
    'admit above auto, lru': 0.79,
    'admit above 1/300, lru': 0,
  },
};

describe.each(Object.entries(traces))('on %s', (trace, requests) => {
  it.each(Object.entries(policies))('%s hits as often as it did', (name, make) => {
    const expected = EXPECTED[trace]?.[name] ?? Number.NaN;
    expect(Math.abs(hitRatio(make, CAPACITY, requests()) - expected)).toBeLessThan(0.005);
  });
});

describe('wTinyLfu', () => {
  it.each(Object.entries(traces))('hits more often than lru on %s', (_, requests) => {
    expect(hitRatio(wTinyLfu(), CAPACITY, requests())).toBeGreaterThan(hitRatio(lru(), CAPACITY, requests()) + 0.05);
  });
});
