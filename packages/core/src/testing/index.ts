export { type FailingStore, type Faults, failingStore, type StoreOperation } from './failing-store.ts';
export { ManualClock } from './manual-clock.ts';
export { type MemoryBus, memoryBus } from './memory-bus.ts';
export { memoryLeases } from './memory-leases.ts';
export { type MemoryRemote, type MemoryRemoteOptions, memoryRemote } from './memory-remote.ts';
export {
  findOwnRedis,
  findRedis,
  type OwnRedisServer,
  REDIS_MISSING,
  type RedisServer,
  type StartRedisOptions,
  startRedis,
} from './redis.ts';
export { until } from './until.ts';
