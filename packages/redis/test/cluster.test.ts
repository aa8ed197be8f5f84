import { randomInt } from 'node:crypto';
import { busConformance, leasesConformance, remoteStoreConformance } from '@kvasir/core/conformance';
import { findRedis, type OwnRedisServer, REDIS_MISSING, startRedis, until } from '@kvasir/core/testing';
import { Cluster, Redis } from 'ioredis';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { redis, redisBus, redisLeases } from '../src/index.ts';

// A cluster of one node: it refuses commands on keys of several slots as a large one does.
const hasRedis = await findRedis().then(async (found) => {
  await found?.stop();
  return found?.pid !== undefined;
});
const server = hasRedis ? await startCluster() : undefined;
afterAll(() => server?.stop());

async function startCluster(): Promise<OwnRedisServer> {
  // The port of the cluster's own talk is 10,000 above, and must exist.
  const port = randomInt(20_000, 30_000);
  const started = await startRedis({ port, args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] });
  const node = new Redis(started.url);
  await node.cluster('ADDSLOTS', ...Array.from({ length: 16_384 }, (_, slot) => slot));
  await until('the cluster is up', async () => (await node.cluster('INFO')).includes('cluster_state:ok'));
  node.disconnect();
  return started;
}

function openCluster(found: OwnRedisServer, keyPrefix = ''): Cluster {
  const client = new Cluster([{ host: found.host, port: found.port }], { keyPrefix });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

describe('over a cluster', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }
  let cases = 0;

  test('the server is one that refuses keys of several slots', async () => {
    const client = openCluster(server);
    await expect(client.mget('a', 'b')).rejects.toThrow('slot');
  });

  for (const { name, check } of remoteStoreConformance(async (prefix) => {
    const store = redis({ client: openCluster(server, 'own*:'), prefix });
    return { store, dispose: () => store.clear() };
  })) {
    test(name, check);
  }

  for (const { name, check } of busConformance(async () => {
    const channel = `bus:${cases++}`;
    const ends = [openCluster(server), openCluster(server)].map((client) => redisBus({ client, channel }));
    return {
      ends: ends as [(typeof ends)[number], (typeof ends)[number]],
      dispose: async () => void (await Promise.all(ends.map((end) => end.close()))),
    };
  })) {
    test(name, check);
  }

  for (const { name, check } of leasesConformance(async () => {
    const prefix = `leases:${cases++}:`;
    const handles = [openCluster(server), openCluster(server)].map((client) => redisLeases({ client, prefix }));
    return { handles: handles as [(typeof handles)[number], (typeof handles)[number]], dispose: async () => {} };
  })) {
    test(name, check);
  }
});
