import { remoteStoreConformance } from '@kvasir/core/conformance';
import { ManualClock, memoryRemote } from '@kvasir/core/testing';
import { describe, expect, test } from 'vitest';

describe('memoryRemote', () => {
  for (const { name, check } of remoteStoreConformance(async () => {
    const clock = new ManualClock();
    return { store: memoryRemote({ clock }), elapse: (ms) => clock.advance(ms), dispose: async () => {} };
  })) {
    test(name, check);
  }

  test('lists the keys that have not expired', async () => {
    const clock = new ManualClock();
    const store = memoryRemote({ clock });
    const bytes = new Uint8Array(1);
    await store.setMany([
      { key: 'a', bytes, ttlMs: 10 },
      { key: 'b', bytes, ttlMs: 20 },
    ]);
    await clock.advance(10);
    expect(store.keys()).toEqual(['b']);
  });
});
