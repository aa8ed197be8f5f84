import { leasesConformance } from '@kvasir/core/conformance';
import { ManualClock, memoryLeases } from '@kvasir/core/testing';
import { describe, test } from 'vitest';

describe('memoryLeases', () => {
  for (const { name, check } of leasesConformance(async () => {
    const clock = new ManualClock();
    const leases = memoryLeases({ clock });
    return { handles: [leases, leases], elapse: (ms) => clock.advance(ms), dispose: async () => {} };
  })) {
    test(name, check);
  }
});
