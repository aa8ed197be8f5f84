import { describe, expect, it } from 'vitest';
import { DEFAULT } from '../policies.ts';
import { type Outcome, replay, type SizedRoom } from '../replay.ts';
import type { Trace } from '../trace.ts';

const uncharged: SizedRoom = { partOfBytes: 0.5, bytes: 'of objects', charged: false };

function count({ capacity, hits, bytes, hitBytes, requests }: Outcome): Omit<Outcome, 'seconds'> {
  return { capacity, hits, bytes, hitBytes, requests };
}

describe('replay', () => {
  const loop: Trace = { ids: Uint32Array.of(0, 1, 2, 0, 1, 2), sizes: undefined, uniqueIds: 3 };

  it('gets, and sets what it missed', () => {
    expect(count(replay(loop, 'lru', { entries: 3 }))).toMatchObject({ hits: 3, requests: 6 });
    expect(count(replay(loop, 'lru', { entries: 2 }))).toMatchObject({ hits: 0, requests: 6 });
  });

  it('takes a part of the keys for capacity, 16 at the least', () => {
    const wide: Trace = { ids: Uint32Array.from({ length: 1000 }, (_, id) => id), sizes: undefined, uniqueIds: 1000 };
    expect(replay(wide, DEFAULT, { partOfKeys: 0.08 }).capacity).toBe(80);
    expect(replay(wide, DEFAULT, { partOfKeys: 0.001 }).capacity).toBe(16);
  });

  it('fits objects whose sizes fill the capacity to the byte', () => {
    const sized: Trace = {
      ids: Uint32Array.of(0, 1, 2, 1, 2),
      sizes: Uint32Array.of(50, 20, 29, 20, 29),
      uniqueIds: 3,
    };
    expect(count(replay(sized, 'lru', uncharged))).toEqual({
      capacity: 49.5,
      hits: 2,
      bytes: 148,
      hitBytes: 49,
      requests: 5,
    });
    expect(replay(sized, 'lru', { ...uncharged, partOfBytes: 0.49 }).hits).toBe(0);
  });

  it('charges small objects for their bookkeeping when it is told to', () => {
    const small: Trace = { ids: Uint32Array.of(0, 1, 0, 1), sizes: Uint32Array.of(9, 9, 9, 9), uniqueIds: 2 };
    expect(replay(small, 'lru', { ...uncharged, partOfBytes: 1.5 }).hits).toBe(2);
    expect(replay(small, 'lru', { ...uncharged, partOfBytes: 1.5, charged: true }).hits).toBe(0);
  });

  it('can count the bytes of requests instead of those of objects', () => {
    const twice: Trace = { ids: Uint32Array.of(0, 0, 0), sizes: Uint32Array.of(10, 10, 10), uniqueIds: 1 };
    expect(replay(twice, 'lru', { ...uncharged, bytes: 'of requests' }).capacity).toBe(15);
  });

  it('says which policy does not exist', () => {
    expect(() => replay(loop, 'lur', { entries: 2 })).toThrow('--policy lur: @kvasir/core exports no lur');
    expect(() => replay(loop, 'hashKey("x")', { entries: 2 })).toThrow('is no policy');
  });

  it('hands options to a policy', () => {
    expect(replay(loop, 'wTinyLfu({"window":1})', { entries: 2 }).hits).toBe(0);
    expect(() => replay(loop, 'wTinyLfu({"window":2})', { entries: 2 })).toThrow('window');
  });
});
