import { randomUUID } from 'node:crypto';
import { findRedis, REDIS_MISSING, until } from '@kvasir/core/testing';
import { KVCache } from '@kvasir-examples/kv-cache';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';

const server = await findRedis();
afterAll(() => server?.stop());

describe('KVCache over Redis', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  test('gives one process what another has set, and leaves their clients open', async () => {
    const clients = [new Redis(server.url), new Redis(server.url)] as const;
    await Promise.all(clients.map((client) => client.ping()));
    const [writer, reader] = clients.map((client) => new KVCache(client)) as [KVCache, KVCache];
    const key = randomUUID();
    try {
      // On a busy machine Redis may answer after the 50 ms that a cache waits for it, which is a miss.
      const found = await until('the reader has it', async () => {
        await writer.set(key, { size: 10n, at: new Date(0) });
        return reader.get(key);
      });
      expect(found).toEqual({ size: 10n, at: new Date(0) });
      expect(reader.cacheKey(key, 0.5)).toBe(true);
    } finally {
      await clients[0].del(`kvasir:|kv:${key}`);
      await Promise.all([writer.close(), reader.close()]);
    }
    expect(await clients[0].ping()).toBe('PONG');
    await Promise.all(clients.map((client) => client.quit()));
  });
});
