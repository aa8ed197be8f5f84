import { randomInt } from 'node:crypto';
import { busConformance, leasesConformance, remoteStoreConformance } from '@kvasir/core/conformance';
import { findRedis, type OwnRedisServer, REDIS_MISSING, startRedis, until } from '@kvasir/core/testing';
import { Cluster, Redis } from 'ioredis';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { redis, redisBus, redisLeases } from '../src/index.ts';

const hasRedis = await findRedis().then(async (found) => {
  await found?.stop();
  return found?.pid !== undefined;
});
const nodes = hasRedis ? await startCluster() : [];
afterAll(() => Promise.all(nodes.map((node) => node.stop())));

/** Three masters. */
async function startCluster(): Promise<OwnRedisServer[]> {
  // The port of the cluster's own talk is 10,000 above, and must exist.
  const first = randomInt(20_000, 30_000);
  const args = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-node-timeout', '2000'];
  const servers = await Promise.all([0, 1, 2].map((i) => startRedis({ port: first + i, args })));
  const clients = servers.map(({ url }) => new Redis(url));
  for (const [i, client] of clients.entries()) {
    const slots = Array.from({ length: 16_384 }, (_, slot) => slot).filter((slot) => Math.floor(slot / 5_462) === i);
    await client.cluster('ADDSLOTS', ...slots);
    await client.cluster('MEET', '127.0.0.1', first);
  }
  for (const client of clients) {
    await until('the cluster is up', async () => (await client.cluster('INFO')).includes('cluster_known_nodes:3'));
    await until(
      'its slots are served',
      async () => (await client.cluster('INFO')).includes('cluster_state:ok'),
      20_000,
    );
    client.disconnect();
  }
  return servers;
}

function openCluster(keyPrefix = ''): Cluster {
  const client = new Cluster(
    nodes.map(({ host, port }) => ({ host, port })),
    { keyPrefix },
  );
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

describe('over a cluster', () => {
  if (nodes.length === 0) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }
  let cases = 0;

  test('the servers refuse keys of several slots', async () => {
    const client = openCluster();
    await expect(client.mget('a', 'b')).rejects.toThrow('slot');
  });

  for (const { name, check } of remoteStoreConformance(async (prefix) => {
    const store = redis({ client: openCluster('own*:'), prefix });
    return { store, dispose: () => store.clear() };
  })) {
    test(name, check);
  }

  for (const { name, check } of busConformance(async () => {
    const channel = `bus:${cases++}`;
    const ends = [openCluster(), openCluster()].map((client) => redisBus({ client, channel }));
    return {
      ends: ends as [(typeof ends)[number], (typeof ends)[number]],
      dispose: async () => void (await Promise.all(ends.map((end) => end.close()))),
    };
  })) {
    test(name, check);
  }

  for (const { name, check } of leasesConformance(async () => {
    const prefix = `leases:${cases++}:`;
    const handles = [openCluster(), openCluster()].map((client) => redisLeases({ client, prefix }));
    return { handles: handles as [(typeof handles)[number], (typeof handles)[number]], dispose: async () => {} };
  })) {
    test(name, check);
  }

  test('connects a client that was to connect lazily when the bus is listened to', async () => {
    const client = new Cluster(
      nodes.map(({ host, port }) => ({ host, port })),
      { lazyConnect: true },
    );
    const bus = redisBus({ client });
    onTestFinished(async () => {
      await bus.close();
      client.disconnect();
    });
    await new Promise<void>((resolve, reject) => {
      bus.subscribe(() => {}, resolve).catch(reject);
    });
  });

  test('listens through another node when its own dies', async () => {
    const bus = redisBus({ client: openCluster() });
    onTestFinished(() => bus.close());
    let gaps = 0;
    await bus.subscribe(
      () => {},
      () => {
        gaps += 1;
      },
    );
    await until('the subscription is live', () => gaps === 1);
    const clients = nodes.map(({ url }) => new Redis(url));
    const listening = await Promise.all(clients.map((client) => client.pubsub('NUMSUB', 'kvasir:bus')));
    for (const client of clients) client.disconnect();
    await nodes[listening.findIndex(([, count]) => count === 1)]?.kill();
    await until('the loss and the return are told', () => gaps >= 3, 20_000);
  });
});
