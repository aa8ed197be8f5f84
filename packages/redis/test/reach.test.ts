import { findOwnRedis, REDIS_MISSING, until } from '@kvasir/core/testing';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import { redis } from '../src/index.ts';
import { openClient } from './support/server.ts';

const server = await findOwnRedis();
afterAll(() => server?.stop());

const OUTAGE = { code: 'REMOTE_UNAVAILABLE' };

describe('a client that cannot answer', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  test('is waited for while it connects for the first time', async () => {
    const store = redis({ client: openClient(server) });
    expect(await store.getMany(['a'])).toEqual([undefined]);
  });

  test('is connected when it was to connect lazily', async () => {
    const client = openClient(server, { lazyConnect: true });
    const store = redis({ client });
    expect(client.status).toBe('wait');
    expect(await Promise.all([store.getMany(['a']), store.getMany(['b'])])).toEqual([[undefined], [undefined]]);
  });

  test('rejects as soon as the first connection has failed, and at once from then on, queueing nothing', async () => {
    const client = new Redis(1, '127.0.0.1', { retryStrategy: () => 60_000 });
    client.on('error', () => {});
    const store = redis({ client });
    await expect(store.getMany(['a'])).rejects.toMatchObject(OUTAGE);
    await expect(store.setMany([{ key: 'a', bytes: new Uint8Array(1), ttlMs: 1_000 }])).rejects.toMatchObject(OUTAGE);
    await expect(store.deleteMany(['a'])).rejects.toMatchObject(OUTAGE);
    await expect(store.clear()).rejects.toMatchObject(OUTAGE);
    expect((client as unknown as { offlineQueue: { length: number } }).offlineQueue.length).toBe(0);
    expect(['ready', 'close', 'end'].map((event) => client.listenerCount(event))).toEqual([0, 0, 0]);
    client.disconnect();
  });

  test('rejects when its owner has closed it', async () => {
    const client = openClient(server);
    const store = redis({ client });
    await store.getMany(['a']);
    await client.quit();
    await until('the client ends', () => client.status === 'end');
    await expect(store.getMany(['a'])).rejects.toMatchObject({ ...OUTAGE, message: /the client is end/ });
  });

  test('rejects at once while it reconnects, and answers when it is back', async () => {
    const client = openClient(server, { retryStrategy: () => 50 });
    const store = redis({ client });
    await store.getMany(['a']);
    await server.kill();
    await until('the loss is noticed', () => client.status !== 'ready');
    const started = performance.now();
    await expect(store.getMany(['a'])).rejects.toMatchObject(OUTAGE);
    expect(performance.now() - started).toBeLessThan(500);
    await server.restart();
    await until('it is back', () => client.status === 'ready');
    expect(await store.getMany(['a'])).toEqual([undefined]);
  });

  test('takes a bounded number of calls while the server is silent', async () => {
    const client = openClient(server);
    const store = redis({ client });
    await store.getMany(['a']);
    server.pause();
    const calls = Array.from({ length: 1_000 }, () => store.getMany(['a']));
    await expect(store.getMany(['a'])).rejects.toMatchObject({ ...OUTAGE, message: /1000 calls are unanswered/ });
    server.resume();
    await Promise.all(calls);
    expect(await store.getMany(['a'])).toEqual([undefined]);
  });
});
