export { type RedisBusOptions, redisBus } from './bus.ts';
export type { RedisClient, RedisPipeline } from './client.ts';
export { DEFAULTS } from './defaults.ts';
export { type RedisLeasesOptions, redisLeases } from './leases.ts';
export { type RedisOptions, redis } from './redis.ts';
