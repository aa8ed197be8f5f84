import type { RemoteStore } from '@kvasir/core';
import { Keyv } from 'keyv';
import { describe, expect, test } from 'vitest';
import { keyv } from '../src/index.ts';
import { failingStore, mapStore, write } from './support/stores.ts';

describe('keyv over a store that fails', () => {
  const OUTAGE = { code: 'REMOTE_FAILED', message: /disk on fire/ };

  function openFailing(options: { batches: boolean; silent: boolean }): Keyv {
    const instance = new Keyv({ store: failingStore(options) } as never);
    return instance;
  }

  test.each([
    [{ batches: true, silent: false }],
    [{ batches: false, silent: false }],
    [{ batches: true, silent: true }],
    [{ batches: false, silent: true }],
  ])('rejects instead of answering "not there": %j', async (options) => {
    const store = keyv({ store: openFailing(options) });
    await expect(store.getMany(['a'])).rejects.toMatchObject(OUTAGE);
    await expect(store.setMany([write('a', 1)])).rejects.toMatchObject(OUTAGE);
    await expect(store.deleteMany(['a'])).rejects.toMatchObject(OUTAGE);
    await expect(store.deleteMany(['a', 'b'])).rejects.toMatchObject(OUTAGE);
    await expect(store.clear()).rejects.toMatchObject(OUTAGE);
  });

  test('does not take a token that could not be read for one that is lost', async () => {
    const map = new Map<string, string>();
    let emit: (error: Error) => void = () => {};
    let isBroken = false;
    const flaky = {
      ...mapStore(map),
      async get(key: string) {
        if (isBroken) emit(new Error('disk on fire'));
        return isBroken ? undefined : map.get(key);
      },
      on(_event: string, listener: (error: Error) => void) {
        emit = listener;
      },
    };
    const open = (): RemoteStore => keyv({ store: new Keyv({ store: flaky } as never) });
    await open().setMany([write('a', 1)]);
    isBroken = true;
    const other = open();
    await expect(other.setMany([write('b', 2)])).rejects.toMatchObject(OUTAGE);
    isBroken = false;
    expect(await other.getMany(['a'])).toEqual([Uint8Array.of(1)]);
  });

  test('rejects a write that the store refuses', async () => {
    const map = new Map();
    const refusing = {
      opts: {},
      get: (key: string) => map.get(key),
      set: async () => false,
      delete: () => true,
      clear() {},
    };
    await expect(
      keyv({ store: new Keyv({ store: refusing } as never) }).setMany([write('a', 1)]),
    ).rejects.toMatchObject({
      code: 'REMOTE_FAILED',
      message: /refused/,
    });
  });

  test('takes a bounded number of calls while the store hangs', async () => {
    const hanging = { opts: {}, get: () => new Promise(() => {}), set() {}, delete() {}, clear() {} };
    const store = keyv({ store: new Keyv({ store: hanging } as never) });
    for (let i = 0; i < 1_000; i += 1) void store.getMany(['a']);
    await expect(store.getMany(['a'])).rejects.toMatchObject({ code: 'REMOTE_UNAVAILABLE' });
  });

  test('takes text that nobody can deserialise for bytes that are nothing, and leaves the others alone', async () => {
    const map = new Map<string, string>();
    for (const batches of [true, false]) {
      const target = batches
        ? Object.assign(mapStore(map), { getMany: async (keys: string[]) => keys.map((key) => map.get(key)) })
        : map;
      const store = keyv({ store: new Keyv({ store: target } as never) });
      await store.setMany([write('a', 1), write('b', 2)]);
      const name = [...map.keys()].find((key) => key.endsWith('|a'));
      map.set(name ?? '', '{"value":');
      expect(await store.getMany(['a', 'b'])).toEqual([new Uint8Array(0), Uint8Array.of(2)]);
      await store.setMany([write('a', 3)]);
      expect(await store.getMany(['a'])).toEqual([Uint8Array.of(3)]);
    }
  });
});
