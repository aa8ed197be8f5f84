import { remoteStoreConformance } from '@kvasir/core/conformance';
import { findRedis, REDIS_MISSING } from '@kvasir/core/testing';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import { redis } from '../src/index.ts';
import { openClient, RUN } from './support/server.ts';

const server = await findRedis();
afterAll(() => server?.stop());

function write(key: string, byte: number, ttlMs = 60_000): { key: string; bytes: Uint8Array; ttlMs: number } {
  return { key, bytes: Uint8Array.of(byte), ttlMs };
}

describe('redis options', () => {
  const client = new Redis({ lazyConnect: true });

  test.each([
    ['an unknown option', { client, ttl: 1 }, /redis\(\) ttl: expected one of client, prefix, maxValueBytes/],
    ['no client', {}, /redis\(\) client: expected a client of ioredis/],
    ['a client of another kind', { client: { get() {}, set() {} } }, /redis\(\) client: expected a client of ioredis/],
    ['a prefix that is no string', { client, prefix: 1 }, /redis\(\) prefix: expected at most 128 characters/],
    ['a prefix with the mark between prefix and key', { client, prefix: 'a|b' }, /redis\(\) prefix/],
    ['a prefix of 129 characters', { client, prefix: 'x'.repeat(129) }, /redis\(\) prefix/],
    ['a size that is none', { client, maxValueBytes: 'big' }, /redis\(\) maxValueBytes: expected a size/],
  ])('refuses %s', (_, options, message) => {
    expect(() => redis(options as never)).toThrow(message);
  });

  test('says how large a value may be', () => {
    expect(redis({ client }).capabilities.maxValueBytes).toBe(32 * 1024 * 1024);
    expect(redis({ client, maxValueBytes: '1KB' }).capabilities.maxValueBytes).toBe(1024);
  });
});

describe('redis', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  for (const { name, check } of remoteStoreConformance(async (prefix) => {
    const client = openClient(server);
    const store = redis({ client, prefix: RUN + prefix });
    return { store, dispose: () => store.clear() };
  })) {
    test(name, check);
  }

  for (const { name, check } of remoteStoreConformance(async (prefix) => {
    const client = openClient(server, { keyPrefix: `*${RUN}[client]:`, enableAutoPipelining: true });
    const store = redis({ client, prefix });
    return { store, dispose: () => store.clear() };
  })) {
    test(`under the client's own keyPrefix: ${name}`, check);
  }

  test('keeps a key under its prefix and a mark, as it is', async () => {
    const client = openClient(server);
    const store = redis({ client, prefix: `${RUN}names:` });
    await store.setMany([write('a b', 7, 5_000), write('endless', 1, Infinity)]);
    expect(await client.getBuffer(`${RUN}names:|a b`)).toEqual(Buffer.of(7));
    expect(await client.pttl(`${RUN}names:|a b`)).toBeGreaterThan(4_000);
    expect(await client.pttl(`${RUN}names:|endless`)).toBe(-1);
    await store.clear();
  });

  test('reads more than one command takes in one go, and in order', async () => {
    const store = redis({ client: openClient(server), prefix: `${RUN}many:` });
    const keys = Array.from({ length: 1_201 }, (_, i) => `${i}`);
    await store.setMany(keys.map((key) => ({ key, bytes: Buffer.from(key), ttlMs: 60_000 })));
    const answers = await store.getMany(keys);
    expect(answers.map(String)).toEqual(keys);
    await store.clear();
    expect(await store.getMany(keys)).toEqual(keys.map(() => undefined));
  });

  test('rejects a batch when one of its writes was refused', async () => {
    const client = openClient(server);
    const store = redis({ client, prefix: `${RUN}refused:` });
    const answer = store.setMany([write('a', 1), write('b', 2, Number.NaN), write('c', 3)]);
    await expect(answer).rejects.toMatchObject({ code: 'REMOTE_FAILED', message: /redis SET: / });
    await store.clear();
  });

  test('rejects a single write that was refused', async () => {
    const store = redis({ client: openClient(server), prefix: `${RUN}refused:` });
    await expect(store.setMany([write('a', 1, Number.NaN)])).rejects.toMatchObject({ code: 'REMOTE_FAILED' });
  });

  test('tells of a failure without the bytes that failed', async () => {
    const client = openClient(server);
    const store = redis({ client, prefix: `${RUN}secret:` });
    const bytes = Buffer.from('a secret value');
    const error = await store.setMany([{ key: 'k', bytes, ttlMs: Number.NaN }]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret value');
    expect((error as Error).cause).toBeUndefined();
  });

  test('takes what is no string in Redis for a miss', async () => {
    const client = openClient(server);
    const store = redis({ client, prefix: `${RUN}types:` });
    await client.rpush(`${RUN}types:|list`, 'a');
    expect(await store.getMany(['list', 'other'])).toEqual([undefined, undefined]);
    await store.clear();
    expect(await client.exists(`${RUN}types:|list`)).toBe(0);
  });

  test('leaves the client open, with its options and listeners as they were', async () => {
    const client = openClient(server);
    const options = JSON.stringify(client.options);
    const store = redis({ client, prefix: `${RUN}open:` });
    await store.getMany(['a']);
    await store.close();
    expect(client.status).toBe('ready');
    expect(JSON.stringify(client.options)).toBe(options);
    expect(['ready', 'close', 'end'].map((event) => client.listenerCount(event))).toEqual([0, 0, 0]);
    expect(await client.ping()).toBe('PONG');
  });
});
