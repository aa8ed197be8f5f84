import { type Cache, createCache, type Namespace } from '@kvasir/core';
import { memory } from '@kvasir/memory';
import { redis, redisBus } from '@kvasir/redis';
import type { Redis } from 'ioredis';
import { AccessWindow } from './access-window.ts';

/** Requests over which access probability is measured: a threshold of 1 % is ten of them. */
const WINDOW = 1_000;

/** The article's class, over memory alone or with Redis behind it. */
export class KVCache {
  readonly #cache: Cache;
  readonly #values: Namespace<unknown>;
  readonly #accesses = new AccessWindow(WINDOW);

  /** `client` stays the caller's to close. */
  constructor(client?: Redis) {
    this.#cache =
      client === undefined
        ? createCache({ tiers: [memory()], ttl: '1h' })
        : createCache({ tiers: [memory(), redis({ client })], bus: redisBus({ client }), ttl: '1h' });
    this.#values = this.#cache.namespace('kv');
  }

  async get(key: string): Promise<unknown> {
    this.#accesses.observe(key);
    return this.#values.get(key);
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.#values.set(key, value);
  }

  /** Whether `key` is worth caching: P(key) > threshold, P measured over the last 1,000 gets. What was stored there plays no part. */
  cacheKey(key: string, threshold: number): boolean {
    return this.probability(key) > threshold;
  }

  probability(key: string): number {
    return this.#accesses.probability(key);
  }

  async close(): Promise<void> {
    await this.#cache.close();
  }
}
