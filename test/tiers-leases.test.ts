import { randomUUID } from 'node:crypto';
import { findRedis, REDIS_MISSING, until } from '@kvasir/core/testing';
import { redisLeases } from '@kvasir/redis';
import { afterAll, describe, expect, test } from 'vitest';
import { openProcess } from './tiers/process.ts';

const server = await findRedis();
afterAll(() => server?.stop());

describe('processes that share leases', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  test('run one load for many requests in all of them', async () => {
    const prefix = `kvasir-test-${randomUUID()}:`;
    const processes = Array.from({ length: 4 }, () => openProcess(server, { prefix }));
    await Promise.all(processes.map((process) => process.connected()));
    let loads = 0;
    const load = async (): Promise<string> => {
      loads += 1;
      // Every process wants the value before there is one.
      await until('all have missed it', () => processes.every((process) => process.count('miss') === 1));
      return 'value';
    };
    const requests = processes.flatMap(({ cache }) =>
      Array.from({ length: 100 }, () => cache.namespace<string>('page').getOrLoad('hot', load)),
    );
    expect(new Set(await Promise.all(requests))).toEqual(new Set(['value']));
    expect(loads).toBe(1);
  });

  test('load after all when the holder dies without a word', async () => {
    const prefix = `kvasir-test-${randomUUID()}:`;
    const process = openProcess(server, { prefix, leaseTtl: '300ms' });
    const { cache, client } = process;
    await process.connected();
    const dead = await redisLeases({ client, prefix }).acquire('page:hot', 300);
    expect(dead).toBeDefined();
    const holders: (string | null)[] = [];
    const requests = Array.from({ length: 20 }, () =>
      cache.namespace<string>('page').getOrLoad('hot', async () => {
        holders.push(await client.get(`${prefix}!page:hot`));
        return 'value';
      }),
    );
    expect(new Set(await Promise.all(requests))).toEqual(new Set(['value']));
    expect(holders).toHaveLength(1);
    expect(holders[0]).not.toBe(dead?.token);
  });

  test('leave no lease behind, whether the load succeeds or fails', async () => {
    const prefix = `kvasir-test-${randomUUID()}:`;
    const process = openProcess(server, { prefix });
    const { cache, client } = process;
    await process.connected();
    const pages = cache.namespace<string>('page');
    await pages.getOrLoad('good', async () => 'value');
    const failure = new Error('no such page');
    await expect(pages.getOrLoad('bad', async () => Promise.reject(failure))).rejects.toBe(failure);
    await until(
      'the leases are gone',
      async () => (await client.exists(`${prefix}!page:good`, `${prefix}!page:bad`)) === 0,
    );
  });
});
