import { leasesConformance } from '@kvasir/core/conformance';
import { findOwnRedis, findRedis, REDIS_MISSING } from '@kvasir/core/testing';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import { redis, redisLeases } from '../src/index.ts';
import { openClient, RUN } from './support/server.ts';

const server = await findRedis();
const own = await findOwnRedis();
afterAll(() => Promise.all([server?.stop(), own?.stop()]));

test.each([
  [{ client: {} }, /redisLeases\(\) client/],
  [{ client: new Redis({ lazyConnect: true }), prefix: 'a!' }, /redisLeases\(\) prefix/],
  [{ client: new Redis({ lazyConnect: true }), ttl: 1 }, /redisLeases\(\) ttl/],
])('refuses the options %#', (options, message) => {
  expect(() => redisLeases(options as never)).toThrow(message);
});

describe('redisLeases', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }
  let cases = 0;

  for (const { name, check } of leasesConformance(async () => {
    const prefix = `${RUN}${cases++}:`;
    const [one, two] = [openClient(server), openClient(server)];
    return {
      handles: [redisLeases({ client: one, prefix }), redisLeases({ client: two, prefix })],
      dispose: async () => {},
    };
  })) {
    test(name, check);
  }

  test('hold who waits also where the client gives numbers as text', async () => {
    const [client, prefix] = [openClient(server, { stringNumbers: true }), `${RUN}text:`];
    const leases = redisLeases({ client, prefix });
    const lease = await leases.acquire('key', 60_000);
    let isSettled = false;
    const waiting = leases.settled('key', 60_000).then(() => {
      isSettled = true;
    });
    // Asked after the first look of who waits, and answered after it.
    for (let trip = 0; trip < 3; trip++) await client.ping();
    expect(isSettled).toBe(false);
    await leases.release(lease ?? { key: '', token: '' });
    await waiting;
  });

  test('outlive a clear of the entries under the same prefix', async () => {
    const client = openClient(server);
    const leases = redisLeases({ client, prefix: `${RUN}shared:` });
    const lease = await leases.acquire('key', 60_000);
    await redis({ client, prefix: `${RUN}shared:` }).clear();
    expect(await leases.acquire('key', 60_000)).toBeUndefined();
    if (lease !== undefined) await leases.release(lease);
  });

  test('let go of who waits when they are closed', async () => {
    const client = openClient(server);
    const leases = redisLeases({ client, prefix: `${RUN}closing:` });
    await leases.acquire('key', 10_000);
    const waiting = leases.settled('key', 60_000);
    await leases.close();
    await waiting;
  });
});

describe('redisLeases without an answer', () => {
  if (own === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  test('wait no longer than they were told when the server is silent', async () => {
    const leases = redisLeases({ client: openClient(own) });
    await leases.acquire('key', 60_000);
    own.pause();
    await leases.settled('key', 100);
    own.resume();
  });

  test('reject when the server is gone, and hold nobody up', async () => {
    const client = openClient(own, { retryStrategy: () => null });
    const leases = redisLeases({ client });
    const lease = await leases.acquire('other key', 60_000);
    await own.kill();
    await leases.settled('other key', 60_000);
    await expect(leases.acquire('key', 1_000)).rejects.toMatchObject({ code: 'LEASE_FAILED' });
    await expect(leases.release(lease ?? { key: 'k', token: 't' })).rejects.toMatchObject({ code: 'LEASE_FAILED' });
  });
});
