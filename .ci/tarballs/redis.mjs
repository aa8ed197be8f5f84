import assert from 'node:assert/strict';
import { createCache } from '@kvasir/core';
import { findOwnRedis } from '@kvasir/core/testing';
import { redis, redisBus, redisLeases } from '@kvasir/redis';
import { Redis } from 'ioredis';

const server = await findOwnRedis();
const client = new Redis(server === undefined ? { lazyConnect: true } : { host: server.host, port: server.port });
client.on('error', () => undefined);
const cache = createCache({
  tiers: [redis({ client })],
  bus: redisBus({ client }),
  leases: redisLeases({ client }),
  remoteDeadline: '5s',
});
const values = cache.namespace('value');
if (server === undefined) console.log('@kvasir/redis was only constructed: there is no redis-server');
else {
  await values.set('a', { when: new Date(0) });
  assert.deepEqual(await values.get('a'), { when: new Date(0) });
}
await cache.close();
client.disconnect();
await server?.stop();
