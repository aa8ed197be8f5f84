import assert from 'node:assert/strict';
import { createCache } from '@kvasir/core';
import { findOwnRedis } from '@kvasir/core/testing';
import { redis, redisBus, redisLeases } from '@kvasir/redis';
import { Redis } from 'ioredis';

const server = await findOwnRedis();
const client = new Redis(server === undefined ? { lazyConnect: true } : { host: server.host, port: server.port });
client.on('error', () => undefined);
const value = { when: new Date(0) };

const cache = createCache({ tiers: [redis({ client })], remoteDeadline: '5s' });
const shared = createCache({ tiers: [redis({ client })], bus: redisBus({ client }), leases: redisLeases({ client }) });
if (server === undefined) console.log('@kvasir/redis was only constructed: there is no redis-server');
else {
  await cache.namespace('value').set('a', value);
  assert.deepEqual(await cache.namespace('value').get('a'), value);
  assert.deepEqual(await shared.namespace('value').getOrLoad('b', () => value), value);
}
await shared.close();
await cache.close();
client.disconnect();
await server?.stop();
