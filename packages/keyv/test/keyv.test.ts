import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import KeyvRedis from '@keyv/redis';
import { remoteStoreConformance } from '@kvasir/core/conformance';
import { findRedis, REDIS_MISSING } from '@kvasir/core/testing';
import { Keyv } from 'keyv';
import { KeyvFile } from 'keyv-file';
import { afterAll, describe, expect, test } from 'vitest';
import { keyv } from '../src/index.ts';
import { write } from './support/stores.ts';

const server = await findRedis();
const folder = await mkdtemp(join(tmpdir(), 'kvasir-keyv-'));
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

describe('keyv options', () => {
  const store = new Keyv({ namespace: 'app' });

  test.each([
    ['an unknown option', { store, ttl: 1 }, /keyv\(\) ttl: expected one of store, prefix, maxValueBytes/],
    ['no store', {}, /keyv\(\) store: expected a Keyv of version 5.6 or newer/],
    ['a storage adapter', { store: new Map() }, /keyv\(\) store/],
    ['a prefix that is no string', { store, prefix: null }, /keyv\(\) prefix: expected at most 64 characters/],
    ['a prefix with the mark between prefix and key', { store, prefix: 'a|b' }, /keyv\(\) prefix/],
    ['a prefix that Keyv takes for its namespace', { store, prefix: 'app:x' }, /keyv\(\) prefix/],
    ['a size that is none', { store, maxValueBytes: -1 }, /keyv\(\) maxValueBytes: expected a size/],
  ])('refuses %s', (_, options, message) => {
    expect(() => keyv(options as never)).toThrow(message);
  });

  test('says how large a value may be', () => {
    expect(keyv({ store }).capabilities.maxValueBytes).toBe(16 * 1024 * 1024);
  });
});

describe('keyv over a Map', () => {
  const map = new Map();
  for (const { name, check } of remoteStoreConformance(async (prefix) => {
    return { store: keyv({ store: new Keyv({ store: map }), prefix }), dispose: async () => map.clear() };
  })) {
    test(name, check);
  }

  test('touches nothing else in the same Keyv, and empties nothing of it', async () => {
    const instance = new Keyv();
    await instance.set('mine', 'kept');
    const store = keyv({ store: instance });
    await store.setMany([write('a', 1)]);
    await store.clear();
    expect(await instance.get('mine')).toBe('kept');
  });

  test('sees what another process has cleared', async () => {
    const [one, two] = [keyv({ store: new Keyv({ store: map }) }), keyv({ store: new Keyv({ store: map }) })];
    await one.setMany([write('a', 1)]);
    expect(await two.getMany(['a'])).toEqual([Uint8Array.of(1)]);
    await two.clear();
    expect(await one.getMany(['a'])).toEqual([undefined]);
    await two.setMany([write('a', 2)]);
    await one.deleteMany(['a']);
    expect(await two.getMany(['a'])).toEqual([undefined]);
  });

  test('brings nothing back when the generation is lost', async () => {
    const instance = new Keyv();
    const store = keyv({ store: instance });
    await store.setMany([write('a', 1)]);
    await instance.delete('kvasir|generation');
    expect(await store.getMany(['a'])).toEqual([undefined]);
    await store.setMany([write('a', 2)]);
    expect(await store.getMany(['a'])).toEqual([Uint8Array.of(2)]);
  });

  test('keeps values without end in a Keyv that has a default time to live', async () => {
    const instance = new Keyv({ ttl: 1 });
    const store = keyv({ store: instance });
    await store.setMany([{ key: 'a', bytes: Uint8Array.of(1), ttlMs: Infinity }]);
    const [name] = [...(instance.store as Map<string, string>).keys()].filter((key) => key.endsWith('|a'));
    expect(JSON.parse((instance.store as Map<string, string>).get(name ?? '') ?? '')).not.toHaveProperty('expires');
  });

  test('leaves the Keyv as it was', async () => {
    const instance = new Keyv();
    const store = keyv({ store: instance });
    await store.close();
    expect(instance.listeners('error')).toEqual([]);
    expect(instance.throwOnErrors).toBe(false);
  });
});

describe('keyv over Redis', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }
  const run = `kvasir-test-${randomUUID()}`;

  for (const { name, check } of remoteStoreConformance(async (prefix) => {
    const instance = new Keyv({ store: new KeyvRedis(server.url), namespace: run });
    const store = keyv({ store: instance, prefix });
    return {
      store,
      async dispose() {
        await instance.clear();
        await instance.disconnect();
      },
    };
  })) {
    test(name, check);
  }
});

describe('keyv over a file', () => {
  const open = (filename: string): Keyv => new Keyv({ store: new KeyvFile({ filename, writeDelay: 1 }) });

  let cases = 0;
  for (const { name, check } of remoteStoreConformance(async (prefix) => {
    const instance = open(join(folder, `${cases++}.json`));
    return { store: keyv({ store: instance, prefix }), dispose: async () => {} };
  })) {
    test(name, check);
  }

  test('finds everything again after a restart', async () => {
    const filename = join(folder, 'restart.json');
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await keyv({ store: open(filename) }).setMany([{ key: 'a', bytes, ttlMs: 60_000 }]);
    const [found] = await keyv({ store: open(filename) }).getMany(['a']);
    expect(found && [...found]).toEqual([...bytes]);
  });
});
