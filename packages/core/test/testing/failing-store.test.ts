import { remoteStoreConformance } from '@kvasir/core/conformance';
import { failingStore, ManualClock, memoryRemote } from '@kvasir/core/testing';
import { describe, expect, test } from 'vitest';

function write(key: string, byte: number): { key: string; bytes: Uint8Array; ttlMs: number } {
  return { key, bytes: Uint8Array.of(byte), ttlMs: Infinity };
}

/** What has been settled so far, without waiting for it. */
async function peek(promise: Promise<unknown>): Promise<'pending' | 'settled'> {
  let state: 'pending' | 'settled' = 'pending';
  promise.then(
    () => {
      state = 'settled';
    },
    () => {
      state = 'settled';
    },
  );
  await new Promise((resolve) => setImmediate(resolve));
  return state;
}

describe('failingStore', () => {
  for (const { name, check } of remoteStoreConformance(async () => {
    const clock = new ManualClock();
    const store = failingStore(memoryRemote({ clock }), { clock });
    return { store, elapse: (ms) => clock.advance(ms), dispose: async () => {} };
  })) {
    test(`without faults: ${name}`, check);
  }

  test('rejects with the error it was given, only for the operations named, until it heals', async () => {
    const store = failingStore(memoryRemote());
    store.fail({ error: new Error('down'), on: ['getMany'] });
    await store.setMany([write('a', 1)]);
    await expect(store.getMany(['a'])).rejects.toThrow('down');
    store.heal();
    expect(await store.getMany(['a'])).toEqual([Uint8Array.of(1)]);
    expect(store.calls).toEqual({ getMany: 2, setMany: 1, deleteMany: 0, clear: 0 });
  });

  test('answers later by the clock', async () => {
    const clock = new ManualClock();
    const store = failingStore(memoryRemote({ clock }), { clock, faults: { delayMs: 50 } });
    const answer = store.getMany(['a']);
    await clock.advance(49);
    expect(await peek(answer)).toBe('pending');
    await clock.advance(1);
    expect(await answer).toEqual([undefined]);
  });

  test('keeps answers back until they are released, though the work is done', async () => {
    const inner = memoryRemote();
    const store = failingStore(inner, { faults: { hang: true } });
    const written = store.setMany([write('a', 1)]);
    expect(await peek(written)).toBe('pending');
    expect(inner.keys()).toEqual(['a']);
    store.release();
    await written;
  });

  test('gives each read the answer to the read before it', async () => {
    const store = failingStore(memoryRemote());
    await store.setMany([write('a', 1), write('b', 2), write('c', 3)]);
    store.fail({ swapReplies: true });
    expect(await store.getMany(['a'])).toEqual([undefined]);
    expect(await store.getMany(['b', 'c'])).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
  });

  test('changes what is read and not what is kept', async () => {
    const store = failingStore(memoryRemote());
    await store.setMany([write('a', 1)]);
    store.fail({ corrupt: (bytes) => bytes.map((byte) => byte ^ 0xff) });
    expect(await store.getMany(['a', 'absent'])).toEqual([Uint8Array.of(0xfe), undefined]);
    store.heal();
    expect(await store.getMany(['a'])).toEqual([Uint8Array.of(1)]);
  });

  test('says that it wrote and deleted without doing so', async () => {
    const store = failingStore(memoryRemote());
    await store.setMany([write('a', 1)]);
    store.fail({ dropWrites: true });
    await store.setMany([write('b', 2)]);
    await store.deleteMany(['a']);
    await store.clear();
    expect(await store.getMany(['a', 'b'])).toEqual([Uint8Array.of(1), undefined]);
  });
});
