import { type CachedPool, type CachedPoolOptions, cachedPool } from '@kvasir/query';
import pg from 'pg';

export interface Shop {
  /** The cached pool under test. */
  readonly pool: pg.Pool & CachedPool;
  /** Another program: its writes are not seen. */
  readonly other: pg.Pool;
  /** Whether asking again is answered from cache. */
  isKept(query: string | pg.QueryConfig, values?: unknown[]): Promise<boolean>;
  /** Whether this one question is answered from cache. */
  isHit(query: string | pg.QueryConfig, values?: unknown[]): Promise<boolean>;
  close(): Promise<void>;
}

export function openShop(config: pg.PoolConfig, options: CachedPoolOptions = {}): Shop {
  const raw = new pg.Pool(config);
  const pool = cachedPool(raw, options);
  const other = new pg.Pool({ ...config, max: 3, statement_timeout: 10_000 });
  // A connection that the server ends while it lies in the pool is told there.
  for (const some of [raw, other]) some.on('error', () => {});
  const isHit = async (query: string | pg.QueryConfig, values?: unknown[]) => {
    const before = pool.cache.stats().hits;
    await pool.query(query, values);
    return pool.cache.stats().hits > before;
  };
  return {
    pool,
    other,
    isHit,
    isKept: async (query, values) => {
      await pool.query(query, values);
      return isHit(query, values);
    },
    close: async () => {
      await Promise.all([raw.end(), other.end()]);
      await pool.cache.close();
    },
  };
}
