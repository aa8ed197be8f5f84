import { lru } from '@kvasir/core';
import { localStoreConformance } from '@kvasir/core/conformance';
import { describe, it } from 'vitest';
import { memory } from '../src/index.ts';

describe('memory', () => {
  it.each(localStoreConformance(({ maxEntries, clock }) => memory({ maxEntries, clock, policy: lru() })))(
    '$name',
    ({ check }) => check(),
  );
});
