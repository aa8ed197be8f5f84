import { policyConformance } from '@kvasir/core/conformance';
import { describe, it } from 'vitest';
import {
  adaptive,
  admitAbove,
  arc,
  gdsf,
  lfu,
  lirs,
  lru,
  type PolicyFactory,
  prefixChains,
  s3Fifo,
  sieve,
  wTinyLfu,
} from '../../src/index.ts';

const policies: readonly (readonly [string, PolicyFactory])[] = [
  ['adaptive()', adaptive()],
  ["adaptive({ objective: 'bytes' })", adaptive({ objective: 'bytes' })],
  ["adaptive({ objective: 'cost' })", adaptive({ objective: 'cost' })],
  ['lru()', lru()],
  ['lfu()', lfu()],
  ['arc()', arc()],
  ['lirs()', lirs()],
  ['gdsf()', gdsf()],
  ["gdsf({ objective: 'bytes' })", gdsf({ objective: 'bytes' })],
  ["gdsf({ objective: 'cost' })", gdsf({ objective: 'cost' })],
  ['prefixChains()', prefixChains()],
  ['s3Fifo()', s3Fifo()],
  ['sieve()', sieve()],
  ['wTinyLfu()', wTinyLfu()],
  ['wTinyLfu({ window: 0 })', wTinyLfu({ window: 0 })],
  ['wTinyLfu({ window: 1 })', wTinyLfu({ window: 1 })],
  ['admitAbove(1e-9, lru())', admitAbove(1e-9, lru())],
  ['admitAbove(0.0005, lru())', admitAbove(0.0005, lru())],
  ['admitAbove(0.0005, wTinyLfu())', admitAbove(0.0005, wTinyLfu())],
  ["admitAbove('auto', lru())", admitAbove('auto', lru())],
  ["admitAbove('auto', lfu())", admitAbove('auto', lfu())],
  ["admitAbove(0.0005, admitAbove('auto', lru()))", admitAbove(0.0005, admitAbove('auto', lru()))],
];

describe.each(policies)('%s', (_, make) => {
  it.each(policyConformance(make))('$name', ({ check }) => check());
});
