// Opens everything that has a connection or a timer, uses it, closes it, and must then end by itself.
import { createCache } from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { redis, redisBus, redisLeases } from '@kvasir/redis';
import { Redis } from 'ioredis';

const client = new Redis(process.argv[2] ?? '', { retryStrategy: () => 50, disconnectTimeout: 100 });
client.on('error', () => {});
const cache = createCache({
  tiers: [memory(), redis({ client })],
  bus: redisBus({ client }),
  leases: redisLeases({ client }),
});
const value = await cache.namespace<number>('n').getOrLoad('key', async () => 1);
await cache.invalidateTags('tag');
await cache.close();
client.disconnect();
process.stdout.write(`value ${value}`);
