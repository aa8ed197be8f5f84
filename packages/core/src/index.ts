export type { Bus, Invalidation } from './bus.ts';
export { createCache, DEFAULTS } from './cache/create-cache.ts';
export type { Cache, CacheOptions, CacheStats, Tiers } from './cache.ts';
export { type Clock, type EpochMs, systemClock, withCoarseNow } from './clock.ts';
export { bytes, type Codec, structured } from './codec.ts';
export { type Entry, type Freshness, freshness } from './entry.ts';
export { KvasirError, type KvasirErrorCode } from './errors.ts';
export type { CacheEvent } from './events.ts';
export { hashKey } from './hash.ts';
export type { Lease, Leases } from './leases.ts';
export { approximateLru } from './model/che.ts';
export {
  type CapacityGoal,
  type CapacityPlan,
  type CurvePoint,
  type MissRatioCurve,
  missRatioAt,
  planCapacity,
} from './model/curve.ts';
export { solveLru } from './model/king.ts';
export { ReuseSampler, type ReuseSamplerOptions } from './model/shards.ts';
export { adviseThreshold, type ThresholdAdvice } from './model/theta.ts';
export type {
  LoadContext,
  Loader,
  LoadOptions,
  LoadRules,
  Namespace,
  NamespaceOptions,
  Resolution,
  WriteOptions,
} from './namespace.ts';
export { checkFunction, checkInteger, checkKnown, checkMethods, invalidOption } from './options.ts';
export { type AdaptiveOptions, adaptive } from './policy/adaptive.ts';
export { admitAbove } from './policy/admit-above.ts';
export { arc } from './policy/arc.ts';
export { type GdsfOptions, gdsf, type Objective } from './policy/gdsf.ts';
export { lfu } from './policy/lfu.ts';
export { lirs } from './policy/lirs.ts';
export { lru } from './policy/lru.ts';
export { type HashOf, NO_SLOT, type Policy, type PolicyFactory, type Slot } from './policy/policy.ts';
export { prefixChains } from './policy/prefix-chains.ts';
export { s3Fifo } from './policy/s3-fifo.ts';
export { sieve } from './policy/sieve.ts';
export { type WTinyLfuOptions, wTinyLfu } from './policy/w-tiny-lfu.ts';
export { type AssociateOptions, associate } from './predict/associate.ts';
export { type MarkovOptions, markov } from './predict/markov.ts';
export type { BoundedPredictor, Prediction, Predictor } from './predict/predictor.ts';
export { type SequenceOptions, sequence } from './predict/sequence.ts';
export type { PrefetchBudget } from './prefetch-budget.ts';
export { type Prefetcher, type PrefetcherOptions, type PrefetcherStats, prefetcher } from './prefetcher.ts';
export { sizeOf } from './size-of.ts';
export type {
  Departure,
  LocalStats,
  LocalStore,
  RemoteCapabilities,
  RemoteStore,
  RemoteWrite,
  Space,
} from './store.ts';
export { type Duration, parseDuration, parseSize, type Size } from './units.ts';
